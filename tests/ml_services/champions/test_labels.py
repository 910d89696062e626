"""Tags learned from a company's own labels beside a version that serves: judged by the labels that both know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml_services.champions.comparison import compare
from ml_services.models import ModelVersion
from tests.ml_services.champions.reviews import Labelled, joined, told
from tests.ml_services.champions.reviews import train as learned
from tests.stored import found
from users.models import Company

TOPICS = ("billing", "delivery", "login")


def tickets(seed: int, n: int = 400, topics: tuple[str, ...] = TOPICS) -> Labelled:
    """Texts of one topic or two, told by most of their words."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for number in range(n):
        about = rng.choice(topics, 1 + int(rng.random() < 0.3), replace=False)
        words = [f"{rng.choice(about if rng.random() < 0.6 else topics)[:3]}{rng.integers(12):02d}x" for _ in range(4)]
        texts.append(f"Ticket {seed}x{number}: {' '.join(words)}")
        labels.append("; ".join(about))
    return texts, labels


def mixed_up(labelled: Labelled) -> Labelled:
    return labelled[0], np.random.default_rng(5).permutation(labelled[1]).tolist()


def train(company: Company, labelled: Labelled, **more: Any) -> ModelVersion:
    return learned(company, labelled, predictor="tag", **more)


def test_the_same_texts_again_are_equal_by_the_proof(alice: Company) -> None:
    first = train(alice, tickets(1))
    assert told(first)["verdict"] == "first"
    found = told(train(alice, tickets(1)))
    assert (found["verdict"], found["metric"], found["rows"]) == ("equal", "roc_auc", 80), found["reason"]
    assert found["difference"] == pytest.approx(0.0, abs=1e-12)
    assert found["champion"] == pytest.approx(first.card["metrics"]["roc_auc"], abs=1e-6)
    assert found["notes"] == []


def test_new_texts_judge_the_model_that_serves(alice: Company) -> None:
    train(alice, tickets(1))
    row = train(alice, joined(tickets(1), tickets(2)))
    assert told(row)["verdict"] in ("equal", "better"), told(row)["reason"]
    assert (told(row)["rows"], row.serving) == (160, True)
    assert "not learned from" in told(row)["way"]


def test_labels_that_tell_nothing_make_it_worse(alice: Company) -> None:
    first = train(alice, tickets(1))
    row = train(alice, joined(mixed_up(tickets(1)), tickets(2, 200)))
    assert (told(row)["verdict"], row.serving) == ("worse", False), told(row)["reason"]
    assert found(ModelVersion, pk=first.pk)[0].serving


def test_a_label_that_one_version_does_not_know_is_told_and_does_not_count(alice: Company) -> None:
    train(alice, tickets(1))
    row = train(alice, tickets(2, topics=("Billing", "Delivery", "refund")))
    assert told(row)["rows"] == 80
    assert "'login', 'refund'" in " ".join(told(row)["notes"])


@pytest.mark.parametrize("by_person", [True, False])
@pytest.mark.parametrize(
    ("labelled", "column", "why"),
    [
        (tickets(2, topics=("praise", "blame")), "review", "knows none of the labels"),
        (tickets(2), "body", "reads the texts of 'review'"),
    ],
    ids=["labels", "column"],
)
def test_another_question_is_for_a_person_to_decide(
    alice: Company, labelled: Labelled, column: str, why: str, by_person: bool
) -> None:
    train(alice, tickets(1))
    row = train(alice, labelled, column=column, by_person=by_person)
    assert (told(row)["verdict"], row.serving) == ("not_comparable", by_person)
    assert why in told(row)["reason"]


def test_few_texts_are_judged_out_of_fold(alice: Company) -> None:
    train(alice, tickets(1, 90))
    found = told(train(alice, joined(tickets(1, 90), tickets(2, 90))))
    assert (found["on"], found["rows"]) == ("cross-validation", 90)


def test_chances_of_labels_that_are_too_high_do_not_hold() -> None:
    rng = np.random.default_rng(0)
    chance = rng.random((1500, 3))
    y = (rng.random((1500, 3)) < chance).astype(float)
    same = compare(task="tags", y=y, champion=chance, challenger=chance)
    assert (same.verdict, same.promotes, same.rows) == ("equal", True, 1500)
    high = compare(task="tags", y=y, champion=chance, challenger=chance**0.4)
    assert (high.verdict, high.promotes) == ("equal", False)
    noisy = compare(task="tags", y=y, champion=chance, challenger=np.clip(chance + rng.normal(0, 0.4, y.shape), 0, 1))
    assert (noisy.verdict, noisy.promotes) == ("worse", False)
