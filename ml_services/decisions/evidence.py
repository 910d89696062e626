"""What each band of the serving version holds: on the rows that the version was judged on, and in what has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ml_services import registry, selectors, serving
from ml_services.base import Banded
from ml_services.card import rounded
from ml_services.decisions import band_table, bands, intervals, judged_rows, predictor_settings
from ml_services.models import ModelVersion
from platform_core.errors import InputInvalid, NotFound
from platform_core.tenancy import current_company
from request_logs.models import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MOST_OUTCOMES = 100_000
"""The latest are looked at."""
MEANING = (
    "expected: the mean probability said in the band. observed: how often it came. low to high: where the true rate "
    "lies with 95 % credibility (a beta distribution around what was said and seen). foreseen_low to foreseen_high: "
    "between which shares this many fresh rows were to be expected with 95 %, before they came."
)


def banded_of(predictor: str) -> Banded:
    """The predictor's bands. Raises NotFound, InputInvalid where it has none."""
    banded = registry.predictor(predictor).banded
    if banded is None:
        with_bands = ", ".join(name for name, one in registry.all_predictors().items() if one.banded)
        raise InputInvalid(
            f"{predictor} puts nothing into bands. Predictors with bands: {with_bands}.", attr="predictor"
        )
    return banded


def table(predictor: str, most: int = MOST_OUTCOMES) -> dict[str, Any]:
    """The bands of what serves the company in force, with its newest `most` outcomes. Raises NotFound, InputInvalid,
    NoModel."""
    banded = banded_of(predictor)
    slot = serving.find(current_company(), predictor)
    row = selectors.serving_version(predictor)
    if row is None or slot.model.cuts is None:
        raise NotFound(f"What serves {predictor} has no bands yet. Train a version of your own.")
    own = row.company_id is not None
    known = bands.entries(current_company(), predictor) if own else []
    cuts = bands.last(known) or slot.model.cuts
    return {
        "predictor": predictor,
        "version": row.version,
        "evidence": row.evidence,
        "output": banded.output,
        "cuts": list(cuts),
        "since": known[-1]["since"] if known else None,
        "changes": list(known),
        "level": intervals.LEVEL,
        "judged_on": _judged_on(row),
        "meaning": MEANING,
        "bands": _lines(banded, cuts, row, most),
    }


def _judged_on(row: ModelVersion) -> str | None:
    holdout = row.card.get("holdout") or {}
    if not holdout:
        return None
    return "rows held out" if holdout.get("rows") else "rows out of fold"


def _lines(banded: Banded, cuts: Sequence[float], row: ModelVersion, most: int) -> list[dict[str, Any]]:
    judged = judged_rows.of(row)
    held: Sequence[Mapping[str, Any] | None]
    if judged is not None:
        held = band_table.rates(judged.truth, judged.said, cuts, judged.weight)
    else:
        card = row.card.get("bands") or []
        same = [one["to"] for one in card[:-1]] == list(rounded(cuts))
        held = card if same else [None] * (len(cuts) + 1)
    happened, weight = _happened(row, cuts, most), intervals.WEIGHTS.get(row.evidence, 1.0)
    return [
        {**line, "judged": _facts(one), "outcomes": {**_facts(seen), **_foreseen(one, seen, weight)}}
        for line, one, seen in zip(band_table.ranges(banded, cuts), held, happened, strict=True)
    ]


FACTS = ("rows", "share", "wins", "expected", "observed", "low", "high")


def _facts(one: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if not one else dict(rounded({name: one.get(name) for name in FACTS}))


def _foreseen(judged: Mapping[str, Any] | None, seen: Mapping[str, Any] | None, weight: float) -> dict[str, Any]:
    """What was to be expected of so many outcomes of the band, and whether that is what came."""
    if seen is None:
        return {}
    if not judged or not judged["rows"] or not seen["rows"]:
        return {"foreseen_low": None, "foreseen_high": None, "as_foreseen": None}
    rows = weight * judged["rows"]
    low, high = intervals.of_fresh(judged["observed"] * rows, rows, judged["expected"], seen["rows"])
    return {
        "foreseen_low": low, "foreseen_high": high, "as_foreseen": low - 1e-9 <= seen["observed"] <= high + 1e-9,
    }  # fmt: skip


def _happened(row: ModelVersion, cuts: Sequence[float], most: int) -> list[dict[str, Any] | None]:
    truth, said = outcomes_of(row, most)
    if not len(said):
        return [None] * (len(cuts) + 1)
    return [*band_table.rates(truth, said, cuts)]


def outcomes_of(row: ModelVersion, most: int = MOST_OUTCOMES) -> tuple[Floats, Floats]:
    """What came of the version's predictions for the company in force, and what was said: both (n,). Where the company
    named its horizon, only of predictions older than it: those who leave are known before those who stay."""
    import numpy as np

    rows = Outcome.objects.filter(
        current=True,
        prediction__predictor=row.predictor,
        prediction__version=row.version,
        prediction__version_company=row.company_id,
        **_closed(row.predictor),
    )
    pairs = rows.order_by("-id").values_list("value", "prediction__output__probability")[:most]
    known = [(value, said) for value, said in pairs if isinstance(value, bool) and isinstance(said, int | float)]
    truth, said = np.array(known, dtype=np.float64).reshape(-1, 2).T
    return truth, said


def _closed(predictor: str, now: datetime | None = None) -> dict[str, Any]:
    days = predictor_settings.of(predictor).horizon_days
    return {"prediction__created_at__lte": (now or timezone.now()) - timedelta(days=days)} if days else {}


__all__ = ["banded_of", "outcomes_of", "table"]
