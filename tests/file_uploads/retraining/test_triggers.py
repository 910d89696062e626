"""What sets a round off, each once, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from file_uploads.models import Watch
from file_uploads.retraining import loop, triggers
from file_uploads.retraining.triggers import due
from ml_services.models import DriftCheck, ModelVersion, PredictorSetting, RunState, TrainingRun
from platform_core.records.services import upsert
from platform_core.tenancy import company_in_force
from request_logs.models import Outcome, Prediction
from tests.file_uploads.retraining.conftest import Queued
from tests.platform_core.records.rows import customer
from tests.stored import changed, found, made
from users.models import Company

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MADE = NOW - timedelta(days=30)


@pytest.fixture
def served(alice: Company) -> Company:
    """A company whose version was made thirty days ago."""
    made(ModelVersion, company=alice, predictor="churn", version="v1", evidence="full", serving=True, created_at=MADE)
    return alice


def setting(company: Company, **retraining: Any) -> PredictorSetting:
    given = {"enabled": True, **retraining}
    made(PredictorSetting, company=company, predictor="churn", retraining=given)
    with company_in_force(company.pk):
        row: PredictorSetting = PredictorSetting.objects.select_related("company").get(predictor="churn")
    return row


def asked_by(row: PredictorSetting, now: datetime = NOW) -> str | None:
    with company_in_force(row.company_id):
        found = due(row, now)
    return found.name if found else None


def test_nothing_is_due_where_nothing_was_asked_for(served: Company) -> None:
    assert asked_by(setting(served)) is None


def test_what_is_off_is_never_due(served: Company) -> None:
    assert asked_by(setting(served, enabled=False, cron="0 3 * * *")) is None


def test_its_turn_comes_once_in_the_companys_time_zone(served: Company) -> None:
    changed(ModelVersion, {"version": "v1"}, created_at=datetime(2026, 11, 19, 9, tzinfo=UTC))
    row = setting(served, cron="0 21 * * *", min_days=0)
    row.company.time_zone = "Asia/Tokyo"  # where 21:00 is 12:00 UTC
    assert asked_by(row, datetime(2026, 11, 19, 11, 59, tzinfo=UTC)) is None
    assert asked_by(row, datetime(2026, 11, 19, 12, 1, tzinfo=UTC)) == "schedule"
    made(
        TrainingRun, company=served, predictor="churn", state=RunState.DONE, asked={"trigger": {}},
        created_at=datetime(2026, 11, 19, 12, 2, tzinfo=UTC), ended_at=datetime(2026, 11, 19, 12, 9, tzinfo=UTC),
    )  # fmt: skip
    assert asked_by(row, datetime(2026, 11, 20, 11, 59, tzinfo=UTC)) is None
    assert asked_by(row, datetime(2026, 11, 20, 12, 1, tzinfo=UTC)) == "schedule"


def checked(company: Company, verdict: str, at: datetime) -> None:
    made(
        DriftCheck, company=company, predictor="churn", version="v1", verdict=verdict, created_at=at,
        evidence={"reasons": ["Scores moved"]}, window_from=at, window_until=at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [(["drift"], "drift"), (["none", "drift"], "drift"), (["drift", "none"], None), (["note"], None),
     (["drift", "unknown"], "drift"), ([], None)],
)  # fmt: skip
def test_drift_counts_as_last_found(served: Company, verdicts: list[str], expected: str | None) -> None:
    row = setting(served, on_drift=True)
    for place, verdict in enumerate(verdicts):
        checked(served, verdict, NOW - timedelta(days=9 - place))
    assert asked_by(row) == expected


def test_drift_found_before_the_last_round_is_answered(served: Company) -> None:
    row = setting(served, on_drift=True, min_days=0)
    checked(served, "drift", MADE - timedelta(days=1))
    assert asked_by(row) is None


def reported(company: Company, count: int, *, predictor: str = "churn") -> None:
    for _ in range(count):
        prediction = made(
            Prediction, company=company, asker_kind="key", asker_id=1, predictor=predictor, version="v1", input={},
            output={}, latency_ms=1.0, created_at=NOW - timedelta(days=5),
        )  # fmt: skip
        made(
            Outcome, company=company, prediction=prediction, value=True, occurred_at=NOW, current=True,
            asker_kind="key", asker_id=1, created_at=NOW - timedelta(days=1),
        )  # fmt: skip


def test_enough_new_outcomes_of_this_predictor_and_company(served: Company, bob: Company) -> None:
    row = setting(served, new_outcomes=3)
    reported(served, 2)
    reported(served, 5, predictor="clv")
    reported(bob, 5)
    assert asked_by(row) is None
    reported(served, 1)
    assert asked_by(row) == "outcomes"


def test_enough_new_or_changed_records(served: Company, bob: Company) -> None:
    row, now = setting(served, on_new_rows=4), datetime.now(UTC) + timedelta(minutes=1)
    with company_in_force(bob.pk):
        upsert("customers", [customer(number) for number in range(9)], source="crm")
    with company_in_force(served.pk):
        upsert("customers", [customer(number) for number in range(3)], source="crm")
    assert asked_by(row, now) is None
    with company_in_force(served.pk):
        upsert("customers", [customer(1, at=9, plan="Pro")], source="crm")
    assert asked_by(row, now) == "rows"


def test_rounds_keep_their_distance_and_wait_for_each_other(served: Company) -> None:
    row = setting(served, cron="0 * * * *", min_days=7)
    run = made(
        TrainingRun, company=served, predictor="churn", state=RunState.DONE, asked={"trigger": {}},
        created_at=NOW - timedelta(days=6), ended_at=NOW - timedelta(days=6),
    )  # fmt: skip
    assert asked_by(row) is None
    changed(TrainingRun, {"pk": run.pk}, created_at=NOW - timedelta(days=8))
    assert asked_by(row) == "schedule"
    changed(TrainingRun, {"pk": run.pk}, ended_at=None, state=RunState.RUNNING)
    assert asked_by(row) is None


def test_the_loop_opens_each_round_once(served: Company, bob: Company, queued: Queued) -> None:
    setting(served, cron="0 3 * * *")
    setting(bob, enabled=False, cron="0 3 * * *")
    assert loop.run_due(NOW) == 1
    assert loop.run_due(NOW) == 0
    run = found(TrainingRun, predictor="churn")[0]
    assert (run.company_id, run.asked["trigger"]["name"]) == (served.pk, "schedule")
    assert run.asked["as_of"] == NOW.isoformat()
    assert [one["run_id"] for one in queued] == [run.pk]


def test_one_that_cannot_be_looked_at_stops_no_other(
    served: Company, bob: Company, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platform_core.errors import PlatformError

    setting(served, cron="0 3 * * *")
    made(PredictorSetting, company=bob, predictor="churn", retraining={"enabled": True, "cron": "0 3 * * *"})
    real = triggers.due

    def sometimes(row: PredictorSetting, now: datetime) -> Any:
        if row.company_id == served.pk:
            raise PlatformError("no luck")
        return real(row, now)

    monkeypatch.setattr(loop, "due", sometimes)
    made(ModelVersion, company=bob, predictor="churn", version="v1", evidence="full", serving=True, created_at=MADE)
    assert loop.run_due(NOW) == 1
    assert found(TrainingRun, predictor="churn")[0].company_id == bob.pk


def alerted(company: Company, at: datetime, *, still: bool = True) -> None:
    made(
        Watch, company=company, subject="outcomes", predictor="churn", version="v1", alerted=still, told_at=at,
        verdict={"reasons": ["Fewer left than was said"]},
    )  # fmt: skip


def test_an_alert_about_outcomes_counts_as_drift_while_it_stands(served: Company, bob: Company) -> None:
    row = setting(served, on_drift=True)
    alerted(bob, NOW - timedelta(days=1))
    assert asked_by(row) is None
    alerted(served, NOW - timedelta(days=1))
    with company_in_force(served.pk):
        found_now = due(row, NOW)
    assert found_now is not None
    assert (found_now.name, found_now.detail) == ("drift", "Fewer left than was said")
    changed(Watch, {"company": served}, alerted=False)
    assert asked_by(row) is None


def test_an_alert_before_the_last_round_is_answered(served: Company) -> None:
    row = setting(served, on_drift=True)
    alerted(served, MADE - timedelta(days=1))
    assert asked_by(row) is None
