"""Sentiment and tags on real texts, against the usual ways, in one run.

    python -m benchmarks.text [--json FILE]

Sentiment: trained on the Yelp sentences and tested on the IMDb ones, the other way round, and the sample model on both;
against VADER (compound above 0) and TF-IDF + logistic regression or naive Bayes on the same sentences. A neutral label
is counted by the sign of the score. Tags: F1 at 10 on the Inspec abstracts, stemmed exact match, against YAKE.
Needs ../shared/data (SHARED_DATA elsewhere).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.porter import stem
from file_uploads.reading import open_table
from ml_services.base import Model, TrainingData, TrainingOptions
from ml_services.evaluation import roc_auc
from ml_services.predictors.sentiment import Sentiment
from ml_services.texts.keyphrases import keyphrases

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
SOURCES = {"yelp": "yelp_labelled.txt", "imdb": "imdb_labelled.txt"}
KEYS = 10


def sentences(name: str) -> pa.Table:
    """Columns text and label."""
    return open_table(SHARED / "sentiment" / SOURCES[name]).read().rename_columns(["text", "label"])


def judge(score: Sequence[float], table: pa.Table) -> dict[str, float]:
    truth = np.array(table["label"].to_pylist()) == "1"
    found = np.asarray(score, dtype=np.float64)
    return {
        "accuracy": round(float(((found > 0) == truth).mean()), 4),
        "roc_auc": round(roc_auc(truth.astype(np.float64), found), 4),
    }


def ours(model: Model, table: pa.Table) -> dict[str, float]:
    answer = model.answer_table(table.select(["text"]), explain=False)
    share = answer.columns["label"].to_pylist().count("neutral") / table.num_rows
    return {**judge(answer.columns["score"].to_pylist(), table), "neutral": round(share, 4)}


def vader(table: pa.Table) -> dict[str, float]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return judge([analyzer.polarity_scores(text)["compound"] for text in table["text"].to_pylist()], table)


def bag_of_words(learn: pa.Table, test: pa.Table, estimator: Any) -> dict[str, float]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), estimator)
    pipeline.fit(learn["text"].to_pylist(), learn["label"].to_pylist())
    return judge(pipeline.predict_proba(test["text"].to_pylist())[:, 1] - 0.5, test)


def sentiment() -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB

    tables = {name: sentences(name) for name in SOURCES}
    sample_file = open_table(ROOT / "sample_data" / "reviews.csv").read()
    sample = Sentiment().train(TrainingData(sample_file, "reviews.csv", ""), Sentiment().sample_options())
    results: dict[str, Any] = {}
    for learn, test in (("yelp", "imdb"), ("imdb", "yelp")):
        began = time.perf_counter()
        options = TrainingOptions(target="label")
        trained = Sentiment().train(TrainingData(tables[learn], SOURCES[learn], ""), options)
        seconds = time.perf_counter() - began
        results[f"{learn} -> {test}"] = {
            "ours": ours(trained.model, tables[test]) | {"train_s": round(seconds, 1)},
            "VADER": vader(tables[test]),
            "TF-IDF + logistic regression": bag_of_words(tables[learn], tables[test], LogisticRegression(C=10)),
            "TF-IDF + naive Bayes": bag_of_words(tables[learn], tables[test], MultinomialNB()),
            "ours, sample model": ours(sample.model, tables[test]),
            "TF-IDF + logistic regression on the sample": _on_sample(sample_file, tables[test]),
            "ours, untrained": ours(Sentiment().untrained(), tables[test]),
        }
    texts = tables["yelp"]["text"].to_pylist()
    results["microseconds a text"] = round(
        statistics.median(_timed(lambda text=text: sample.model.answer({"text": text}, explain=True)) for text in texts)
        * 1e6
    )
    return results


def _on_sample(sample: pa.Table, test: pa.Table) -> dict[str, float]:
    """The same baseline on the positive and negative rows of the sample reviews."""
    from sklearn.linear_model import LogisticRegression

    rows = [(row["text"], str(row["label"] or "").strip().lower()) for row in sample.to_pylist()]
    codes = {"positive": "1", "negative": "0"}
    kept = [(text, codes[label]) for text, label in rows if label in codes]
    learn = pa.table({"text": [text for text, _ in kept], "label": [label for _, label in kept]})
    return bag_of_words(learn, test, LogisticRegression(C=10))


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def tags() -> dict[str, Any]:
    import yake

    extractor = yake.KeywordExtractor(n=3, top=2 * KEYS)
    documents = abstracts()
    peers: dict[str, Callable[[str], list[str]]] = {
        "ours": lambda text: [found.phrase for found in keyphrases(text, 2 * KEYS)],
        "YAKE": lambda text: [phrase for phrase, _ in extractor.extract_keywords(text)],
    }
    return {name: f1_at(KEYS, documents, extract) for name, extract in peers.items()}


def abstracts() -> list[tuple[str, set[str]]]:
    """(text, stemmed keys) of every abstract."""
    with zipfile.ZipFile(SHARED / "tagging" / "Inspec.zip") as archive:
        names = sorted(name for name in archive.namelist() if "docsutf8/" in name and name.endswith(".txt"))
        read = [
            (archive.read(name), archive.read(name.replace("docsutf8", "keys").removesuffix("txt") + "key"))
            for name in names
        ]
    return [
        (
            text.decode("utf-8", "replace"),
            {stemmed(key) for key in keys.decode("utf-8", "replace").splitlines() if key.strip()},
        )
        for text, keys in read
    ]


def stemmed(phrase: str) -> str:
    return " ".join(stem(word) for word in phrase.casefold().replace("-", " ").split())


def f1_at(most: int, documents: list[tuple[str, set[str]]], extract: Callable[[str], list[str]]) -> dict[str, float]:
    """Mean over documents; each distinct stemmed phrase counts once."""
    scores = []
    began = time.perf_counter()
    found = [list(dict.fromkeys(map(stemmed, extract(text))))[:most] for text, _ in documents]
    seconds = time.perf_counter() - began
    for phrases, (_, truth) in zip(found, documents, strict=True):
        hits = len(truth.intersection(phrases))
        scores.append(2 * hits / (len(phrases) + len(truth)) if hits else 0.0)
    return {"f1": round(statistics.mean(scores), 4), "ms_a_text": round(1000 * seconds / len(documents), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if not SHARED.exists():
        raise SystemExit(f"The real data is not at {SHARED}; say where in SHARED_DATA.")
    results = {"sentiment": sentiment(), "tags, Inspec, F1 at 10": tags()}
    print(json.dumps(results, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
