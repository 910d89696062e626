"""What changed within one version, between two records: from where to where, and what each field did."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ml_services.base import Model, Record
from ml_services.lasting import moves
from ml_services.lasting.outputs import scores
from ml_services.lasting.shares import Floats, shapley
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.records import read_text
from platform_core.errors import RecordInvalid

NO_WORD_KNOWN = "(no known word)"
"""Where only one of two texts holds a word that the model knows, the other stands at an even chance."""


@dataclass(frozen=True)
class Within:
    """`start`, `end` and every effect are (2,): raw score and output. `effects` by field (of a text: by word), and
    `passing` of time, sum to end - start. `aged`: the date fields that time moved. `orders`: as of `shapley`."""

    start: Floats
    end: Floats
    effects: dict[str, Floats]
    passing: Floats = field(default_factory=lambda: np.zeros(2))
    aged: tuple[str, ...] = ()
    orders: int | None = None


def within(model: Model, before: Record, after: Record, of_class: str = "") -> Within:
    """Raises RecordInvalid where a record does not fit the model."""
    if isinstance(model, PolarityModel):
        return _of_texts(model, read_text(before, model.column), read_text(after, model.column))
    assert isinstance(model, TabularModel)  # noqa: S101 - the caller asked `told_about`
    for one in model.answers([before, after], explain=False):
        if isinstance(one, RecordInvalid):
            raise one
    found = moves.between(model.encoder, before, after)
    start, end = scores(model, np.stack([found.before, found.after]), of_class)
    if not found.count:
        return Within(start, end, {})
    shares, orders = shapley(found.count, lambda masks: scores(model, found.mixed(masks), of_class))
    effects = dict(zip(found.players, shares, strict=False))
    return Within(start, end, effects, shares[-1] if found.aged else np.zeros(2), found.aged, orders)


def _of_texts(model: PolarityModel, before: str, after: str) -> Within:
    """The raw score is a sum over words, so a word's effect is its difference; the probability's is in proportion
    (the rescale rule of DeepLIFT: Shrikumar, Greenside and Kundaje, ICML 2017, exact for a function of one number)."""
    (start, first), (end, second) = (_read(model, text) for text in (before, after))
    rise = end[0] - start[0]
    bend = model.calibrator.slope * start[1] * (1.0 - start[1])
    slope = (end[1] - start[1]) / rise if rise else bend
    differences = {word: second.get(word, 0.0) - first.get(word, 0.0) for word in {**first, **second}}
    effects = {word: np.array([one, one * slope]) for word, one in differences.items() if one}
    return Within(start, end, effects)


def _read(model: PolarityModel, text: str) -> tuple[Floats, dict[str, float]]:
    """Raw score and probability (2,), and what each word adds."""
    base, words = model.scorer.effects(text)
    if not words:
        words, base = {NO_WORD_KNOWN: model.calibrator.even - base}, model.calibrator.even
        return np.array([base, model.calibrator.one(base)]), words
    raw = base + math.fsum(words.values())
    return np.array([raw, model.calibrator.one(raw)]), words


__all__ = ["NO_WORD_KNOWN", "Within", "within"]
