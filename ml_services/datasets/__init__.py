"""Frames as of a date: what a company's records allow to be learned on a day, and the rows to score on it.

`as_of` is the day of the training. Nothing that happened after it enters, neither as feature nor as label: of
customers the cut-offs lie at least a horizon before it, of leads those are taken whose horizon has closed. Each row's
features are what was known at its own cut-off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ml_services.base import TrainingData
from platform_core.errors import InputInvalid

if TYPE_CHECKING:
    import pyarrow as pa

HORIZONS: Mapping[str, int] = {"churn": 90, "clv": 365, "lead-score": 90, "plan-tier": 90}
"""The predictors that learn from records, and how many days they look ahead where nothing else is said."""
LONGEST_HORIZON_DAYS = 3650
SOURCE = "records"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table to learn from. `notes`: what was left out or cannot be known; `sha256`: of its rows in their order, so
    that the same records give the same; `settings`: what the training needs to know of it; `facts`: what the card says
    of it."""

    table: pa.Table
    target: str
    id_column: str
    time_column: str
    positive: str
    notes: tuple[str, ...]
    sha256: str
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """The options of a training on it."""
        columns = {"id_column": self.id_column, "time_column": self.time_column}
        return {"target": self.target, "positive": self.positive, **columns}


def frame(name: str, *, as_of: datetime, horizon_days: int | None = None) -> Dataset:
    """What the company in force can learn of a predictor on that day. Raises InputInvalid where the predictor learns
    from no records, and TrainingRefused with what is missing."""
    from ml_services.datasets.frames import build

    return build(name, as_of, horizon_of(name, horizon_days))


def scoring_rows(name: str, *, as_of: datetime) -> pa.Table:
    """The same columns of all who can be scored on that day, without a target: customers that are there, leads that are
    open."""
    from ml_services.datasets.frames import to_score

    horizon_of(name, None)
    return to_score(name, as_of)


def as_training_data(dataset: Dataset) -> TrainingData:
    """The dataset as a training takes it."""
    return TrainingData(dataset.table, dataset.name, dataset.sha256, dataset.notes, dataset.facts)


def horizon_of(name: str, given: int | None) -> int:
    """How far a predictor looks ahead: as given, else as the company has set, else the usual. Raises InputInvalid."""
    from ml_services.models import PredictorSetting

    if name not in HORIZONS:
        known = ", ".join(HORIZONS)
        raise InputInvalid(f"{name} does not learn from records; these do: {known}. Train it from a file.")
    if given is None:
        own = PredictorSetting.objects.filter(predictor=name).first()
        given = own.horizon_days if own and own.horizon_days else HORIZONS[name]
    if not 1 <= given <= LONGEST_HORIZON_DAYS:
        raise InputInvalid(f"horizon_days must be from 1 to {LONGEST_HORIZON_DAYS:,}.", attr="horizon_days")
    return given


__all__ = [
    "HORIZONS",
    "LONGEST_HORIZON_DAYS",
    "SOURCE",
    "Dataset",
    "as_training_data",
    "frame",
    "horizon_of",
    "scoring_rows",
]
