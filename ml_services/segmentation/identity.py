"""The same ids after retraining: new segments are matched to the old ones by their centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml_services.encoding import Feature
from ml_services.segmentation.model import SegmentModel
from ml_services.segmentation.space import Floats, Space

SAME = 0.5
"""A new centre is the old segment if it lies nearer to it than this share of the distance between an old centre and
its nearest neighbour: beyond the half, another segment would be as near."""


def assign_ids(centres: Floats, sizes: Floats, space: Space, levels: list[str], previous: object) -> list[str]:
    """Ids for new centres (k, axes): those of the previous model's segments that they are (minimal total distance,
    Kuhn 1955), and new ones, never used before, for the rest; without a previous model s1, s2, … from the largest."""
    names: dict[int, str] = {}
    used = 0
    if isinstance(previous, SegmentModel):
        names = _matched(centres, space, levels, previous)
        used = max(int(segment.id[1:]) for segment in previous.segments)
    order = sorted((k for k in range(len(centres)) if k not in names), key=lambda k: -float(sizes[k]))
    names |= {k: f"s{used + turn}" for turn, k in enumerate(order, start=1)}
    return [names[k] for k in range(len(centres))]


def _matched(centres: Floats, space: Space, levels: list[str], previous: SegmentModel) -> dict[int, str]:
    from scipy.optimize import linear_sum_assignment

    mine = {(axis.field, level): place for place, (axis, level) in enumerate(zip(space.axes, levels, strict=True))}
    old_levels = levels_of(previous.space, previous.encoder.features)
    old_axes = zip(previous.space.axes, old_levels, strict=True)
    theirs = {(axis.field, level): place for place, (axis, level) in enumerate(old_axes)}
    shared = [key for key in mine if key in theirs]
    if not shared:
        return {}
    here = [mine[key] for key in shared]
    old = np.array([
        [
            _moved(previous.space.axes[theirs[key]].undo(segment.centre[theirs[key]]), space, mine[key])
            for key in shared
        ]
        for segment in previous.segments
    ])  # fmt: skip
    apart = np.sqrt(((old[:, None] - old[None]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    distance = np.sqrt(((centres[:, here][:, None] - old[None]) ** 2).sum(axis=2))
    rows, columns = linear_sum_assignment(distance)
    near = SAME * apart.min(axis=1)
    return {
        int(row): previous.segments[column].id
        for row, column in zip(rows, columns, strict=True)
        if distance[row, column] <= near[column]
    }


def _moved(value: float, space: Space, place: int) -> float:
    """A value of the old space on the new axis; of a category it is a share, already without a unit."""
    axis = space.axes[place]
    return (value - axis.middle) / axis.spread if axis.level >= 0 else axis.one(value)


def levels_of(space: Space, features: Sequence[Feature]) -> list[str]:
    """The level that each axis stands for, empty for numbers."""
    return [features[axis.feature].levels[axis.level] if axis.level >= 0 else "" for axis in space.axes]


__all__ = ["assign_ids", "levels_of"]
