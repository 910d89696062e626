"""The time that one training may take, and what it left out to keep it.

What is done is planned beforehand from rows, columns and budget, so that the same file gives the same model on any
machine. The clock is the safety stop beneath that plan, for a machine slower or busier than thought: it lets no step
begin that would not end in time, and the card names whatever it left out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

GATE_SHARE = 0.5
"""Of the budget: after that the leakage gate begins no further model but that of the strongest column."""
STOP_SHARE = 0.68
"""Of the budget: no further setting is begun that would not end by then."""


@dataclass
class Clock:
    """The time budget of a training run. `pace`: how many times longer than planned the last trials took. Not
    `hurried`: the budget is planned by, and stops nothing, however slow the machine is at the moment."""

    budget_s: float
    started: float = field(default_factory=time.perf_counter)
    hurried: bool = True
    pace: float = 1.0
    left_out: list[str] = field(default_factory=list)

    @property
    def spent_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def over(self) -> bool:
        """Whether to begin nothing more but what a model cannot do without."""
        return self.past(STOP_SHARE)

    def past(self, share: float) -> bool:
        """Whether more than this share of the budget is spent."""
        return self.hurried and self.spent_s > share * self.budget_s

    def allows(self, planned_s: float) -> bool:
        """Whether a step planned to take so long would, at the pace seen, end before the search must."""
        return not self.hurried or self.spent_s + planned_s * self.pace <= STOP_SHARE * self.budget_s

    def took(self, planned_s: float, seconds: float) -> None:
        """Learns the pace from a step: half from it, half from those before."""
        self.pace = 0.5 * self.pace + 0.5 * seconds / planned_s

    def leave(self, what: str) -> None:
        """Notes what there was no time for."""
        if what not in self.left_out:
            self.left_out.append(what)

    @property
    def notes(self) -> list[str]:
        """For the card."""
        return [f"The time budget left no time for {what}." for what in self.left_out]


def begin(budget_s: float, begun: float | None, *, hurried: bool = True) -> Clock:
    """The clock of a training whose budget began at `begun`, a `time.perf_counter()`, or begins now."""
    return Clock(budget_s, time.perf_counter() if begun is None else begun, hurried)


def forever() -> Clock:
    """A clock that never stops anything."""
    return Clock(float("inf"))
