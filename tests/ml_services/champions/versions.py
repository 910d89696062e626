"""Versions of churn on small tables, for a company."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services import registry, services, training, tuning
from ml_services.base import TrainingOptions
from ml_services.boosting import LightGBM
from ml_services.models import ModelVersion
from tests.ml_services.synthetic import customers, data
from tests.stored import found
from users.models import Company

ROWS = 1_200


def rows(seed: int = 0, n: int = ROWS, **more: Any) -> dict[str, Any]:
    """Columns of customers whose ids are those of their seed alone."""
    columns: dict[str, Any] = customers(n, seed, **more)
    columns["customer_id"] = [f"{seed}-{one}" for one in columns["customer_id"]]
    return columns


def joined(*parts: dict[str, Any]) -> dict[str, Any]:
    """The rows of several tables, one below the other."""
    return {name: [value for part in parts for value in part[name]] for name in parts[0]}


def train(
    company: Company, columns: dict[str, Any], *, promote_it: bool | None = None, by_person: bool = True, **options: Any
) -> ModelVersion:
    """A training as a person asks for it."""
    asked = {"target": "left", "id_column": "customer_id", "budget_s": 8.0, **options}
    row = services.train_version(
        predictor=registry.predictor("churn"), company_id=company.pk, data=data(columns),
        options=TrainingOptions(**asked), promote_it=promote_it, by_person=by_person,
    )[0]  # fmt: skip
    return found(ModelVersion, pk=row.pk)[0]


def few_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is planned, of one family, so that a training takes a part of a second."""
    monkeypatch.setattr(tuning, "TUNING_SHARE", 0.01)
    monkeypatch.setattr(training, "available_families", lambda prepared: [LightGBM()])
