"""What is counted, of whom, and for how long: the windows of each budget, from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MINUTE_S = 60
DAY_S = 86_400
WORDS = {MINUTE_S: "minute", DAY_S: "day"}
SUBJECTS = {"key": "a key", "user": "a person", "company": "a company", "address": "an address"}
LONGEST_DEBT_WINDOWS = 10
"""A batch may be as large as the allowance of so many minutes; what is beyond one minute's is booked on the next."""


class Budget(StrEnum):
    """What a request draws on. Reading pages does not eat predictions."""

    PREDICTIONS = "predictions"
    REQUESTS = "requests"
    SIGN_INS = "sign-ins"


@dataclass(frozen=True, slots=True)
class Window:
    """So many of a budget in a fixed window (a minute, a UTC day) for each of a kind of subject. `mark` begins the
    name of a counter, `name` is what a person reads."""

    mark: str
    name: str
    seconds: int
    limit: int
    most: int
    """The largest single request; above `limit` it is taken early in a window and leaves a debt."""

    def starts(self, now: int) -> int:
        """The start of the window that holds a moment, both in seconds since 1970 (UTC)."""
        return now - now % self.seconds


Windows = tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows of every subject: an address's own, then by budget those of keys, people and companies."""

    address: Windows
    sign_in: Windows
    key: dict[Budget, Windows]
    user: dict[Budget, Windows]
    company: dict[Budget, Windows]


def _pair(limits: Mapping[str, int], setting: str, subject: str, budget: Budget) -> Windows:
    found = []
    for seconds, word in WORDS.items():
        limit = limits.get(f"{setting}_{word.upper()}", 0)
        if limit:
            burst = seconds == MINUTE_S and budget is Budget.PREDICTIONS
            most = limit * LONGEST_DEBT_WINDOWS if burst else limit
            what = budget.removesuffix("s") if limit == 1 else str(budget)
            name = f"{limit:,} {what} a {word} for {SUBJECTS[subject]}"
            found.append(Window(f"{subject}-{budget}-{word}:", name, seconds, limit, most))
    return tuple(found)


def plan(limits: Mapping[str, int]) -> Plan:
    """The plan of the settings LIMIT_*; a limit of 0 is none."""
    made, asked = Budget.PREDICTIONS, Budget.REQUESTS
    return Plan(
        address=_pair(limits, "LIMIT_ADDRESS", "address", asked),
        sign_in=_pair(limits, "LIMIT_SIGN_IN", "address", Budget.SIGN_INS),
        key={made: _pair(limits, "LIMIT_KEY", "key", made), asked: _pair(limits, "LIMIT_REQUESTS", "key", asked)},
        user={made: _pair(limits, "LIMIT_USER", "user", made), asked: _pair(limits, "LIMIT_REQUESTS", "user", asked)},
        company={
            made: _pair(limits, "LIMIT_COMPANY", "company", made),
            asked: _pair(limits, "LIMIT_COMPANY_REQUESTS", "company", asked),
        },
    )


__all__ = ["DAY_S", "MINUTE_S", "Budget", "Plan", "Window", "Windows", "plan"]
