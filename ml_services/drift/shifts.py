"""How the counts of a window differ from those of the reference: size, chance, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.drift import figures
from ml_services.drift.bins import NEW, Bins
from ml_services.drift.limits import MODERATE, SHOWN_BINS, STRONG

Floats = npt.NDArray[np.float64]
OF_ITSELF = ("score", "answer", "what came")
"""What the sentence around it has named already."""


@dataclass
class Shift:
    """Of one column. `chance`: the p-value alone; `adjusted`: among all that were looked at with it."""

    name: str
    names: list[str]
    before: Floats
    now: Floats
    index: float
    chance: float
    adjusted: float = 1.0
    moved: bool = False

    @property
    def size(self) -> str:
        """none, moderate or strong, by the stability index."""
        return "strong" if self.index >= STRONG else "moderate" if self.index >= MODERATE else "none"

    def judge(self, adjusted: float, alpha: float) -> None:
        """Moved: both large enough to matter and too unlikely by chance."""
        self.adjusted = adjusted
        self.moved = self.index >= MODERATE and adjusted < alpha

    def bins(self) -> list[dict[str, Any]]:
        """Shares before and now, of at most SHOWN_BINS bins: those that changed most, in their order."""
        before, now = self.before / max(self.before.sum(), 1), self.now / max(self.now.sum(), 1)
        changed = np.argsort(-np.abs(now - before), kind="stable")[:SHOWN_BINS]
        kept = sorted(k for k in changed.tolist() if before[k] or now[k])
        return [
            {"name": self.names[k], "before": round(float(before[k]), 4), "now": round(float(now[k]), 4)} for k in kept
        ]

    def words(self) -> str:
        """What changed most, as a person would say it."""
        before, now = self.before / max(self.before.sum(), 1), self.now / max(self.now.sum(), 1)
        missing = len(self.names) - 1
        if now[missing] == 1.0:
            return f"{self.name} is no longer sent: no row has a value; {1 - before[missing]:.0%} had one before"
        most = int(np.abs(now - before).argmax())
        told = {missing: "without a value"}.get(most, self.names[most])
        told = "values never seen before" if self.names[most] == NEW else told
        about = "" if self.name in OF_ITSELF else f"{self.name}: "
        return f"{about}{told} was {before[most]:.0%} of the rows, now {now[most]:.0%}"

    def as_json(self) -> dict[str, Any]:
        """With its bins only where it moved: the rest is for nobody to look at."""
        told = {
            "name": self.name,
            "psi": round(self.index, 4),
            "size": self.size,
            "chance": float(f"{self.adjusted:.3g}"),
            "moved": self.moved,
        }
        missing = [counts[-1] / max(counts.sum(), 1) for counts in (self.before, self.now)]
        told["missing"] = dict(zip(("before", "now"), (round(float(one), 4) for one in missing), strict=True))
        return told | ({"bins": self.bins(), "words": self.words()} if self.moved else {})


def shift(name: str, bins: Bins, now: Floats, least: float = 0.0) -> Shift:
    """Of a window's counts against the reference's; `least`: the index that chance must not explain. Bins that are
    empty in both say nothing."""
    both = (bins.before + now) > 0
    index = figures.stability_index(bins.before[both], now[both]) if both.sum() > 1 else 0.0
    return Shift(name, bins.names, bins.before, now, index, figures.chance(bins.before, now, least))


def judge(found: list[Shift], alpha: float) -> None:
    """Holds the chance of any false call among them to alpha."""
    for one, adjusted in zip(found, figures.holm([one.chance for one in found]), strict=True):
        one.judge(adjusted, alpha)


__all__ = ["Shift", "judge", "shift"]
