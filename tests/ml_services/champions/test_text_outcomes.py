"""What people said of a text afterwards, as the judge of two versions of sentiment."""

from __future__ import annotations

import pytest
from django.utils import timezone

from ml_services import artifacts
from ml_services.models import ModelVersion
from request_logs.models import Outcome, Prediction
from tests.ml_services.champions.reviews import Labelled, joined, mixed_up, reviews, told, train
from tests.stored import found, made
from users.models import Company

SAID = {"pos": "positive", "neg": "negative"}


def told_later(row: ModelVersion, labelled: Labelled, *, asked_as: str = "review") -> None:
    """Answers of a version to these texts, and what each was found to be."""
    model = artifacts.load(company_id=row.company_id, predictor="sentiment", version=row.version)
    for text, label in zip(*labelled, strict=True):
        given = {asked_as: text}
        kept = made(
            Prediction, company_id=row.company_id, asker_kind="key", asker_id=1, predictor="sentiment", input=given,
            version=row.version, version_company=row.company_id, latency_ms=1.0,
            output=model.answer(given, explain=False),
        )  # fmt: skip
        made(
            Outcome, company_id=row.company_id, prediction=kept, occurred_at=timezone.now(), current=True,
            value=SAID.get(label, label), asker_kind="key", asker_id=1,
        )  # fmt: skip


@pytest.mark.parametrize("asked_as", ["review", "text"])
def test_outcomes_judge_where_enough_have_come_in(alice: Company, asked_as: str) -> None:
    first = train(alice, reviews(1))
    told_later(first, reviews(5, 60), asked_as=asked_as)
    later = train(alice, joined(reviews(1), reviews(2), reviews(3)), by_person=False)
    assert (told(later)["on"], told(later)["rows"], told(later)["against"]) == ("outcomes", 120, first.version)
    assert told(later)["verdict"] in ("equal", "better"), told(later)["reason"]
    assert 0.6 < told(later)["champion"] < 1.0


def test_one_that_learned_from_noise_is_worse_and_does_not_serve(alice: Company) -> None:
    first = train(alice, reviews(1))
    told_later(first, reviews(5, 60))
    later = train(alice, mixed_up(*reviews(2)))
    assert (told(later)["verdict"], told(later)["on"], later.serving) == ("worse", "outcomes", False)
    assert found(ModelVersion, pk=first.pk)[0].serving


def test_a_text_that_the_new_version_has_learned_does_not_judge_it(alice: Company) -> None:
    first = train(alice, reviews(1))
    told_later(first, reviews(5, 60))
    assert told(train(alice, joined(reviews(2), reviews(5, 60))))["on"] == "locked hold-out"


def test_a_text_counts_once_and_a_neutral_one_never(alice: Company) -> None:
    first = train(alice, reviews(1))
    texts, labels = reviews(5, 50)
    told_later(first, joined((texts, labels), (texts[:10], labels[:10]), (["Visit 1", "Visit 2"], ["neutral"] * 2)))
    assert told(train(alice, reviews(2)))["rows"] == 100


def test_too_few_outcomes_leave_it_to_the_texts(alice: Company) -> None:
    first = train(alice, reviews(1))
    told_later(first, reviews(5, 39))
    assert told(train(alice, reviews(2)))["on"] == "locked hold-out"
