"""The rows that a version's figures rest on, kept beside its model as pairs of what was said and what came, so that
they can be cut anew when the bands change. No record is kept: the pairs lead to nobody."""

from __future__ import annotations

from ml_services import artifacts
from ml_services.base import Judged
from ml_services.decisions.intervals import WEIGHTS
from ml_services.models import ModelVersion

MOST = 50_000
"""Rows kept; of more an even part. The interval of a rate then is 0.9 points wide at most."""


def keep(row: ModelVersion, judged: Judged | None) -> None:
    """Puts them beside the model."""
    import numpy as np

    if judged is None or not len(judged.said):
        return
    order = np.argsort(judged.said, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST)).astype(np.int64))]
    content = np.stack([judged.said[chosen], judged.truth[chosen]]).astype("<f8").tobytes()
    artifacts.save_beside(artifacts.JUDGED, content, **row.place)


def of(row: ModelVersion) -> Judged | None:
    """What was kept; None for a version that was trained before such rows were kept, or has no yes and no."""
    import numpy as np

    content = artifacts.beside(artifacts.JUDGED, **row.place)
    if content is None or len(content) % 16:
        return None
    said, truth = np.frombuffer(content, "<f8").reshape(2, -1)
    return Judged(truth, said, weight=WEIGHTS.get(row.evidence, 1.0))


__all__ = ["MOST", "keep", "of"]
