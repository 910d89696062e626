"""A training of a company that has a version: on which rows both are judged, and who serves then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml_services import artifacts
from ml_services.champions.rows import HELD, LEARNED, KnownRows
from ml_services.models import ModelVersion
from tests.ml_services.champions.versions import few_settings, joined, rows, train
from tests.ml_services.synthetic import data
from users.models import Company


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few_settings(monkeypatch)


def told(row: ModelVersion) -> dict[str, Any]:
    assert row.comparison is not None
    assert row.card["comparison"] == row.comparison
    return row.comparison  # type: ignore[no-any-return]


def test_the_first_version_serves_and_says_so(alice: Company) -> None:
    row = train(alice, rows())
    assert (row.serving, told(row)["verdict"], told(row)["against"]) == (True, "first", None)


def test_what_is_kept_tells_learned_rows_from_the_hold_out(alice: Company) -> None:
    row = train(alice, rows())
    kept, has_proof = artifacts.rows(company_id=alice.pk, predictor="churn", version=row.version)
    assert kept is not None
    marks = KnownRows.from_bytes(kept).marks(data(rows()).table)
    assert has_proof
    assert (int((marks == HELD).sum()), int((marks == LEARNED).sum())) == (row.card["holdout"]["rows"], 960)


def test_the_same_file_is_judged_on_the_same_hold_out_and_is_equal(alice: Company) -> None:
    first = train(alice, rows())
    again = train(alice, rows())
    found = told(again)
    assert (found["verdict"], found["on"], found["rows"]) == ("equal", "locked hold-out", 240)
    assert found["difference"] == pytest.approx(0.0, abs=1e-12)
    assert found["against"] == first.version
    assert again.card["metrics"] == first.card["metrics"]
    assert again.serving


def test_another_seed_is_still_judged_on_what_neither_has_seen(alice: Company) -> None:
    train(alice, rows())
    found = told(train(alice, rows(), seed=7))
    assert found["rows"] == 240
    assert "development" in found["way"]


def test_new_rows_judge_the_model_that_serves(alice: Company) -> None:
    train(alice, rows())
    found = told(train(alice, joined(rows(), rows(1))))
    assert "not learned from" in found["way"]
    assert 100 < found["rows"] <= 600
    assert found["verdict"] in ("equal", "better")


def test_a_worse_one_is_kept_and_does_not_serve(alice: Company, bob: Company) -> None:
    train(alice, rows())
    mixed_up = rows()
    mixed_up["left"] = np.random.default_rng(5).permutation(mixed_up["left"]).tolist()
    row = train(alice, joined(mixed_up, rows(1, n=600)))
    assert told(row)["verdict"] == "worse"
    assert not row.serving
    assert "does not serve" in told(row)["reason"]
    assert told(train(bob, mixed_up))["verdict"] == "first"


def test_by_command_a_worse_one_serves_all_the_same(alice: Company) -> None:
    train(alice, rows())
    row = train(alice, rows(1, strength=0.0), promote_it=True)
    assert row.serving


def test_a_target_turned_round_is_refused_with_that_reason(alice: Company) -> None:
    train(alice, rows())
    turned = joined(rows(), rows(1))
    turned["left"] = ["no" if one == "yes" else "yes" for one in turned["left"]]
    row = train(alice, turned)
    assert not row.serving
    assert "turned round" in told(row)["reason"]


@pytest.mark.parametrize("by_person", [True, False])
def test_a_vanished_column_is_for_a_person_to_decide(alice: Company, by_person: bool) -> None:
    train(alice, rows())
    fewer = {name: values for name, values in rows(1).items() if name != "tenure"}
    row = train(alice, fewer, by_person=by_person)
    assert told(row)["verdict"] == "not_comparable"
    assert "'tenure'" in told(row)["reason"]
    assert row.serving is by_person


def test_a_column_left_out_on_purpose_is_for_a_person_to_decide(alice: Company) -> None:
    train(alice, rows())
    row = train(alice, rows(), exclude=("tenure",))
    assert (told(row)["verdict"], row.serving) == ("not_comparable", True)
    assert "left out" in told(row)["reason"]


def test_the_other_value_as_yes_is_another_question(alice: Company) -> None:
    train(alice, rows())
    row = train(alice, rows(), positive="no")
    assert (told(row)["verdict"], row.serving) == ("not_comparable", True)


def test_less_data_and_new_values_are_told(alice: Company) -> None:
    train(alice, joined(rows(), rows(1)))
    fewer = rows(2)
    fewer["plan"] = ["gold" if k % 3 == 0 else plan for k, plan in enumerate(fewer["plan"])]
    notes = " ".join(told(train(alice, fewer))["notes"])
    assert "Less data" in notes
    assert "'gold'" in notes


def test_little_data_is_judged_out_of_fold_on_rows_that_are_new(alice: Company) -> None:
    train(alice, rows(n=120))
    found = told(train(alice, joined(rows(n=120), rows(1, n=120))))
    assert (found["on"], found["rows"]) == ("cross-validation", 120)


def test_little_data_without_anything_new_is_not_compared(alice: Company) -> None:
    train(alice, rows(n=120))
    row = train(alice, rows(n=120))
    assert (told(row)["verdict"], row.serving) == ("not_comparable", True)
    assert "0 are new" in told(row)["reason"]


def test_by_time_the_hold_out_stays_the_newest(alice: Company) -> None:
    def dated(seed: int, year: int) -> dict[str, Any]:
        columns = rows(seed)
        columns["day"] = [f"{year}-{1 + k // 110:02d}-{1 + k % 28:02d}" for k in range(len(columns["left"]))]
        return columns

    train(alice, dated(0, 2024), time_column="day")
    row = train(alice, joined(dated(0, 2024), dated(1, 2025)), time_column="day")
    assert row.card["holdout"]["split"] == "time"
    assert "not learned from" in told(row)["way"]
