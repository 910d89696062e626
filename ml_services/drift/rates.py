"""What came against what was learned, and against what was said: rates, shares of names, and amounts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml_services.drift import figures
from ml_services.drift.bins import level_bins, number_bins
from ml_services.drift.limits import LEAST_RARER, LEAST_ROWS, MODERATE, ODDS_RATIO, SMALL_D
from ml_services.drift.reference import MOST_NAMES, Reference
from ml_services.drift.shifts import Shift, shift


@dataclass
class Finding:
    """One test. `chance`: the p-value that the effect is too small to matter; `moved` is decided among all tests of
    the verdict."""

    name: str
    chance: float
    words: str
    facts: dict[str, Any]
    adjusted: float = 1.0
    moved: bool = False

    def as_json(self) -> dict[str, Any]:
        chance = float(f"{self.adjusted:.3g}")
        return {"name": self.name, **self.facts, "chance": chance, "moved": self.moved, "words": self.words}


@dataclass
class Told:
    """The outcome part of a verdict: facts, tests, and why there are none."""

    facts: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    why: str = ""

    def unknown(self, why: str) -> Told:
        """Nothing can be said."""
        self.why = why
        return self


def compare(told: Told, reference: Reference, values: Sequence[Any], said: Sequence[tuple[float, Any]]) -> Told:
    """Adds the tests that fit the predictor's task."""
    task = reference.predictor.task
    if task == "binary":
        return _rates(told, reference, values, said)
    if task == "value":
        return _amounts(told, reference, values, said)
    counts = dict(reference.target.get("labels") or ())
    if not counts:
        return told.unknown("The version keeps nothing of what it learned to tell.")
    bins = level_bins("what came", counts, MOST_NAMES)
    told.shifts.append(shift("what came", bins, bins.counted([v for v in values if isinstance(v, str)]), MODERATE))
    return told


def _rates(told: Told, reference: Reference, values: Sequence[Any], said: Sequence[tuple[float, Any]]) -> Told:
    (_, negative), (_, positive) = reference.target["labels"]
    rows, yes = len(values), sum(value is True for value in values)
    before, rate = positive / (positive + negative), yes / rows
    told.facts |= {"rate": round(rate, 4), "learned_rate": round(before, 4)}
    if min(before, 1 - before) * rows < LEAST_RARER:
        return told.unknown(
            f"At the rate learned, {min(before, 1 - before) * rows:.1f} of the rarer outcome would be among {rows:,}; "
            f"at least {LEAST_RARER:.0f} are needed."
        )
    (now, now_variance), (learned, variance) = (
        figures.log_odds(yes, rows),
        figures.log_odds(positive, positive + negative),
    )
    told.findings.append(
        Finding(
            "base_rate",
            figures.beyond(now - learned, math.log(ODDS_RATIO), math.sqrt(now_variance + variance)),
            f"It happened in {rate:.1%} of {rows:,} cases; when the model learned, in {before:.1%}.",
            {"before": round(before, 4), "now": round(rate, 4), "rows": rows},
        )
    )
    return _calibration(told, said)


def _calibration(told: Told, said: Sequence[tuple[float, Any]]) -> Told:
    """Calibration-in-the-large: the sum of the chances said against what came (D. J. Spiegelhalter, Statistics in
    Medicine 5(5), 1986)."""
    if len(said) < LEAST_ROWS:
        return told
    chances = np.array([one for one, _ in said])
    came = np.array([value is True for _, value in said])
    variance = float((chances * (1 - chances)).sum())
    if variance == 0 or min(chances.sum(), (1 - chances).sum()) < LEAST_RARER:
        return told
    expected, rate = float(chances.mean()), float(came.mean())
    off = figures.log_odds(came.sum(), len(came))[0] - figures.log_odds(chances.sum(), len(chances))[0]
    told.findings.append(
        Finding(
            "calibration",
            figures.beyond(off, math.log(ODDS_RATIO), math.sqrt(variance) / (chances.sum() * (1 - expected))),
            f"The model said {expected:.1%} on average, and it happened in {rate:.1%} of these {len(said):,} cases.",
            {"said": round(expected, 4), "came": round(rate, 4), "rows": len(said)},
        )
    )
    return told


def _amounts(told: Told, reference: Reference, values: Sequence[Any], said: Sequence[tuple[float, Any]]) -> Told:
    bins = number_bins("what came", reference.target)
    came = [value if isinstance(value, int | float) else None for value in values]
    told.shifts.append(shift("what came", bins, bins.counted(came), MODERATE))
    pairs = np.array([(one, value) for one, value in said if isinstance(value, int | float)], dtype=np.float64)
    if len(pairs) < LEAST_ROWS:
        return told
    off, spread = pairs[:, 1] - pairs[:, 0], float(pairs[:, 1].std())
    deviation = float(off.std(ddof=1))
    if deviation == 0 or spread == 0:
        return told
    expected, amount = (float(one) for one in pairs.mean(axis=0))
    told.findings.append(
        Finding(
            "calibration",
            figures.beyond(float(off.mean()), SMALL_D * spread, deviation / math.sqrt(len(off))),
            f"The model said {expected:,.2f} on average, and {amount:,.2f} came, over {len(off):,} cases.",
            {"said": round(expected, 2), "came": round(amount, 2), "rows": len(off)},
        )
    )
    return told


__all__ = ["Finding", "Told", "compare"]
