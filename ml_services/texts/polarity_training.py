"""One training run of sentiment: read, hold out, compete, calibrate, measure, learn once more from all."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.base import Progress, Trained, TrainingData, TrainingOptions
from ml_services.texts.labels import NEGATIVE, NEUTRAL, POSITIVE, cells, find_text_column, read_polarity, require_column
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.polarity_calibration import calibrate, judged_figures
from ml_services.texts.reporting import card_head, evidence_for, holdout_rows
from ml_services.texts.sentiment import CANDIDATES, Matrix, Weights, build, out_of_fold, scorer
from ml_services.texts.tokens import MAX_CHARACTERS

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

SOURCE_NAMES = ("opinion words and phrases", "words that hint", "second lexicon")
COMPETING_SHARE = 0.6
"""Of the budget; the rest reads, measures and learns once more from everything."""
MOST_TEXTS = 30_000
"""More are sampled: the figures do not move any more, and training stays within its minute."""


@dataclass(slots=True)
class Labelled:
    """Distinct texts with a label: y is 1, 0.5 or 0."""

    column: str
    texts: list[str]
    y: Floats
    notes: list[str]

    @property
    def polar(self) -> Floats:
        mask: Floats = self.y != NEUTRAL
        return mask


def train_polarity(name: str, data: TrainingData, options: TrainingOptions, progress: Progress) -> Trained:
    """Raises TrainingRefused where the labels or the texts are too few or not understood."""
    began = time.perf_counter()
    progress("reading", 0.0, "labels and texts")
    labelled = read_labelled(data, options)
    balance = _balance(labelled.y)
    rarer = min(("positive", "negative"), key=lambda kind: balance[kind])
    evidence = evidence_for(balance[rarer], f"{rarer} texts")
    progress("encoding", 0.1, f"{len(labelled.texts)} texts")
    matrix = build(labelled.texts)
    learning, held = holdout_rows(labelled.y, evidence, options.seed)
    champion, candidates, raw = _compete(matrix, labelled, learning, options, progress, began)
    calibrator, band = calibrate(raw, labelled.y[learning])
    progress("measuring", 0.9, champion)
    judged = held if len(held) else learning
    if len(held):
        raw = CANDIDATES[champion](matrix, learning, labelled.y[learning]).raw(matrix, held)
    final = CANDIDATES[champion](matrix, np.arange(len(labelled.y)), labelled.y)
    model = PolarityModel(scorer(matrix, final), calibrator, band, labelled.column)
    card = {
        **card_head(name, data, options, labelled.column, evidence, len(held)),
        "target": {"name": options.target},
        "class_balance": {kind: count for kind, count in balance.items() if count},
        "champion": champion,
        "candidates": candidates,
        **judged_figures(labelled.y[judged], raw, calibrator, band, matrix.lexicon[judged]),
        "strongest_features": _strongest_features(matrix, final),
        "notes": [*data.notes, *labelled.notes],
        "seconds": round(time.perf_counter() - began, 2),
    }
    progress("done", 1.0, champion)
    return Trained(model, card, evidence)


def read_labelled(data: TrainingData, options: TrainingOptions) -> Labelled:
    """Texts without text or label, too long ones and repeated ones are left out and counted."""
    require_column(data.table, options.target)
    column = find_text_column(data.table, options)
    polarity, read = read_polarity(cells(data.table, options.target), options.positive)
    texts = cells(data.table, column)
    seen: dict[str, float] = {}
    repeated = 0
    for text, value in zip(texts, polarity, strict=True):
        if value is not None and text and len(text) <= MAX_CHARACTERS:
            repeated += text in seen
            seen.setdefault(text, value)
    left_out = len(texts) - len(seen) - repeated
    notes = [read]
    if left_out:
        notes.append(f"{left_out} rows without a text or a label, or with a text too long, were left out.")
    if repeated:
        notes.append(
            f"{repeated} texts occur more than once; each counts once, so that none is on both sides of a split."
        )
    kept, y = list(seen), np.array(list(seen.values()))
    if len(kept) > MOST_TEXTS:
        notes.append(f"{MOST_TEXTS} of {len(kept)} texts were drawn to learn from.")
        drawn = np.sort(np.random.default_rng(options.seed).choice(len(kept), MOST_TEXTS, replace=False))
        kept, y = [kept[at] for at in drawn], y[drawn]
    return Labelled(column, kept, y, notes)


def _balance(y: Floats) -> dict[str, int]:
    sides = {"positive": POSITIVE, "neutral": NEUTRAL, "negative": NEGATIVE}
    return {kind: int((y == value).sum()) for kind, value in sides.items()}


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


__all__ = ["Labelled", "read_labelled", "train_polarity"]
