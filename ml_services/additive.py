"""A model that is a sum of one-feature functions: curves of numbers and tables of category codes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Curve:
    """A piecewise-linear function of a number, flat beyond its knots, for each of K outputs.

    `knots` (m,) ascending; `heights` (K, m) at the knots; `missing` (K,) for what is not a finite number.
    """

    def __init__(self, knots: Floats, heights: Floats, missing: Floats) -> None:
        self.knots = np.asarray(knots, dtype=np.float64)
        self.heights = np.atleast_2d(np.asarray(heights, dtype=np.float64))
        self.missing = np.atleast_1d(np.asarray(missing, dtype=np.float64))

    def many(self, values: Floats) -> Floats:
        """(n,) to (n, K)."""
        known = np.isfinite(values)
        filled = np.where(known, values, self.knots[0])
        curves = np.stack([np.interp(filled, self.knots, heights) for heights in self.heights], axis=1)
        return np.where(known[:, None], curves, self.missing)

    def lifted(self, by: Floats) -> Curve:
        """The same with `by` (K,) added everywhere."""
        return Curve(self.knots, self.heights + by[:, None], self.missing + by)

    def one(self, output: int | None) -> Callable[[float], Any]:
        """The function of one value: for one output a float, for None the (K,) array of all."""
        own = self.heights.T if output is None else self.heights[output]
        missing: Any = self.missing if output is None else float(self.missing[output])
        knots = self.knots.tolist()
        heights: Any = list(own) if output is None else own.tolist()
        slopes = [
            (high - low) / (right - left) if right > left else 0.0 * low
            for low, high, left, right in zip(heights, heights[1:], knots, knots[1:], strict=False)
        ]
        first, last, lowest, highest = knots[0], knots[-1], heights[0], heights[-1]

        def curve(value: float) -> Any:
            if value - value != 0.0:  # NaN or infinite
                return missing
            if value <= first:
                return lowest
            if value >= last:
                return highest
            place = bisect_right(knots, value) - 1
            return heights[place] + slopes[place] * (value - knots[place])

        return curve


class Levels:
    """A table of category codes. `table` (K, L); `missing` (K,) for codes that are missing or outside the table."""

    def __init__(self, table: Floats, missing: Floats) -> None:
        self.table = np.atleast_2d(np.asarray(table, dtype=np.float64))
        self.missing = np.atleast_1d(np.asarray(missing, dtype=np.float64))

    def many(self, values: Floats) -> Floats:
        """(n,) codes to (n, K)."""
        known = (values >= 0) & (values < self.table.shape[1])
        whole = np.concatenate([self.table, self.missing[:, None]], axis=1).T
        return whole[np.where(known, values, self.table.shape[1]).astype(np.int64)]

    def lifted(self, by: Floats) -> Levels:
        """The same with `by` (K,) added everywhere."""
        return Levels(self.table + by[:, None], self.missing + by)

    def one(self, output: int | None) -> Callable[[float], Any]:
        """The function of one code: for one output a float, for None the (K,) array of all."""
        missing: Any = self.missing if output is None else float(self.missing[output])
        table: Any = list(self.table.T) if output is None else self.table[output].tolist()
        size = len(table)

        def level(value: float) -> Any:
            return table[int(value)] if 0 <= value < size else missing

        return level


class AdditiveScorer:
    """Raw = base + the sum of one part a feature.

    `parts`: one for each encoded feature, in order; `base` (K,). With `reference` (n, k), usually the rows learned
    from, every part is lifted so that it averages zero there: then an effect says how far this value moves the score
    from the average one, for a straight line coefficient times (value - mean), and the base is the average score.
    """

    def __init__(self, parts: Sequence[Curve | Levels], base: Any, reference: Floats | None = None) -> None:
        self.base = np.atleast_1d(np.asarray(base, dtype=np.float64)).copy()
        self.parts = list(parts)
        if reference is not None and len(reference):
            means = [part.many(reference[:, j]).mean(axis=0) for j, part in enumerate(self.parts)]
            self.parts = [part.lifted(-mean) for part, mean in zip(self.parts, means, strict=True)]
            self.base += np.sum(means, axis=0)
        self.n_outputs, self.n_features = len(self.base), len(self.parts)
        self._prepare()

    def _prepare(self) -> None:
        single = self.n_outputs == 1
        self._ones = [part.one(0 if single else None) for part in self.parts]
        self._base: Any = float(self.base[0]) if single else self.base

    def raw_one(self, row: Sequence[float]) -> Any:
        """A float, or (K,)."""
        total = self._base
        for part, value in zip(self._ones, row, strict=True):
            total = total + part(value)
        return total

    def effects_one(self, row: Sequence[float]) -> tuple[Any, Floats]:
        """Base (float or (K,)) and effects (k,) or (k, K)."""
        return self._base, np.array([part(value) for part, value in zip(self._ones, row, strict=True)])

    def raw(self, X: Floats) -> Floats:
        """(n,) or (n, K)."""
        total = np.tile(self.base, (len(X), 1))
        for j, part in enumerate(self.parts):
            total += part.many(X[:, j])
        return total[:, 0] if self.n_outputs == 1 else total

    def effects(self, X: Floats) -> tuple[Any, Floats]:
        """Base and effects (n, k) or (n, k, K)."""
        effects = np.stack([part.many(X[:, j]) for j, part in enumerate(self.parts)], axis=1)
        return self._base, effects[:, :, 0] if self.n_outputs == 1 else effects

    def __getstate__(self) -> dict[str, Any]:
        return {"base": self.base, "parts": self.parts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.base, self.parts = state["base"], state["parts"]
        self.n_outputs, self.n_features = len(self.base), len(self.parts)
        self._prepare()


__all__ = ["AdditiveScorer", "Curve", "Floats", "Levels"]
