"""Learns a company's own labels: one additive score a label, naive Bayes or logistic regression, calibrated."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Evidence, Exam, Progress, Trained, TrainingData, TrainingOptions
from ml_services.champions.holdout import Lock
from ml_services.champions.labels import lock_labels
from ml_services.champions.texts import as_table, known_texts
from ml_services.texts.polarity import Logistic
from ml_services.texts.polarity_calibration import platt
from ml_services.texts.reporting import FEWEST, card_head, evidence_for
from ml_services.texts.sentiment import Matrix, build
from ml_services.texts.tag_candidates import CANDIDATES, Learn, learned
from ml_services.texts.tag_figures import best_threshold, calibrated, figures, guessing, log_loss
from ml_services.texts.tag_labels import Labelled, read_labels
from ml_services.texts.tagging import LabelModel

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FOLDS = 4
HELD_SHARE = 0.2
FEWEST_TEXTS_TO_HOLD = 200
COMPETING_SHARE = 0.5
"""Of the budget; the rest measures and learns once more from everything."""


def _raw(matrix: Matrix, Y: Floats, learning: Rows, judged: Rows, learn: Learn) -> Floats:
    weights, intercepts = learned(matrix.words[learning], Y[learning], learn)
    raw: Floats = matrix.words[judged] @ weights + intercepts
    return raw


def _split(texts: int, seed: int, among: Rows | None) -> tuple[Rows, Rows]:
    """(rows to learn from, rows held out); nothing is held out of few texts. `among`: the rows that alone may be held
    out; None: every row."""
    order = np.random.default_rng(seed).permutation(texts)
    held = round(HELD_SHARE * texts) if texts >= FEWEST_TEXTS_TO_HOLD else 0
    taken = np.sort((order if among is None else order[np.isin(order, among)])[:held])
    return np.setdiff1d(order, taken), taken


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
    column, texts, Y = labelled.column, labelled.texts, labelled.Y
    evidence = evidence_for(int(min(Y.sum(axis=0))), "texts of the rarest label")
    progress("encoding", 0.1, f"{len(texts)} texts, {len(labelled.labels)} labels")
    matrix = build(texts)
    target = {"name": options.target, "task": "tags", "labels": list(labelled.labels)}
    level: Evidence = "full" if len(texts) >= FEWEST_TEXTS_TO_HOLD else "standard"
    locked = lock_labels(options.rival, column, texts, target, Y, level, options.seed)
    learning, held = _split(len(texts), options.seed, locked.among)
    champion, candidates, raw = _compete(matrix, labelled, learning, options, progress, began)
    recipe = _recipe(labelled, learning, raw)
    progress("measuring", 0.85, champion)
    judged, proof = learning, None
    if len(held):
        judged, found = held, learned(matrix.words[learning], Y[learning], CANDIDATES[champion])
        raw, proof = matrix.words[held] @ found[0] + found[1], _model(labelled, matrix, found, recipe)
    said = calibrated(raw, recipe.calibrators)
    model = _model(labelled, matrix, learned(matrix.words, Y, CANDIDATES[champion]), recipe)
    card = {
        **card_head(name, data, options, column, evidence, len(held)),
        "target": target,
        "class_balance": dict(zip(labelled.labels, map(int, Y.sum(axis=0)), strict=True)),
        "labels": _by_label(labelled),
        "champion": champion,
        "candidates": candidates,
        "metrics": figures(Y[judged], said, np.array(recipe.thresholds), recipe.always_one),
        "guessing": guessing(Y[judged]),
        "single_column_rule": {},
        "calibration_table": [],
        "strongest_features": [],
        "notes": [*data.notes, *labelled.notes, *_not_learned(labelled)],
        "seconds": round(time.perf_counter() - began, 2),
    }
    card["data"]["rows_used"] = len(texts)
    progress("done", 1.0, champion)
    met = None if options.rival is None else _exam(labelled, judged, said, proof, locked)
    return Trained(model, card, evidence, proof=proof, known=known_texts(column, texts, learning), exam=met)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen out of fold, beside the words' weights."""

    calibrators: tuple[Logistic, ...]
    thresholds: tuple[float, ...]
    always_one: bool


def _recipe(labelled: Labelled, learning: Rows, raw: Floats) -> Recipe:
    Y = labelled.Y[learning]
    calibrators = [platt(raw[:, at], Y[:, at]) for at in range(raw.shape[1])]
    said = calibrated(raw, calibrators)
    thresholds = [best_threshold(said[:, at], Y[:, at]) for at in range(raw.shape[1])]
    always_one = bool((labelled.Y.sum(axis=1) >= 1).all()) and not labelled.rare
    return Recipe(tuple(calibrators), tuple(thresholds), always_one)


def _model(labelled: Labelled, matrix: Matrix, found: tuple[Floats, Floats], recipe: Recipe) -> LabelModel:
    weights, intercepts = found
    return LabelModel(
        column=labelled.column,
        labels=labelled.labels,
        idf=dict(zip(matrix.terms, matrix.idf.tolist(), strict=True)),
        weights={term: tuple(row) for term, row in zip(matrix.terms, weights.tolist(), strict=True)},
        intercepts=tuple(intercepts),
        calibrators=recipe.calibrators,
        thresholds=recipe.thresholds,
        always_one=recipe.always_one,
    )


def _exam(labelled: Labelled, rows: Rows, said: Floats, proof: LabelModel | None, locked: Lock) -> Exam:
    """Of out-of-fold answers (`said` of `rows`) only those to texts that the rival has not learned from."""
    if proof is None and locked.new is not None:
        rows, said = rows[locked.new[rows]], said[locked.new[rows]]
    table = as_table(labelled.column, [labelled.texts[row] for row in rows])
    said = said if proof is None else proof.chances(table)[1]
    return Exam(table, labelled.Y[rows], said, replace(locked, among=None, new=None))


__all__ = ["train_tags"]
