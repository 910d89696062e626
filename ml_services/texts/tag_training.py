"""Learns a company's own labels: one additive score a label, naive Bayes or logistic regression, calibrated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Progress, Trained, TrainingData, TrainingOptions
from ml_services.texts.logistic import fit
from ml_services.texts.polarity_calibration import platt
from ml_services.texts.reporting import FEWEST, card_head, evidence_for
from ml_services.texts.sentiment import Matrix, build, naive_bayes_ratio
from ml_services.texts.tag_figures import best_threshold, calibrated, figures, guessing, log_loss
from ml_services.texts.tag_labels import Labelled, read_labels
from ml_services.texts.tagging import LabelModel

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Learn = Callable[[Any, Floats], tuple[Floats, float]]

FOLDS = 4
HELD_SHARE = 0.2
FEWEST_TEXTS_TO_HOLD = 200
COMPETING_SHARE = 0.5
"""Of the budget; the rest measures and learns once more from everything."""


def logistic(penalty: float) -> Learn:
    """Logistic regression on TF-IDF; the constant is free."""

    def learn(words: Any, y: Floats) -> tuple[Floats, float]:
        from scipy.sparse import csr_matrix, hstack

        X = hstack([words, csr_matrix(np.ones((len(y), 1)))]).tocsr()
        found = fit(X, y, np.zeros(X.shape[1]), np.append(np.full(words.shape[1], penalty), 1e-3))
        return found[:-1], float(found[-1])

    return learn


def naive_bayes(words: Any, y: Floats) -> tuple[Floats, float]:
    share = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    return naive_bayes_ratio(words, y), float(np.log(share / (1 - share)))


CANDIDATES: dict[str, Learn] = {
    "TF-IDF + naive Bayes": naive_bayes,
    "TF-IDF + logistic regression": logistic(0.3),
    "TF-IDF + logistic regression, gentle": logistic(1.5),
}


def _learn(words: Any, Y: Floats, learn: Learn) -> tuple[Floats, Floats]:
    """Weights (terms, labels) and intercepts (labels,)."""
    found = [learn(words, Y[:, at]) for at in range(Y.shape[1])]
    return np.column_stack([weights for weights, _ in found]), np.array([intercept for _, intercept in found])


def _raw(matrix: Matrix, Y: Floats, learning: Rows, judged: Rows, learn: Learn) -> Floats:
    weights, intercepts = _learn(matrix.words[learning], Y[learning], learn)
    raw: Floats = matrix.words[judged] @ weights + intercepts
    return raw


def _split(texts: int, seed: int) -> tuple[Rows, Rows]:
    """(rows to learn from, rows held out); nothing is held out of few texts."""
    order = np.random.default_rng(seed).permutation(texts)
    held = round(HELD_SHARE * texts) if texts >= FEWEST_TEXTS_TO_HOLD else 0
    return np.sort(order[held:]), np.sort(order[:held])


def _compete(
    matrix: Matrix, labelled: Labelled, learning: Rows, options: TrainingOptions, progress: Progress, run_began: float
) -> tuple[str, list[dict[str, Any]], Floats]:
    """The champion by mean log loss, every candidate's figures, the champion's out-of-fold raw scores."""
    fold = np.random.default_rng(options.seed).permutation(len(learning)) % FOLDS
    Y = labelled.Y[learning]
    raws: dict[str, Floats] = {}
    rows: list[dict[str, Any]] = []
    started = time.perf_counter()
    for number, (name, learn) in enumerate(CANDIDATES.items()):
        began = time.perf_counter()
        if number and began + (began - started) / number - run_began > COMPETING_SHARE * options.budget_s:
            labelled.notes.append(f"Not tried within the budget: {', '.join(list(CANDIDATES)[number:])}.")
            break
        progress("competing", 0.2 + 0.2 * number, name)
        raw = np.zeros_like(Y)
        for part in range(FOLDS):
            raw[fold == part] = _raw(matrix, labelled.Y, learning[fold != part], learning[fold == part], learn)
        raws[name] = raw
        said = calibrated(raw, [platt(raw[:, at], Y[:, at]) for at in range(Y.shape[1])])
        metrics = {"log_loss": log_loss(Y, said)}
        rows.append({"name": name, "metrics": metrics, "fit_s": round(time.perf_counter() - began, 3)})
    champion = min(rows, key=lambda row: row["metrics"]["log_loss"])["name"]
    return champion, rows, raws[champion]


def _by_label(labelled: Labelled) -> list[dict[str, Any]]:
    counts = zip(labelled.labels, labelled.Y.sum(axis=0).astype(int).tolist(), strict=True)
    learned = [{"label": label, "texts": n, "evidence": evidence_for(n, label), "learned": True} for label, n in counts]
    return learned + [{"label": x, "texts": n, "evidence": None, "learned": False} for x, n in labelled.rare.items()]


def _not_learned(labelled: Labelled) -> list[str]:
    if not labelled.rare:
        return []
    named = ", ".join(f"{label} ({count})" for label, count in list(labelled.rare.items())[:20])
    return [f"Labels not learned, since at least {FEWEST} texts with and without a label are needed: {named}."]


def train_tags(name: str, data: TrainingData, options: TrainingOptions, progress: Progress) -> Trained:
    """Raises TrainingRefused where no label has enough texts."""
    began = time.perf_counter()
    progress("reading", 0.0, "labels and texts")
    labelled = read_labels(data, options)
    evidence = evidence_for(int(min(labelled.Y.sum(axis=0))), "texts of the rarest label")
    progress("encoding", 0.1, f"{len(labelled.texts)} texts, {len(labelled.labels)} labels")
    matrix = build(labelled.texts)
    learning, held = _split(len(labelled.texts), options.seed)
    champion, candidates, raw = _compete(matrix, labelled, learning, options, progress, began)
    calibrators = [platt(raw[:, at], labelled.Y[learning, at]) for at in range(raw.shape[1])]
    said = calibrated(raw, calibrators)
    thresholds = [best_threshold(said[:, at], labelled.Y[learning, at]) for at in range(raw.shape[1])]
    always_one = bool((labelled.Y.sum(axis=1) >= 1).all()) and not labelled.rare
    progress("measuring", 0.85, champion)
    judged = held if len(held) else learning
    if len(held):
        raw = _raw(matrix, labelled.Y, learning, held, CANDIDATES[champion])
    metrics = figures(labelled.Y[judged], calibrated(raw, calibrators), np.array(thresholds), always_one)
    weights, intercepts = _learn(matrix.words, labelled.Y, CANDIDATES[champion])
    model = LabelModel(
        column=labelled.column,
        labels=labelled.labels,
        idf=dict(zip(matrix.terms, matrix.idf.tolist(), strict=True)),
        weights={term: tuple(row) for term, row in zip(matrix.terms, weights.tolist(), strict=True)},
        intercepts=tuple(intercepts),
        calibrators=tuple(calibrators),
        thresholds=tuple(thresholds),
        always_one=always_one,
    )
    card = {
        **card_head(name, data, options, labelled.column, evidence, len(held)),
        "target": {"name": options.target, "labels": list(labelled.labels)},
        "class_balance": dict(zip(labelled.labels, map(int, labelled.Y.sum(axis=0)), strict=True)),
        "labels": _by_label(labelled),
        "champion": champion,
        "candidates": candidates,
        "metrics": metrics,
        "guessing": guessing(labelled.Y[judged]),
        "single_column_rule": {},
        "calibration_table": [],
        "strongest_features": [],
        "notes": [*data.notes, *labelled.notes, *_not_learned(labelled)],
        "seconds": round(time.perf_counter() - began, 2),
    }
    progress("done", 1.0, champion)
    return Trained(model, card, evidence)
