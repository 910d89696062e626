"""The trained segments: which one a customer is nearest to, and what puts them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.base import Model, Record, TableAnswer
from ml_services.encoding import Encoder
from ml_services.reasons import Reasons, as_text
from ml_services.segmentation.space import Floats, Space

EXPLAINED_AT_ONCE = 4096
SUBJECT = "the fit with this segment"


@dataclass(frozen=True, slots=True)
class Segment:
    """`centre`: coordinates on the axes of the space."""

    id: str
    persona: str
    description: str
    share: float
    centre: tuple[float, ...]


class SegmentModel(Model):
    """`raw` is how much nearer the segment answered is than the next one: the difference of squared distances. It is
    a sum over columns, so the effects are exact, and the base is 0."""

    def __init__(self, encoder: Encoder, space: Space, segments: Sequence[Segment]) -> None:
        self.encoder, self.space, self.segments = encoder, space, tuple(segments)
        self.fields = tuple(encoder.fields)
        places = {field.name: place for place, field in enumerate(self.fields)}
        self._owner = np.array([places[axis.field] for axis in space.axes], dtype=np.int64)
        self._centres = np.array([segment.centre for segment in self.segments])
        self._lists = [list(segment.centre) for segment in self.segments]
        self._reasons = Reasons(self.fields, [field.name for field in self.fields], SUBJECT)

    @property
    def extras(self) -> frozenset[str]:
        """Known columns that the model does not look at."""
        return frozenset(self.encoder.extras)

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        z = self.space.one(self.encoder.encode_one(record))
        distances = [sum([(a - b) * (a - b) for a, b in zip(z, centre, strict=True)]) for centre in self._lists]
        nearest = min(distances)
        best = distances.index(nearest)
        distances[best] = float("inf")
        second = min(distances)
        answer = self._said(best, nearest, second)
        if explain:
            effects = self._effects(np.array([z]), np.array([best]), np.array([distances.index(second)]))[0]
            answer |= {"raw": float(effects.sum()), "base": 0.0, **self._reasons.one(record.get, effects)}
        return answer

    def _said(self, best: int, nearest: float, second: float) -> dict[str, Any]:
        segment = self.segments[best]
        return {
            "segment": segment.id,
            "persona": segment.persona,
            "description": segment.description,
            "confidence": 1.0 - sqrt(nearest / second) if second > 0 else 0.0,
        }

    def _effects(self, Z: Floats, best: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Floats:
        """(n, fields): squared distance to the next segment less that to the segment answered, by field."""
        nearer = (Z - self._centres[second]) ** 2 - (Z - self._centres[best]) ** 2
        effects = np.zeros((len(Z), len(self.fields)))
        np.add.at(effects.T, self._owner, nearer.T)
        return effects

    def nearest(self, Z: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """The nearest segment of each row, the next one, and the squared distances (n, segments)."""
        distances = np.stack([((Z - centre) ** 2).sum(axis=1) for centre in self._centres], axis=1)
        best = distances.argmin(axis=1)
        others = distances.copy()
        others[np.arange(len(Z)), best] = np.inf
        return best, others.argmin(axis=1), distances

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        X, positions, rejects = self.encoder.encode_table(table)
        Z = self.space.many(X)
        best, second, distances = self.nearest(Z)
        at = np.arange(len(Z))
        near, far = distances[at, best], distances[at, second]
        confidence = np.where(far > 0, 1.0 - np.sqrt(near / np.where(far > 0, far, 1.0)), 0.0)
        taken = pa.array(best)
        columns = {
            "segment": pa.array([segment.id for segment in self.segments]).take(taken),
            "persona": pa.array([segment.persona for segment in self.segments]).take(taken),
            "description": pa.array([segment.description for segment in self.segments]).take(taken),
            "confidence": pa.array(confidence),
        }
        if explain:
            columns |= self._explain(table, positions, Z, best, second)
        return TableAnswer(positions, columns, rejects)

    def _explain(
        self,
        table: pa.Table,
        positions: npt.NDArray[np.int64],
        Z: Floats,
        best: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
    ) -> dict[str, pa.Array]:
        texts: list[str] = []
        others: list[float] = []
        raw: list[float] = []
        for start in range(0, len(Z), EXPLAINED_AT_ONCE):
            part = slice(start, start + EXPLAINED_AT_ONCE)
            effects = self._effects(Z[part], best[part], second[part])
            rows = table.take(pa.array(positions[part]))
            blank = [None] * len(effects)
            held = {name: rows.column(name).to_pylist() for name in table.column_names}
            found = self._reasons.many(lambda name, held=held, blank=blank: held.get(name, blank), effects)  # type: ignore[misc]
            texts.extend(map(as_text, found))
            others.extend(row["other_effects"] for row in found)
            raw.extend(effects.sum(axis=1).tolist())
        return {
            "raw": pa.array(raw, pa.float64()),
            "base": pa.array([0.0] * len(raw), pa.float64()),
            "reasons": pa.array(texts, pa.string()),
            "other_effects": pa.array(others, pa.float64()),
        }


__all__ = ["Segment", "SegmentModel"]
