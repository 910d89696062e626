"""Rows as a CSV text, with the dirt of real exports: blanks, stray spaces, currency signs, other spellings."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Row = dict[str, str]

DIRTY_SHARE = 0.01
"""Of the rows, for each kind of dirt."""


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def blank(rows: list[Row], column: str, share: float, rng: np.random.Generator) -> None:
    """Leaves cells empty, as where nobody asked."""
    for at in np.flatnonzero(rng.random(len(rows)) < share):
        rows[at][column] = ""


def soil(rows: list[Row], column: str, how: Callable[[str], str], rng: np.random.Generator) -> None:
    """Rewrites a few filled cells."""
    for at in np.flatnonzero(rng.random(len(rows)) < DIRTY_SHARE):
        if rows[at][column]:
            rows[at][column] = how(rows[at][column])


def padded(text: str) -> str:
    return f" {text} "


def in_dollars(text: str) -> str:
    return f"${float(text):,.2f}"


def sigmoid(value: float | np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(value))))
