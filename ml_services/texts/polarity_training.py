"""One training run of sentiment: read, hold out, compete, calibrate, measure, learn once more from all."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Exam, Progress, Trained, TrainingData, TrainingOptions
from ml_services.champions.holdout import Lock
from ml_services.champions.texts import as_table, known_texts, lock_texts
from ml_services.texts.polarity import Logistic, PolarityModel
from ml_services.texts.polarity_calibration import calibrate, calibrated, judged_figures
from ml_services.texts.polarity_labels import Labelled, read_labelled
from ml_services.texts.reporting import card_head, evidence_for, holdout_rows
from ml_services.texts.sentiment import CANDIDATES, Matrix, Weights, build, out_of_fold, scorer

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

SOURCE_NAMES = ("opinion words and phrases", "words that hint", "second lexicon")
COMPETING_SHARE = 0.6
"""Of the budget; the rest reads, measures and learns once more from everything."""


def train_polarity(name: str, data: TrainingData, options: TrainingOptions, progress: Progress) -> Trained:
    """Raises TrainingRefused where the labels or the texts are too few or not understood."""
    began = time.perf_counter()
    progress("reading", 0.0, "labels and texts")
    labelled = read_labelled(data, options)
    balance = labelled.balance
    rarer = min(("positive", "negative"), key=lambda kind: balance[kind])
    evidence = evidence_for(balance[rarer], f"{rarer} texts")
    progress("encoding", 0.1, f"{len(labelled.texts)} texts")
    matrix = build(labelled.texts)
    column, texts, y = labelled.column, labelled.texts, labelled.y
    target = {"name": options.target, "task": "polarity", "labels": list(balance), "read": labelled.read}
    locked = lock_texts(options.rival, column, texts, target, y, evidence, options.seed)
    learning, held = holdout_rows(y, evidence, options.seed, locked.among)
    champion, candidates, raw = _compete(matrix, labelled, learning, options, progress, began)
    calibrator, band = calibrate(raw, y[learning])
    progress("measuring", 0.9, champion)
    judged, proof = learning, None
    if len(held):
        judged, shown = held, CANDIDATES[champion](matrix, learning, y[learning])
        raw, proof = shown.raw(matrix, held), PolarityModel(scorer(matrix, shown), calibrator, band, column)
    final = CANDIDATES[champion](matrix, np.arange(len(y)), y)
    model = PolarityModel(scorer(matrix, final), calibrator, band, column)
    card = {
        **card_head(name, data, options, column, evidence, len(held)),
        "target": target,
        "class_balance": {kind: count for kind, count in balance.items() if count},
        "champion": champion,
        "candidates": candidates,
        **judged_figures(y[judged], raw, calibrator, band, matrix.lexicon[judged]),
        "strongest_features": _strongest_features(matrix, final),
        "notes": [*data.notes, *labelled.notes],
        "seconds": round(time.perf_counter() - began, 2),
    }
    card["data"]["rows_used"] = len(texts)
    progress("done", 1.0, champion)
    met = None if options.rival is None else _exam(labelled, matrix, judged, raw, calibrator, proof, locked)
    return Trained(model, card, evidence, proof=proof, known=known_texts(column, texts, learning), exam=met)


def _exam(
    labelled: Labelled, matrix: Matrix, rows: Rows, raw: Floats, calibrator: Logistic, proof: PolarityModel | None,
    locked: Lock,
) -> Exam:  # fmt: skip
    """Praise and blame alone; of out-of-fold answers (`raw` of `rows`) only those to texts that the rival has not
    learned from. Like the model, they are even of texts in which no word is known."""
    mine = labelled.polar[rows]
    if proof is None and locked.new is not None:
        mine &= locked.new[rows]
    rows, raw = rows[mine], raw[mine]
    table = as_table(labelled.column, [labelled.texts[row] for row in rows])
    if proof is not None:
        said = proof.probabilities(table)[1]
    else:
        unknown = (matrix.lexicon[rows] == 0).all(axis=1) & (matrix.words[rows].getnnz(axis=1) == 0)
        said = calibrated(np.where(unknown, calibrator.even, raw), calibrator)
    return Exam(table, labelled.y[rows], said, replace(locked, among=None, new=None))


def _compete(
    matrix: Matrix, labelled: Labelled, learning: Rows, options: TrainingOptions, progress: Progress, run_began: float
) -> tuple[str, list[dict[str, Any]], Floats]:
    """The champion, every candidate's figures, and the champion's out-of-fold raw scores.

    The best log loss wins; but a candidate that keeps the lexicon is preferred within one standard error of the
    best, since the lexicon understands words that the file does not hold (Breiman et al., CART, 1984, 3.4.3)."""
    y = labelled.y[learning]
    rows: list[dict[str, Any]] = []
    raws: dict[str, Floats] = {}
    losses: dict[str, Floats] = {}
    started = time.perf_counter()
    wanted = chosen_candidates(options)
    for number, name in enumerate(wanted):
        began = time.perf_counter()
        if number and _expected(began, started, number) - run_began > COMPETING_SHARE * options.budget_s:
            labelled.notes.append(f"Not tried within the budget: {', '.join(wanted[number:])}.")
            break
        progress("competing", 0.2 + 0.6 * number / len(wanted), name)
        raws[name] = out_of_fold(matrix, learning, y, CANDIDATES[name], options.seed)
        calibrator, _ = calibrate(raws[name], y)
        raw = calibrator.slope * raws[name] + calibrator.shift
        losses[name] = np.logaddexp(0.0, raw) - y * raw
        metrics = {"log_loss": float(losses[name].mean()), "accuracy": float(((raw > 0) == (y > 0.5))[y != 0.5].mean())}
        rows.append({"name": name, "metrics": metrics, "fit_s": round(time.perf_counter() - began, 3)})
    champion = _champion(losses)
    return champion, rows, raws[champion]


def _expected(now: float, started: float, done: int) -> float:
    """When one more candidate will be through, if it takes as long as the `done` ones did on average."""
    return now + (now - started) / done


def chosen_candidates(options: TrainingOptions) -> list[str]:
    """Those of `settings["candidates"]`, or all."""
    wanted = [name for name in options.settings.get("candidates", ()) if name in CANDIDATES]
    return wanted or list(CANDIDATES)


def _champion(losses: dict[str, Floats]) -> str:
    best = min(losses, key=lambda name: losses[name].mean())
    within = [name for name in losses if "lexicon" in name and _as_good(losses[name], losses[best])]
    return best if "lexicon" in best or not within else min(within, key=lambda name: losses[name].mean())


def _as_good(loss: Floats, best: Floats) -> bool:
    gap = loss - best
    return bool(gap.mean() <= gap.std() / math.sqrt(len(gap)))


def _strongest_features(matrix: Matrix, weights: Weights, most: int = 15) -> list[dict[str, Any]]:
    """Mean size of the effect over all texts."""
    names = [*SOURCE_NAMES, *matrix.terms]
    words = np.asarray(abs(matrix.words).mean(axis=0)).ravel() * np.abs(weights.words)
    effects = np.concatenate([np.abs(matrix.lexicon * weights.sources).mean(axis=0), words])
    order = np.argsort(-effects, kind="stable")[:most]
    return [{"feature": names[at], "effect": float(effects[at])} for at in order if effects[at] > 0]


__all__ = ["train_polarity"]
