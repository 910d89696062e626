"""The trained model of a row predictor: encode, score, calibrate, present; with reasons where asked for."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from ml_services.base import Model, Record, TableAnswer
from ml_services.presentation import Presentation
from ml_services.reasons import Reasons, as_text
from ml_services.scorers import Scorer
from platform_core.errors import RecordInvalid

if TYPE_CHECKING:
    import pyarrow as pa

    from ml_services.encoding import Encoder

Floats = npt.NDArray[np.float64]

EXPLAINED_AT_ONCE = 4096
"""Rows whose effects are held together: (rows, features, classes) float64."""


class Calibrator(Protocol):
    """From raw scores to probabilities or values."""

    def one(self, raw: Any) -> Any:
        """Of one row: a float, or (K,)."""

    def many(self, raw: Floats) -> Floats:
        """(n,), or (n, K)."""


class TabularModel(Model):
    """One row in, one answer out.

    The calibrator maps raw scores: `one(raw)` and `many(raw)`, for a value too (then it undoes a logarithm). Of K
    classes, `raw`, `base` and `reasons` are those of the class answered.
    """

    _as_trained: Presentation

    def __init__(self, encoder: Encoder, scorer: Scorer, calibrator: Calibrator, presentation: Presentation) -> None:
        self.encoder, self.scorer, self.calibrator, self.presentation = encoder, scorer, calibrator, presentation
        self.fields = tuple(encoder.fields)
        self.reasons = Reasons(self.fields, [feature.field for feature in encoder.features], presentation.subject)

    @property
    def extras(self) -> frozenset[str]:
        """Columns of the training file that a record may hold, though they are not looked at."""
        return frozenset(self.encoder.extras)

    @property
    def cuts(self) -> tuple[float, ...] | None:
        return getattr(self.presentation, "cuts", None)

    def with_cuts(self, cuts: tuple[float, ...] | None) -> TabularModel:
        own = self.__dict__.get("_as_trained", self.presentation)
        wanted = own if cuts is None or not hasattr(own, "cuts") else replace(cast(Any, own), cuts=cuts)
        if wanted == self.presentation:
            return self
        other = copy.copy(self)  # all else is shared: a change of cuts costs nothing and loads nothing
        other._as_trained, other.presentation = own, wanted
        return other

    def warm(self) -> None:
        """Builds the boosters now (in the process that serves), so that no request waits for it."""
        row = [float("nan")] * self.scorer.n_features
        self.scorer.raw_one(row)
        self.scorer.effects_one(row)

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        row = self.encoder.encode_one(record)
        raw = self.scorer.raw_one(row)
        calibrated = self.calibrator.one(raw)
        answer = self.presentation.one(calibrated, raw)
        if explain:
            base, effects = self.scorer.effects_one(row)
            self._explain(answer, record, calibrated, raw, base, effects)
        return answer

    def _explain(
        self, answer: dict[str, Any], record: Record, calibrated: Any, raw: Any, base: Any, effects: Floats
    ) -> None:
        if self.scorer.n_outputs > 1:
            chosen = int(np.argmax(calibrated))
            raw, base, effects = raw[chosen], base[chosen], effects[:, chosen]
        answer |= {"raw": float(raw), "base": float(base), **self.reasons.one(record.get, effects)}

    def answers(self, records: Sequence[Record], *, explain: bool) -> list[dict[str, Any] | RecordInvalid]:
        X, positions, problems = self.encoder.encode_many(records)
        results: dict[int, dict[str, Any] | RecordInvalid] = dict(problems)
        if len(X):
            raws = self.scorer.raw(X)
            base, effects = self.scorer.effects(X) if explain else (0.0, X)
            for j, position in enumerate(positions.tolist()):
                raw = float(raws[j]) if self.scorer.n_outputs == 1 else raws[j]
                calibrated = self.calibrator.one(raw)
                answer = self.presentation.one(calibrated, raw)
                if explain:
                    self._explain(answer, records[position], calibrated, raw, base, effects[j])
                results[position] = answer
        return [results[position] for position in range(len(records))]

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        X, positions, rejects = self.encoder.encode_table(table)
        outputs = self.scorer.n_outputs
        raw = self.scorer.raw(X) if len(X) else np.empty((0,) if outputs == 1 else (0, outputs))
        calibrated = self.calibrator.many(raw) if len(X) else raw
        columns = self.presentation.many(calibrated, raw)
        if explain:
            columns |= self._explain_table(table, positions, X, raw, calibrated)
        return TableAnswer(positions, columns, rejects)

    def _explain_table(
        self, table: pa.Table, positions: npt.NDArray[np.int64], X: Floats, raw: Floats, calibrated: Floats
    ) -> dict[str, pa.Array]:
        import pyarrow as pa

        texts: list[str] = []
        others: list[float] = []
        bases: list[float] = []
        for start in range(0, len(X), EXPLAINED_AT_ONCE):
            part = slice(start, start + EXPLAINED_AT_ONCE)
            base, effects = self._chosen_effects(X[part], calibrated[part])
            rows = table.take(pa.array(positions[part]))
            found = self.reasons.many(lambda name, rows=rows: _values(rows, name), effects)  # type: ignore[misc]
            texts.extend(map(as_text, found))
            others.extend(row["other_effects"] for row in found)
            bases.extend(base.tolist())
        own = raw if raw.ndim == 1 else raw[np.arange(len(raw)), calibrated.argmax(axis=1)]
        return {
            "raw": pa.array(own, pa.float64()),
            "base": pa.array(bases, pa.float64()),
            "reasons": pa.array(texts, pa.string()),
            "other_effects": pa.array(others, pa.float64()),
        }

    def _chosen_effects(self, X: Floats, calibrated: Floats) -> tuple[Floats, Floats]:
        """Base (n,) and effects (n, k) of the class answered, or of the only output."""
        base, effects = self.scorer.effects(X)
        if effects.ndim == 2:
            return np.full(len(X), base), effects
        chosen = calibrated.argmax(axis=1)
        return np.asarray(base)[chosen], effects[np.arange(len(X)), :, chosen]


def _values(rows: pa.Table, name: str) -> Sequence[Any]:
    if name not in rows.column_names:
        return [None] * rows.num_rows
    values: list[Any] = rows.column(name).to_pylist()
    return values


__all__ = ["TabularModel"]
