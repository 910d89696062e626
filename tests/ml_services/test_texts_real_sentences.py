"""Sentiment on real sentences: trained on one source, tested on another; and the sample model."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from ml_services.base import Model, TrainingOptions
from ml_services.predictors.sentiment import Sentiment
from tests.ml_services.text_samples import ROOT, labelled_sentences, training

VADER_ACCURACY = {"yelp_labelled.txt": 0.816, "imdb_labelled.txt": 0.795}
"""Compound above 0, measured on the same files."""


def accuracy(model: Model, texts: list[str], labels: list[str]) -> float:
    scores = np.array([model.answer({"text": text}, explain=False)["score"] for text in texts])
    return float(np.mean((scores > 0) == (np.array(labels) == "1")))


@pytest.mark.parametrize(
    ("learn", "test"), [("yelp_labelled.txt", "imdb_labelled.txt"), ("imdb_labelled.txt", "yelp_labelled.txt")]
)
def test_learned_on_one_source_it_beats_vader_on_another(learn: str, test: str) -> None:
    learned, answers = labelled_sentences(learn)
    data = training(text=list(learned), label=list(answers))
    trained = Sentiment().train(data, TrainingOptions(target="label", budget_s=20.0))
    texts, labels = labelled_sentences(test)
    assert accuracy(trained.model, texts, labels) > VADER_ACCURACY[test] + 0.05


def test_the_sample_model_beats_vader_on_real_sentences() -> None:
    files = {name: labelled_sentences(name) for name in VADER_ACCURACY}
    rows = list(csv.DictReader((ROOT / "sample_data" / "reviews.csv").read_text(encoding="utf-8").splitlines()))
    data = training(text=[row["text"] for row in rows], label=[row["label"] for row in rows])
    trained = Sentiment().train(data, Sentiment().sample_options())
    for name, vader in VADER_ACCURACY.items():
        assert accuracy(trained.model, *files[name]) > vader + 0.05
