"""Small ledgers: predictions at set times, with what came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ml_services import scoreboard
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.tenancy import company_in_force
from request_logs.identifiers import time_of, time_ordered
from request_logs.models import Outcome, Prediction
from tests.stored import made
from users.models import Company

START = datetime(2024, 1, 1, tzinfo=UTC)
HORIZON = 30
"""Days, as `horizon` sets it."""


def days(number: float) -> timedelta:
    return timedelta(days=number)


def predicted(company: Company, at: float, probability: float = 0.5, **values: Any) -> Prediction:
    """A prediction of churn, `at` days after START."""
    mark = time_ordered(int((START + days(at)).timestamp() * 1000) * 1_000_000)
    usual: dict[str, Any] = {
        "asker_kind": "key", "asker_id": 1, "predictor": "churn", "version": "v1", "input": {}, "latency_ms": 0.2,
        "version_company": company.pk, "output": {"probability": probability, "risk": "medium"},
        "created_at": time_of(mark),
    }  # fmt: skip
    row: Prediction = made(Prediction, company=company, id=mark, **usual | values)
    return row


def came(row: Prediction, value: Any, at: float, *, current: bool = True) -> Outcome:
    """What came of it, `at` days after START."""
    outcome: Outcome = made(
        Outcome, company=row.company, prediction=row, value=value, occurred_at=START + days(at), current=current,
        asker_kind="key", asker_id=1,
    )  # fmt: skip
    return outcome


def horizon(company: Company, length: int = HORIZON, predictor: str = "churn", **values: Any) -> None:
    made(PredictorSetting, company=company, predictor=predictor, horizon_days=length, **values)


def version(company: Company, name: str = "v1", predictor: str = "churn", **values: Any) -> ModelVersion:
    usual: dict[str, Any] = {"evidence": "full", "card": {}, "serving": True}
    row: ModelVersion = made(ModelVersion, company=company, predictor=predictor, version=name, **usual | values)
    return row


def board(company: Company, until: float, predictor: str = "churn", **more: Any) -> dict[str, Any]:
    with company_in_force(company.pk):
        return scoreboard.board(predictor, until=START + days(until), **more)


def only(found: dict[str, Any]) -> dict[str, Any]:
    """The one version of a board."""
    (one,) = found["versions"]
    return dict(one)
