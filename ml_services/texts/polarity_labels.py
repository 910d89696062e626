"""Which texts a file of labelled ones teaches praise and blame by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.base import TrainingData, TrainingOptions
from ml_services.texts.labels import NEGATIVE, NEUTRAL, POSITIVE, cells, find_text_column, read_polarity, require_column
from ml_services.texts.tokens import MAX_CHARACTERS

Floats = npt.NDArray[np.float64]

MOST_TEXTS = 30_000
"""More are sampled: the figures do not move any more, and training stays within its minute."""
MOST_SPELLINGS = 50
"""Of labels, the commonest, whose meaning the card keeps."""
SIDES = {"positive": POSITIVE, "neutral": NEUTRAL, "negative": NEGATIVE}


@dataclass(slots=True)
class Labelled:
    """Distinct texts with a label: y is 1, 0.5 or 0. `read`: which side each spelling of a label was taken for."""

    column: str
    texts: list[str]
    y: Floats
    notes: list[str]
    read: dict[str, str]

    @property
    def polar(self) -> npt.NDArray[np.bool_]:
        mask: npt.NDArray[np.bool_] = self.y != NEUTRAL
        return mask

    @property
    def balance(self) -> dict[str, int]:
        """Texts of each side."""
        return {kind: int((self.y == value).sum()) for kind, value in SIDES.items()}


def read_labelled(data: TrainingData, options: TrainingOptions) -> Labelled:
    """Texts without text or label, too long ones and repeated ones are left out and counted."""
    require_column(data.table, options.target)
    column = find_text_column(data.table, options)
    labels = cells(data.table, options.target)
    polarity, read = read_polarity(labels, options.positive)
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
    return Labelled(column, kept, y, notes, _meanings(labels, polarity))


def _meanings(labels: list[str], polarity: list[float | None]) -> dict[str, str]:
    names = {value: kind for kind, value in SIDES.items()}
    meant = Counter(
        (label.casefold(), names[value]) for label, value in zip(labels, polarity, strict=True) if value is not None
    )
    return {label: kind for (label, kind), _ in meant.most_common(MOST_SPELLINGS)}


__all__ = ["Labelled", "read_labelled"]
