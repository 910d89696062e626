"""A version with a known reference, and windows of the ledger drawn from the same or another world."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ml_services import artifacts
from ml_services.base import Field, Trained
from ml_services.encoding import Feature
from ml_services.models import ModelVersion
from ml_services.training_quantiles import training_quantiles
from platform_core.tenancy import company_in_force
from request_logs.identifiers import time_ordered
from request_logs.models import Outcome, Prediction
from tests.ml_services.fakes import Doubler
from tests.stored import made
from users.models import Company

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIELDS = (
    Field("tenure", "number", nullable=True, missing=("-1",)),
    Field("plan", "category", choices=("basic", "plus", "pro"), nullable=True),
    Field("member", "yes_no", choices=("no", "yes"), truthy="yes", nullable=True),
    Field("joined", "date", nullable=True),
    Field("email", "text", personal=True, nullable=True),
)
FEATURES = (
    Feature("tenure", "tenure", "number"),
    Feature("plan", "plan", "category", ("basic", "plus", "pro")),
    Feature("member", "member", "number"),
    Feature("joined (age in days)", "joined", "number"),
    Feature("email (characters)", "email", "number"),
)
LEARNED = 2_000
RATE = 0.3


def records(rows: int, seed: int, **other: Any) -> list[dict[str, Any]]:
    """Customers of the world that the version learned from; `other` values stand in every record."""
    rng = np.random.default_rng(seed)
    found = []
    for tenure, plan, member in zip(
        rng.normal(40, 10, rows), rng.choice(["basic", "plus", "pro"], rows, p=[0.5, 0.3, 0.2]), rng.random(rows),
        strict=True,
    ):  # fmt: skip
        one = {"tenure": tenure if rng.random() > 0.05 else None, "plan": str(plan), "member": bool(member < 0.4)}
        found.append({**one, "joined": "2024-03-01", **other})
    return found


def scores(rows: int, seed: int, *, lower: float = 2.0, upper: float = 4.7) -> list[float]:
    """Chances with the mean RATE, unless told otherwise."""
    return np.random.default_rng(seed).beta(lower, upper, rows).tolist()


def version(company: Company | None, *, name: str = "v1", kept: bool = True, **card: Any) -> ModelVersion:
    """A version of churn that serves, with its artifact."""
    table = records(LEARNED, 1)
    columns = [
        [np.nan if one["tenure"] is None else one["tenure"] for one in table],
        [FEATURES[1].levels.index(one["plan"]) for one in table],
        [float(one["member"]) for one in table],
        list(range(LEARNED)),
        [20.0] * LEARNED,
    ]
    target = np.arange(LEARNED) < RATE * LEARNED
    quantiles = training_quantiles(
        np.array(columns, dtype=np.float64).T, FEATURES, 1, np.array(scores(LEARNED, 2)),
        target=target.astype(np.float64), labels=("stays", "left"),
    )  # fmt: skip
    model = Doubler()
    model.fields = FIELDS  # type: ignore[assignment]
    trained = Trained(model, {"metrics": {}, **({"quantiles": quantiles} if kept else {})}, "full")
    company_id = company.pk if company else None
    artifacts.save(company_id=company_id, predictor="churn", version=name, trained=trained)
    row: ModelVersion = made(
        ModelVersion, company=company, predictor="churn", version=name, evidence="full", serving=True, card=card
    )
    return row


def fill(
    company: Company, inputs: Iterable[dict[str, Any]], said: Iterable[float], *, days_ago: float = 3.0, **values: Any
) -> list[Prediction]:
    """Predictions of one moment. `values`: of every row; `external_ids`: of each."""
    marks = values.pop("external_ids", None)
    at = NOW - timedelta(days=days_ago)
    usual: dict[str, Any] = {
        "company": company, "asker_kind": "key", "asker_id": 1, "predictor": "churn", "version": "v1",
        "version_company": company.pk, "latency_ms": 1.0, "created_at": at,
    }  # fmt: skip
    rows = [
        Prediction(
            **{**usual, **values}, id=time_ordered(int(at.timestamp() * 1e9) + 1_000_000 * k), input=one,
            output={"probability": chance, "risk": "low"}, external_id=marks[k] if marks else "",
        )
        for k, (one, chance) in enumerate(zip(inputs, said, strict=True))
    ]  # fmt: skip
    with company_in_force(company.pk):
        return Prediction.objects.bulk_create(rows)


def happened(company: Company, rows: Iterable[Prediction], values: Iterable[Any]) -> None:
    """The outcomes of predictions."""
    with company_in_force(company.pk):
        Outcome.objects.bulk_create(
            Outcome(
                company=company, prediction=row, value=value, occurred_at=NOW, current=True, asker_kind="key",
                asker_id=1,
            )
            for row, value in zip(rows, values, strict=True)
        )  # fmt: skip
