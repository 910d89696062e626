"""Made-up customers in groups that are there, for tests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

GROUPS = {
    "best": (10, 30, 2500, 40),
    "regular": (20, 14, 500, 60),
    "new": (12, 2, 60, 2),
    "fading": (200, 15, 700, 45),
    "gone": (300, 2, 40, 40),
}
"""Recency, frequency, monetary, tenure of a typical member."""
RECORD = {"recency_days": 11, "frequency": 28, "monetary": 2300.5, "tenure_months": 41}
"""One of the best."""


def customers(n: int = 400, seed: int = 0) -> tuple[pa.Table, list[str]]:
    """A table as read from a file of texts, and the group of each row."""
    rng = np.random.default_rng(seed)
    group = rng.choice(list(GROUPS), n).tolist()
    typical = np.array([GROUPS[name] for name in group], dtype=float)
    values = typical * np.exp(rng.normal(0, 0.18, typical.shape))
    names = ("recency_days", "frequency", "monetary", "tenure_months")
    return pa.table({name: [f"{x:.2f}" for x in values[:, k]] for k, name in enumerate(names)}), group


def blobs(centres: list[tuple[float, float]], each: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(centre, 0.3, (each, 2)) for centre in centres])
