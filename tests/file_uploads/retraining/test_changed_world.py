"""After drift a round learns from the newer rows, and from as few older ones as it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from file_uploads.models import Watch
from file_uploads.retraining.changed_world import drifted_since, narrowed
from ml_services.base import TrainingData
from ml_services.models import DriftCheck, PredictorSetting
from platform_core.tenancy import company_in_force
from tests.stored import made
from users.models import Company

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = {"target": "left", "time_column": "at"}


def at(month: int) -> datetime:
    return FIRST + timedelta(days=30 * month)


def table(months: int, rarer: int, *, amounts: bool = False) -> TrainingData:
    """Of each month 100 rows, so many of them "yes"."""
    times, answers = [], []
    for month in range(months):
        times += [at(month).isoformat()] * 100
        answers += [5.0 if amounts else "yes"] * rarer + [0.0 if amounts else "no"] * (100 - rarer)
    return TrainingData(pa.table({"at": times, "left": answers}), "records", "digest")


def months_of(data: TrainingData) -> list[int]:
    found = {datetime.fromisoformat(one) for one in data.table.column("at").to_pylist()}
    return sorted((one - FIRST).days // 30 for one in found)


@pytest.mark.parametrize("amounts", [False, True])
def test_rows_from_before_are_left_out_and_it_is_told(amounts: bool) -> None:
    kept = narrowed(table(12, 50, amounts=amounts), OPTIONS, at(6))
    assert months_of(kept) == [6, 7, 8, 9, 10, 11]
    assert "600 rows from before 2026-06-30 are left out" in kept.notes[-1]
    assert kept.sha256 != "digest"


def test_as_many_older_rows_stay_as_the_rarer_class_needs() -> None:
    assert months_of(narrowed(table(12, 30), OPTIONS, at(11))) == [8, 9, 10, 11]
    assert months_of(narrowed(table(12, 1), OPTIONS, at(11))) == list(range(12))


def test_where_there_is_no_time_to_tell_by_all_rows_stay() -> None:
    data = table(12, 50)
    assert narrowed(data, {"target": "left", "time_column": ""}, at(6)) is data
    assert narrowed(data, OPTIONS, at(0)) is data


def test_rows_whose_time_is_unknown_are_the_oldest() -> None:
    data = table(3, 60)
    rows = data.table.to_pylist()
    rows[0]["at"], rows[1]["at"] = None, "some day"
    kept = narrowed(TrainingData(pa.Table.from_pylist(rows), "records", "digest"), OPTIONS, at(0))
    assert kept.table.num_rows == 298


def checked(company: Company, version: str, verdict: str, month: int) -> None:
    made(
        DriftCheck, company=company, predictor="churn", version=version, verdict=verdict, evidence={},
        window_from=at(month), window_until=at(month + 1),
    )  # fmt: skip


def test_drift_began_where_it_was_first_found_of_the_version_last_found_to_drift(alice: Company, bob: Company) -> None:
    with company_in_force(alice.pk):
        assert drifted_since("churn", until=at(20)) is None
        for month, verdict in enumerate(["none", "drift", "note"]):
            checked(alice, "v1", verdict, month)
        for month, verdict in enumerate(["none", "none", "drift", "unknown", "drift"], start=5):
            checked(alice, "v2", verdict, month)
        checked(alice, "v3", "none", 11)
        checked(bob, "v9", "drift", 15)
        assert drifted_since("churn", until=at(20)) == at(7)
        assert drifted_since("churn", until=at(6)) == at(1)
        assert drifted_since("clv", until=at(20)) is None


def test_outcomes_that_were_alerted_about_date_the_change_too(alice: Company, bob: Company) -> None:
    made(PredictorSetting, company=alice, predictor="churn", horizon_days=30)
    made(Watch, company=bob, subject="outcomes", predictor="churn", told_at=at(9))
    with company_in_force(alice.pk):
        assert drifted_since("churn", until=at(20)) is None
        made(Watch, company=alice, subject="outcomes", predictor="churn", told_at=at(10))
        assert drifted_since("churn", until=at(20)) == at(8)
        assert drifted_since("churn", until=at(9)) is None
        checked(alice, "v1", "drift", 9)
        assert drifted_since("churn", until=at(20)) == at(9)
