"""Sentiment learned from labelled texts beside a version that serves: which texts judge both, and who serves then."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml_services import artifacts
from ml_services.champions.rival import Rival
from ml_services.champions.rows import HELD, LEARNED, KnownRows
from ml_services.champions.texts import as_table, obstacle
from ml_services.models import ModelVersion
from ml_services.texts.polarity import PolarityModel
from tests.ml_services.champions.reviews import EACH, joined, mixed_up, reviews, told, train, turned
from tests.stored import found
from users.models import Company


def test_the_first_version_serves_and_keeps_which_texts_its_proof_has_seen(alice: Company) -> None:
    row = train(alice, reviews(1))
    assert (told(row)["verdict"], row.serving) == ("first", True)
    kept, has_proof = artifacts.rows(company_id=alice.pk, predictor="sentiment", version=row.version)
    assert kept is not None
    marks = KnownRows.from_bytes(kept).marks(as_table("review", [text.upper() for text in reviews(1)[0]]))
    assert has_proof
    assert (int((marks == HELD).sum()), int((marks == LEARNED).sum())) == (120, 480) == (
        row.card["holdout"]["rows"], 2 * EACH - row.card["holdout"]["rows"],
    )  # fmt: skip


@pytest.mark.parametrize("seed", [42, 7])
def test_the_same_texts_again_are_judged_by_the_proof_on_its_hold_out(alice: Company, seed: int) -> None:
    first = train(alice, reviews(1))
    again = train(alice, reviews(1), seed=seed)
    found = told(again)
    assert (found["verdict"], found["on"], found["rows"]) == ("equal", "locked hold-out", 120), found["reason"]
    assert "development" in found["way"]
    assert found["against"] == first.version
    assert found["champion"] == pytest.approx(first.card["metrics"]["roc_auc"], abs=1e-6)
    assert again.serving
    if seed == 42:
        assert found["difference"] == pytest.approx(0.0, abs=1e-12)


def test_texts_that_are_new_judge_the_model_that_serves(alice: Company) -> None:
    train(alice, reviews(1))
    row = train(alice, joined(reviews(1), reviews(2)))
    found = told(row)
    assert found["verdict"] in ("equal", "better"), found["reason"]
    assert "not learned from" in found["way"]
    assert (found["rows"], row.card["holdout"]["rows"], row.serving) == (240, 240, True)
    assert 0.6 < found["champion"] < 1.0


def test_texts_that_are_all_new_leave_the_hold_out_as_ever(alice: Company, bob: Company) -> None:
    train(alice, reviews(1))
    beside, alone = train(alice, reviews(2)), train(bob, reviews(2))
    assert (told(beside)["on"], told(alone)["verdict"]) == ("locked hold-out", "first")
    assert beside.card["metrics"] == alone.card["metrics"]


@pytest.mark.parametrize("by_person", [True, False])
def test_one_that_learned_from_noise_is_worse_and_does_not_serve(alice: Company, by_person: bool) -> None:
    first = train(alice, reviews(1))
    row = train(alice, joined(mixed_up(*reviews(1)), reviews(2, 100)), by_person=by_person)
    assert (told(row)["verdict"], row.serving) == ("worse", False), told(row)["reason"]
    assert "does not serve" in told(row)["reason"]
    assert found(ModelVersion, pk=first.pk)[0].serving


def test_what_runs_by_itself_replaces_what_serves_where_it_is_no_worse(alice: Company) -> None:
    train(alice, mixed_up(*reviews(1)))
    row = train(alice, reviews(2), by_person=False)
    assert (told(row)["verdict"], row.serving) == ("better", True), told(row)["reason"]
    assert told(row)["difference"] > 0.05, "more than a leap, but by words, not by a column"


def test_labels_turned_round_are_refused_with_that_reason(alice: Company) -> None:
    train(alice, reviews(1))
    row = train(alice, joined(turned(*reviews(1)), turned(*reviews(2))))
    assert not row.serving
    assert "turned round" in told(row)["reason"]


@pytest.mark.parametrize("by_person", [True, False])
def test_another_column_of_texts_is_for_a_person_to_decide(alice: Company, by_person: bool) -> None:
    train(alice, reviews(1))
    row = train(alice, reviews(2), column="comment", by_person=by_person)
    assert (told(row)["verdict"], row.serving) == ("not_comparable", by_person)
    assert "texts of 'review', the new one those of 'comment'" in told(row)["reason"]


@pytest.mark.parametrize("by_person", [True, False])
def test_a_label_that_means_something_else_now_is_for_a_person_to_decide(alice: Company, by_person: bool) -> None:
    train(alice, reviews(1))
    row = train(alice, reviews(2), positive="neg", by_person=by_person)
    assert (told(row)["verdict"], row.serving) == ("not_comparable", by_person)
    assert "reads the label 'neg' as negative, the new one as positive" in told(row)["reason"]


def test_labels_spelled_otherwise_are_the_same_question(alice: Company) -> None:
    train(alice, reviews(1))
    texts, labels = reviews(2)
    found = told(train(alice, (texts, ["5" if one == "pos" else "1" for one in labels])))
    assert (found["on"], found["rows"], found["champion"] > 0.6) == ("locked hold-out", 120, True), found["reason"]


def test_neutral_texts_judge_nothing(alice: Company) -> None:
    train(alice, reviews(1))
    texts, labels = reviews(2)
    plain = [f"Visit {number}: it has {number} rooms" for number in range(100)]
    row = train(alice, ([*texts, *plain], [*labels, *["neutral"] * len(plain)]))
    assert (row.card["holdout"]["rows"], told(row)["rows"]) == (140, 120)


def test_a_text_that_differs_only_in_case_from_another_judges_nothing(alice: Company) -> None:
    train(alice, reviews(1))
    texts, labels = reviews(2)
    row = train(alice, joined((texts, labels), ([text.upper() for text in texts[:500]], labels[:500])))
    assert (told(row)["rows"], row.card["holdout"]["rows"]) == (50, 50), "half of the 100 without a twin"


def test_few_texts_are_judged_out_of_fold_where_they_are_new(alice: Company) -> None:
    train(alice, reviews(1, 50))
    found = told(train(alice, joined(reviews(1, 50), reviews(2, 50))))
    assert (found["on"], found["rows"]) == ("cross-validation", 100)


def test_few_texts_of_which_none_is_new_are_not_compared(alice: Company) -> None:
    train(alice, reviews(1, 50))
    row = train(alice, reviews(1, 50))
    assert (told(row)["verdict"], row.serving) == ("not_comparable", True)
    assert "0 are new" in told(row)["reason"]


def test_less_data_is_told(alice: Company) -> None:
    train(alice, joined(reviews(1), reviews(2)))
    assert "Less data than before: 600 rows" in " ".join(told(train(alice, reviews(3)))["notes"])


def test_a_version_whose_artifact_is_gone_keeps_nobody_waiting(alice: Company, tmp_path: Path) -> None:
    first = train(alice, reviews(1))
    (tmp_path / "models" / str(alice.pk) / "sentiment" / first.version / "model.joblib").unlink()
    row = train(alice, reviews(2), by_person=False)
    assert (told(row)["verdict"], row.serving) == ("not_comparable", True)
    assert "cannot be loaded" in told(row)["reason"]


def test_a_version_from_before_texts_were_kept_is_not_compared() -> None:
    old = Rival("v1", {"target": {"name": "label"}}, PolarityModel(column="review"), None, False, 1)
    asked = {"name": "label", "task": "polarity", "labels": ["positive", "negative"], "read": {"pos": "positive"}}
    assert "before versions kept which rows" in obstacle(old, "review", asked)
