"""The plan of money and capacity for a company's own records: what is asked, whose probabilities, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from ml_services import registry, selectors
from ml_services.decisions import capacity, judged_rows, predictor_settings
from ml_services.decisions.setting_rules import MONEY_FIELDS, MOST_ACTIONS, MOST_DAYS, money
from platform_core.errors import FieldProblem, InputInvalid, RecordInvalid
from platform_core.tenancy import current_company
from request_logs.identifiers import first_at
from request_logs.models import Prediction
from users.input_fields import Rule, Wrong, or_null, read, whole
from users.models import Company

USUAL_DAYS = 30
MOST_RECORDS = 200_000
"""Predictions of the ledger that are looked at, the latest first."""


def _upload(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise Wrong("invalid", "must be the id of an upload") from None


RULES: dict[str, Rule] = {
    "value_per_win": money,
    "cost_per_action": money,
    "capacity": or_null(whole(0, MOST_ACTIONS)),
    "upload": or_null(_upload),
    "days": whole(1, MOST_DAYS),
}


def asked_of(predictor: str, given: Any) -> dict[str, Any]:
    """What is asked: the fields given, the company's settings for the others. Raises NotFound; InputInvalid for a
    predictor that answers no yes or no; RecordInvalid naming each field that is wrong, or said nowhere."""
    known = registry.predictor(predictor)
    if known.task != "binary":
        yes_no = ", ".join(name for name, one in registry.all_predictors().items() if one.task == "binary")
        raise InputInvalid(
            f"{predictor} gives no probability of a yes, so there is nobody to choose by it. There are: {yes_no}.",
            attr="predictor",
        )
    asked = {"upload": None, "days": USUAL_DAYS, **read(given, RULES)}
    setting = predictor_settings.of(predictor)
    for name in MONEY_FIELDS:
        asked.setdefault(name, getattr(setting, name))
    missing = [
        FieldProblem(name, "required", f"{name} is required: send it, or set it once for this predictor.")
        for name in ("value_per_win", "cost_per_action")
        if asked[name] is None
    ]
    if missing:
        raise RecordInvalid(missing)
    return asked


def planned(predictor: str, asked: dict[str, Any], probabilities: Sequence[float], source: str) -> dict[str, Any]:
    """The plan for these probabilities. Raises InputInvalid where there are none."""
    if not len(probabilities):
        raise InputInvalid(f"There are no probabilities of {predictor} in {source}. Predict some records first.")
    row = selectors.serving_version(predictor)
    given = {name: asked[name] for name in MONEY_FIELDS}
    found = capacity.plan(probabilities, **given, judged=judged_rows.of(row) if row else None)
    currency = Company.objects.values_list("currency", flat=True).get(pk=current_company())
    amounts = {name: None if given[name] is None else f"{given[name]}" for name in MONEY_FIELDS[:2]}
    return {"predictor": predictor, "source": source, "currency": currency, **amounts,
            "capacity": given["capacity"], **found}  # fmt: skip


def latest(predictor: str, days: int) -> list[float]:
    """The latest probability of each record of the ledger, not older than so many days. Predictions without an
    `external_id` are each a record of their own."""
    rows = Prediction.objects.filter(predictor=predictor, id__gte=first_at(timezone.now() - timedelta(days=days)))
    seen: set[str] = set()
    found = []
    for mark, said in rows.order_by("-id").values_list("external_id", "output__probability")[:MOST_RECORDS]:
        if mark in seen or not isinstance(said, int | float):
            continue
        if mark:
            seen.add(mark)
        found.append(float(said))
    return found


def of_judged(predictor: str) -> dict[str, Any] | None:
    """The plan for the rows that the serving version was judged on, by the company's settings; None where one of both
    is lacking."""
    row, setting = selectors.serving_version(predictor), predictor_settings.of(predictor)
    judged = judged_rows.of(row) if row else None
    if judged is None or setting.value_per_win is None or setting.cost_per_action is None:
        return None
    asked = {name: getattr(setting, name) for name in MONEY_FIELDS}
    return planned(predictor, asked, judged.said.tolist(), "the rows held out")


__all__ = ["asked_of", "latest", "of_judged", "planned"]
