"""Sentiment: trained, untrained, explained, refused."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
import time
from typing import Any

import pyarrow as pa
import pytest

from ml_services.base import Trained, TrainingOptions
from ml_services.card import render
from ml_services.predictors.sentiment import Sentiment
from ml_services.texts.tokens import MAX_CHARACTERS
from platform_core.errors import InputInvalid, RecordInvalid, TrainingRefused
from tests.ml_services.text_samples import ROOT, opinions, training

UNTRAINED = Sentiment().untrained()


def train(texts: list[str | None], labels: list[str | None], **options: Any) -> Trained:
    asked = TrainingOptions(**{"target": "label", "budget_s": 20.0, **options})
    return Sentiment().train(training(comment=texts, label=labels), asked)


@pytest.fixture(scope="module")
def small() -> Trained:
    return train(*opinions(60))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this place!", "positive"), ("Worst purchase ever.", "negative"), ("😀👍", "positive"),
        (":(", "negative"),
        ("The table has four legs.", "neutral"), ("全然知らない言葉", "neutral"), ("<b>Great</b> stuff", "positive"),
        ("12345", "neutral"), ("????", "neutral"),
    ],
)  # fmt: skip
def test_the_lexicon_answers_before_training(text: str, label: str) -> None:
    assert UNTRAINED.answer({"text": text}, explain=False)["label"] == label


def test_a_text_of_unknown_words_is_even() -> None:
    answer = UNTRAINED.answer({"text": "blorp vrrl"}, explain=True)
    assert answer["probability"] == pytest.approx(0.5)
    assert answer["score"] == pytest.approx(0.0)
    assert answer["reasons"] == []


def test_score_follows_probability() -> None:
    answer = UNTRAINED.answer({"text": "great but slow"}, explain=False)
    assert answer["score"] == pytest.approx(2 * answer["probability"] - 1)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({}, "required"), ({"text": None}, "null"), ({"text": "  \n"}, "null"), ({"text": 3}, "wrong_type"),
        ({"text": ["a"]}, "wrong_type"), ({"text": "a" * (MAX_CHARACTERS + 1)}, "too_long"),
        ({"text": "a", "b": 1}, "unknown"),
    ],
)  # fmt: skip
def test_a_bad_record_is_named(record: dict[str, Any], code: str) -> None:
    with pytest.raises(RecordInvalid) as refused:
        UNTRAINED.answer(record, explain=False)
    assert code in {problem.code for problem in refused.value.problems}


def test_the_longest_text_is_answered_soon() -> None:
    text = ("not so bad, really great but awful! " * 1000)[:MAX_CHARACTERS]
    began = time.process_time()
    answer = UNTRAINED.answer({"text": text}, explain=True)
    assert time.process_time() - began < 1.0
    assert 0 <= answer["probability"] <= 1


def test_effects_sum_to_the_raw_score(small: Trained) -> None:
    for text in ("The food was great but the staff was rude and the app broken", "Never again: useless", "Visit 3"):
        for model in (UNTRAINED, small.model):
            answer = model.answer({"text": text}, explain=True)
            total = answer["base"] + sum(reason["effect"] for reason in answer["reasons"]) + answer["other_effects"]
            assert total == pytest.approx(answer["raw"], abs=1e-9)


def test_probability_is_the_calibrated_raw_score(small: Trained) -> None:
    answer = small.model.answer({"text": "The food was great"}, explain=True)
    calibrator = small.model.calibrator  # type: ignore[attr-defined]
    expected = 1 / (1 + math.exp(-calibrator.slope * answer["raw"] - calibrator.shift))
    assert answer["probability"] == pytest.approx(expected)


def test_a_table_answers_as_records_do(small: Trained) -> None:
    texts = ["The room was great", "", None, "awful food", "x" * (MAX_CHARACTERS + 1)]
    found = small.model.answer_table(pa.table({"comment": texts}), explain=True)
    assert found.positions.tolist() == [0, 3]
    assert [reject.position for reject in found.rejects] == [1, 2, 4]
    for row, position in enumerate(found.positions.tolist()):
        one = small.model.answer({"comment": texts[position]}, explain=True)
        for name in ("label", "score", "probability", "raw", "base", "other_effects"):
            assert found.columns[name][row].as_py() == one[name]
        assert json.loads(found.columns["reasons"][row].as_py()) == one["reasons"]


def test_a_trained_model_answers_to_its_column_and_to_text(small: Trained) -> None:
    assert small.model.fields[0].name == "comment"
    by_column = small.model.answer({"comment": "great"}, explain=False)
    assert small.model.answer({"text": "great"}, explain=False) == by_column
    with pytest.raises(InputInvalid, match="comment"):
        small.model.answer_table(pa.table({"other": ["a"]}), explain=False)


def test_training_twice_gives_the_same_model(small: Trained) -> None:
    again = train(*opinions(60))
    assert pickle.dumps(again.model) == pickle.dumps(small.model)


def test_a_pickled_model_answers_the_same(small: Trained) -> None:
    copy = pickle.loads(pickle.dumps(small.model))  # noqa: S301 - our own bytes
    record = {"text": "Great app, terrible delivery"}
    assert copy.answer(record, explain=True) == small.model.answer(record, explain=True)


def test_the_card_is_whole(small: Trained) -> None:
    card = json.loads(json.dumps(small.card))
    assert {"roc_auc", "roc_auc_low", "log_loss", "ece", "accuracy", "macro_f1"} <= set(card["metrics"])
    assert [column["used"] for column in card["columns"]] == [True, True]
    assert card["champion"] in {candidate["name"] for candidate in card["candidates"]}
    assert "sentiment: model card" in render(small.card)


@pytest.mark.parametrize(("each", "level"), [(12, "provisional"), (45, "standard"), (130, "full")])
def test_evidence_follows_the_rarer_side(each: int, level: str) -> None:
    assert train(*opinions(each), settings={"candidates": ("opinion lexicon",)}).evidence == level


def test_too_few_examples_are_refused_with_how_many_more() -> None:
    with pytest.raises(TrainingRefused, match="4 positive texts; at least 10 are needed, 6 more"):
        train([f"great {n}" for n in range(4)] + [f"awful {n}" for n in range(20)], ["1"] * 4 + ["0"] * 20)


def test_a_missing_target_is_named() -> None:
    with pytest.raises(TrainingRefused, match="'verdict'"):
        train(*opinions(12), target="verdict")


def test_rows_without_text_or_label_are_counted() -> None:
    texts, labels = opinions(20)
    trained = train([*texts, None, "late", texts[0]], [*labels, "pos", None, "pos"])
    assert any("2 rows" in note for note in trained.card["notes"])
    assert any("1 texts occur" in note for note in trained.card["notes"])


def test_neutral_texts_teach_a_band() -> None:
    texts, labels = opinions(40)
    plain = [f"Visit {number}: it has {number} rooms and a door" for number in range(40)]
    trained = train([*texts, *plain], [*labels, *["neutral"] * 40])
    low, high = trained.model.band  # type: ignore[attr-defined]
    assert low < 0.5 < high
    assert trained.model.answer({"text": "Visit 99: it has 7 rooms and a door"}, explain=False)["label"] == "neutral"


def test_the_companys_own_words_are_learned() -> None:
    texts = [f"ticket {n} grommet" for n in range(40)] + [f"ticket {n} sprocket" for n in range(40)]
    trained = train(texts, ["1"] * 40 + ["0"] * 40)
    assert trained.model.answer({"text": "a grommet"}, explain=False)["probability"] > 0.8
    assert trained.model.answer({"text": "a sprocket"}, explain=False)["probability"] < 0.2


def test_serving_needs_no_learning_library() -> None:
    code = (
        "import sys; from ml_services.predictors.sentiment import Sentiment; "
        "Sentiment().untrained().answer({'text': 'great'}, explain=True); "
        "sys.exit(bool({'sklearn', 'scipy', 'pandas', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_terms_stand_in_one_order_in_every_process() -> None:
    code = (
        "from ml_services.texts.sentiment import build; from tests.ml_services.text_samples import opinions; "
        "print(build(opinions(60)[0]).terms)"
    )
    asked = [sys.executable, "-c", code]
    said = [
        subprocess.run(
            asked, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert "visit" in said[0]
