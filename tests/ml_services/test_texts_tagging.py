"""Tags: keyphrases before training, a company's own labels after."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pyarrow as pa
import pytest

from ml_services.base import Trained, TrainingOptions
from ml_services.card import render
from ml_services.predictors.tag import Tag
from platform_core.errors import RecordInvalid, TrainingRefused
from tests.ml_services.text_samples import tickets, training

UNTRAINED = Tag().untrained()


def train(texts: list[str | None], labels: list[str | None], **options: Any) -> Trained:
    data = training(text=texts, tags=labels)
    return Tag().train(data, TrainingOptions(**{"target": "tags", "budget_s": 20.0, **options}))


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(*tickets(60))


def tags(model: Any, text: str) -> list[str]:
    return [tag["tag"] for tag in model.answer({"text": text}, explain=False)["tags"]]


def test_phrases_are_tags_before_training() -> None:
    answer = UNTRAINED.answer({"text": "The battery life of the new phone is short."}, explain=True)
    assert answer["tags"][0] == {"tag": "battery life", "score": 1.0}
    assert answer["reasons"][0]["text"] == "“battery life”: 2 words, once, first early in the text"
    assert answer["base"] + sum(one["effect"] for one in answer["reasons"]) == pytest.approx(answer["raw"])


def test_a_text_without_phrases_has_no_tags() -> None:
    answer = UNTRAINED.answer({"text": "and so on"}, explain=True)
    assert (answer["tags"], answer["reasons"], answer["raw"]) == ([], [], 0.0)


def test_a_bad_record_is_refused() -> None:
    with pytest.raises(RecordInvalid):
        UNTRAINED.answer({"text": ""}, explain=False)


def test_the_companys_labels_are_learned(trained: Trained) -> None:
    assert tags(trained.model, "why was my card charged twice on the invoice")[0] == "billing"
    assert tags(trained.model, "password does not work, cannot sign in")[0] == "login"
    assert trained.evidence == "standard"


def test_effects_sum_to_the_raw_score_of_the_first_tag(trained: Trained) -> None:
    answer = trained.model.answer({"text": "the parcel with my invoice has not arrived"}, explain=True)
    total = answer["base"] + sum(one["effect"] for one in answer["reasons"]) + answer["other_effects"]
    assert total == pytest.approx(answer["raw"], abs=1e-9)
    assert answer["tags"][0]["tag"] in answer["reasons"][0]["text"]


def test_one_text_may_have_several_labels() -> None:
    texts, labels = tickets(60)
    both = [f"Ticket {n}: the parcel has not arrived and the invoice was charged twice" for n in range(40)]
    trained = train([*texts, *both], [*labels, *["billing; delivery"] * 40])
    assert set(tags(trained.model, "the invoice was charged twice and the parcel has not arrived")) == {
        "billing",
        "delivery",
    }


def test_rare_labels_are_reported_as_not_learned() -> None:
    texts, labels = tickets(30)
    trained = train([*texts, "a rare thing"], [*labels, "rare"])
    assert {"label": "rare", "texts": 1, "evidence": None, "learned": False} in trained.card["labels"]
    assert any("rare (1)" in note for note in trained.card["notes"])


def test_spellings_of_one_label_are_one() -> None:
    texts, labels = tickets(30)
    trained = train(texts, [*labels[:-3], *(label.upper() for label in labels[-3:])])
    assert trained.model.labels == ("billing", "delivery", "login")  # type: ignore[attr-defined]


def test_no_label_with_enough_texts_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="No label has 10 texts"):
        train(["long enough text one", "long enough text two"], ["a", "b"])


def test_a_table_answers_as_records_do(trained: Trained) -> None:
    texts = ["the parcel is late", " ", "password reset"]
    for model in (trained.model, UNTRAINED):
        found = model.answer_table(pa.table({"text": texts}), explain=True)
        assert found.positions.tolist() == [0, 2]
        assert [reject.position for reject in found.rejects] == [1]
        for row, position in enumerate(found.positions.tolist()):
            one = model.answer({"text": texts[position]}, explain=True)
            assert json.loads(found.columns["tags"][row].as_py()) == one["tags"]
            assert found.columns["raw"][row].as_py() == one["raw"]


def test_the_card_is_whole_and_training_repeats(trained: Trained) -> None:
    assert {"roc_auc", "log_loss", "micro_f1", "macro_f1"} <= set(trained.card["metrics"])
    assert "tag: model card" in render(json.loads(json.dumps(trained.card)))
    assert pickle.dumps(train(*tickets(60)).model) == pickle.dumps(trained.model)
