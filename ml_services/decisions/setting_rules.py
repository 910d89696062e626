"""What each setting of a predictor may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ml_services.base import Banded, Predictor
from ml_services.presentation import are_cuts
from users.input_fields import Rule, Wrong, cron, flag, line, listed, nested, or_null, whole

LEAST_DAYS, MOST_DAYS = 1, 3650
MOST_ACTIONS = 10_000_000
LISTED_MOVERS, MOST_MOVERS = 100, 5_000
"""Records that are named, and looked at, where it is asked who moves."""
MOST_CHANGEABLE, LONGEST_FIELD, LONGEST_VERSION = 500, 500, 40
MONEY = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"
CENT = Decimal("0.01")
RETRAINING: dict[str, Any] = {
    "enabled": False, "cron": "", "new_outcomes": None, "on_drift": False, "on_new_rows": None, "min_days": 7,
}  # fmt: skip
"""What counts where nothing was said; a week lies between two trainings at least."""
RELEARNING = frozenset({"binary", "classes", "value", "polarity"})
"""Tasks of predictors that can learn from outcomes; the others learn from files alone."""
MONEY_FIELDS = ("value_per_win", "cost_per_action", "capacity")


def money(value: Any) -> str:
    """An amount, in the company's currency, as a decimal text; a number of at most two decimals is taken too."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong("wrong_type", 'must be an amount: "350.00"')
    text = value if isinstance(value, str) else repr(value).removesuffix(".0")
    if not re.fullmatch(MONEY, text, re.ASCII):
        raise Wrong("invalid", "must be an amount from 0, of up to twelve digits, with up to two behind the point")
    return str(Decimal(text).quantize(CENT))


def share(value: Any) -> float:
    """A number from 0 to 1."""
    number = _number(value)
    if not 0 <= number <= 1:
        raise Wrong("out_of_range", "must be from 0 to 1")
    return number


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("wrong_type", "must be a number")
    if not math.isfinite(value):
        raise Wrong("invalid", "must be a finite number")
    return float(value)


def cuts_of(banded: Banded | None) -> Rule:
    """As many cuts as part the predictor's bands."""

    def rule(value: Any) -> list[float]:
        if banded is None:
            raise Wrong("unknown", "is for predictors with grades or risks: lead-score and churn")
        wanted = len(banded.names) - 1
        cuts: list[float] = listed(_number, most=20)(value)
        if len(cuts) != wanted or not are_cuts(cuts):
            between = f"{wanted} numbers that ascend between 0 and 1 (neither included)"
            raise Wrong("invalid", f"must be {between}: they part {', '.join(banded.names)}")
        return cuts

    return rule


def changeable_of(fields: Callable[[], frozenset[str]]) -> Rule:
    """Names of fields of the serving version, each once."""

    def rule(value: Any) -> list[str]:
        names: list[str] = listed(line(LONGEST_FIELD), most=MOST_CHANGEABLE)(value)
        known = fields()
        for place, name in enumerate(names):
            if name not in known:
                raise Wrong("not_a_choice", "is no field of the version that serves", str(place))
        return list(dict.fromkeys(names))

    return rule


def _for_yes_no(predictor: Predictor, rule: Rule) -> Rule:
    def checked(value: Any) -> Any:
        if predictor.task != "binary" and value is not None:
            raise Wrong("unknown", "is for predictors that answer yes or no with a probability")
        return rule(value)

    return checked


_retraining = nested(
    {
        "enabled": flag,
        "cron": lambda value: "" if value == "" else cron(value),
        "new_outcomes": or_null(whole(1, MOST_ACTIONS)),
        "on_drift": flag,
        "on_new_rows": or_null(whole(1, MOST_ACTIONS)),
        "min_days": whole(0, MOST_DAYS),
    }
)


def _retraining_of(predictor: Predictor) -> Rule:
    def rule(value: Any) -> Any:
        found = _retraining(value)
        if found.get("enabled") and predictor.task not in RELEARNING:
            raise Wrong("unknown", "is for predictors that learn from records or outcomes", "enabled")
        return found

    return rule


def rules(predictor: Predictor, fields: Callable[[], frozenset[str]]) -> dict[str, Rule]:
    """The rule of each setting; `fields`: the names of the serving version's, asked for when they are needed."""
    return {
        "cuts": cuts_of(predictor.banded),
        "horizon_days": or_null(whole(LEAST_DAYS, MOST_DAYS)),
        "changeable": changeable_of(fields),
        "value_per_win": _for_yes_no(predictor, or_null(money)),
        "cost_per_action": _for_yes_no(predictor, or_null(money)),
        "capacity": _for_yes_no(predictor, or_null(whole(0, MOST_ACTIONS))),
        "shadow_version": line(LONGEST_VERSION, blank=True),
        "shadow_share": share,
        "silence_means_no": _for_yes_no(predictor, flag),
        "retraining": _retraining_of(predictor),
    }


__all__ = [
    "LISTED_MOVERS",
    "LONGEST_FIELD",
    "LONGEST_VERSION",
    "MONEY",
    "MONEY_FIELDS",
    "MOST_ACTIONS",
    "MOST_CHANGEABLE",
    "MOST_DAYS",
    "MOST_MOVERS",
    "RELEARNING",
    "RETRAINING",
    "money",
    "rules",
    "share",
]  # fmt: skip
