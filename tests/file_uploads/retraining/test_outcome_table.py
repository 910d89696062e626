"""What has come true as a table: closed horizons only, one row of each, nothing personal, told as what serves tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from file_uploads.retraining.outcome_table import FEWEST, outcome_table
from ml_services import registry
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.errors import TrainingRefused
from platform_core.tenancy import company_in_force
from request_logs.identifiers import time_ordered
from request_logs.models import Outcome, Prediction
from tests.stored import made
from users.models import Company

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = 120.0
"""Days: older than the usual horizon of ninety."""


def predicted(company: Company, number: int, *, days_ago: float = OLD, external_id: str = "", **more: Any) -> Any:
    at = NOW - timedelta(days=days_ago)
    usual = {"asker_kind": "key", "asker_id": 1, "version": "v1", "output": {}, "latency_ms": 1.0, "created_at": at}
    usual["input"] = {"tenure": number, "plan": "Pro", "member": bool(number % 2)}
    mark = time_ordered(int(at.timestamp() * 1e9) + 1_000_000 * number)
    values: dict[str, Any] = {**usual, "predictor": "churn", **more}
    return made(Prediction, company=company, id=mark, external_id=external_id, **values)


def came(row: Any, value: Any, *, after: float = 30.0, known: float | None = None) -> None:
    """An outcome so many days after the prediction, known as soon (or `known` days after)."""
    made(
        Outcome, company_id=row.company_id, prediction=row, value=value, current=True, asker_kind="key", asker_id=1,
        occurred_at=row.created_at + timedelta(days=after),
        created_at=row.created_at + timedelta(days=after if known is None else known),
    )  # fmt: skip


def several(company: Company, values: Iterable[Any], **more: Any) -> list[Any]:
    rows = []
    for number, value in enumerate(values):
        rows.append(predicted(company, number, **more))
        came(rows[-1], value)
    return rows


def table_of(company: Company, predictor: str = "churn", until: datetime = NOW) -> tuple[Any, dict[str, Any]]:
    with company_in_force(company.pk):
        data, options = outcome_table(registry.predictor(predictor), until=until)
    return data, options


def test_inputs_stand_beside_what_came(alice: Company) -> None:
    several(alice, [number % 3 == 0 for number in range(FEWEST)])
    data, options = table_of(alice)
    assert options == {
        "target": "churned", "id_column": "prediction_of", "time_column": "predicted_at", "positive": "yes"
    }  # fmt: skip
    first = data.table.slice(0, 2).to_pylist()
    assert [(one["tenure"], one["plan"], one["member"], one["churned"]) for one in first] == [
        (0.0, "Pro", "no", "yes"), (1.0, "Pro", "yes", "no")
    ]  # fmt: skip


def test_too_few_are_told_with_how_many_there_are(alice: Company, bob: Company) -> None:
    several(alice, [True] * (FEWEST - 1))
    several(bob, [True] * FEWEST)
    with pytest.raises(TrainingRefused, match="39 predictions of churn have a known outcome and are older than"):
        table_of(alice)


def test_early_outcomes_do_not_count_before_the_horizon_has_closed(alice: Company) -> None:
    """Who left within a month is known at once, who stayed is not: the newest would all have left."""
    several(alice, [number % 2 == 0 for number in range(FEWEST)])
    several(alice, [True] * 20, days_ago=60)
    assert table_of(alice)[0].table.num_rows == FEWEST
    made(PredictorSetting, company=alice, predictor="churn", horizon_days=30)
    assert table_of(alice)[0].table.num_rows == FEWEST + 20


def test_a_yes_after_the_horizon_did_not_happen_within_it(alice: Company) -> None:
    several(alice, [False] * FEWEST)
    late, soon = predicted(alice, 50), predicted(alice, 51)
    came(late, True, after=100)
    came(soon, True, after=80)
    rows = {one["tenure"]: one["churned"] for one in table_of(alice)[0].table.to_pylist()}
    assert (rows[50.0], rows[51.0]) == ("no", "yes")


def test_one_row_of_each_external_id_the_latest(alice: Company) -> None:
    several(alice, [False] * FEWEST)
    for place, days in enumerate((140, 130, 120)):
        came(predicted(alice, 90 + place, days_ago=days, external_id="ann"), False)
    marks = [one for one in table_of(alice)[0].table.to_pylist() if one["prediction_of"] == "ann"]
    assert [one["tenure"] for one in marks] == [92.0]


def test_personal_digests_and_erased_records_are_left_out(alice: Company) -> None:
    several(alice, [False] * FEWEST)
    came(predicted(alice, 60, input={"email": {"redacted": "a1b2"}, "tenure": 60}, redacted=["email"]), True)
    came(predicted(alice, 61, input={}, redacted=["*"]), True)
    table = table_of(alice)[0].table
    assert table.num_rows == FEWEST + 1
    assert set(table.column("email").to_pylist()) == {None}
    assert "a1b2" not in str(table.to_pydict())


def test_what_was_known_on_a_day_is_known_of_that_day_for_good(alice: Company) -> None:
    rows = several(alice, [False] * FEWEST)
    before = table_of(alice)[0]
    with company_in_force(alice.pk):  # contradicted a day after NOW
        Outcome.objects.filter(prediction=rows[0]).update(current=False)
    came(rows[0], True, after=40, known=121)
    assert table_of(alice)[0].sha256 == before.sha256
    later = table_of(alice, until=NOW + timedelta(days=2))[0]
    assert later.table.column("churned").to_pylist().count("yes") == 1


def test_silence_is_a_no_where_the_company_says_so(alice: Company) -> None:
    several(alice, [True] * 10)
    for number in range(100, 100 + FEWEST):
        predicted(alice, number)
    predicted(alice, 200, days_ago=10)  # nothing can be said of it yet
    with pytest.raises(TrainingRefused):
        table_of(alice)
    made(PredictorSetting, company=alice, predictor="churn", silence_means_no=True)
    told = table_of(alice)[0].table.column("churned").to_pylist()
    assert (told.count("yes"), told.count("no")) == (10, FEWEST)


def test_the_table_has_the_target_the_ids_and_the_spellings_of_what_serves(alice: Company) -> None:
    card = {
        "target": {"name": "Churn", "task": "binary", "labels": ["0", "1"]}, "horizon_days": 20,
        "columns": [{"name": "customerID", "kind": "id", "used": False, "reason": "the id column given"}],
    }  # fmt: skip
    made(ModelVersion, company=alice, predictor="churn", version="v1", evidence="full", serving=True, card=card)
    for number in range(FEWEST):
        row = predicted(
            alice, number, days_ago=21, external_id=f"c{number}", input={"customerID": f"c{number}", "x": 1}
        )
        came(row, number % 2 == 0, after=3)
    data, options = table_of(alice)
    assert (options["target"], options["id_column"], options["positive"]) == ("Churn", "customerID", "1")
    assert set(data.table.column("Churn").to_pylist()) == {"0", "1"}
    assert data.table.column("customerID").to_pylist()[0] == "c0"
    assert "prediction_of" not in data.table.column_names


def test_classes_keep_their_names_and_amounts_their_numbers(alice: Company) -> None:
    for number in range(FEWEST):
        came(predicted(alice, number, predictor="plan-tier", days_ago=5), ("Basic", "Pro")[number % 2], after=2)
        came(predicted(alice, number, predictor="clv", days_ago=400), 10.5 * number, after=365)
    classes, options = table_of(alice, "plan-tier")
    assert set(classes.table.column(options["target"]).to_pylist()) == {"Basic", "Pro"}
    assert "positive" not in options
    amounts, options = table_of(alice, "clv")
    assert amounts.table.column(options["target"]).to_pylist()[:3] == [0.0, 10.5, 21.0]


def test_what_learns_from_files_alone_says_so(alice: Company) -> None:
    with pytest.raises(TrainingRefused, match="train it from a file"):
        table_of(alice, "segment")
