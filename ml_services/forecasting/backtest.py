"""The rolling-origin back-test: where to stand, and how far each method was off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml_services.forecasting import outliers, yearly
from ml_services.forecasting.methods import Problem, forecasts
from ml_services.forecasting.seasonal import Floats, Ints

ORIGINS = 12
STRIDES = 4
"""Origins a horizon: neighbouring windows overlap by three quarters, which gives errors at every step."""
LEAST_KNOWN = 4
"""Values before the first origin: fewer do not make a line and its scatter."""
USUAL_KNOWN = 10
LEAST_ORIGINS = 3
RECENT = 520
"""Values that the methods look at: ten years of weeks, a year and a half of days. More cost time and help nothing."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """`ahead` (1 + origins, steps) by method: row 0 is the forecast itself, the others stand at earlier origins.
    `actual` is as large, NaN where the future was not yet known (all of row 0). `problem` is what the methods saw;
    `swing` (1 + origins, steps) what was put back on their forecasts of it: factors or offsets of the year."""

    problem: Problem
    ahead: dict[str, Floats]
    actual: Floats
    swing: Floats | None = None

    @property
    def windows(self) -> int:
        return len(self.problem.origins) - 1

    def error(self, ahead: Floats) -> float:
        """Mean absolute error over all windows and steps; NaN without any."""
        miss = np.abs(ahead - self.actual)[1:]
        return float(np.nanmean(miss)) if self.windows else float("nan")


def earlier_origins(count: int, season: int, steps: int, wanted: int = 0) -> list[int]:
    """Up to ORIGINS numbers of known values to forecast from, longest first; two seasons, and `wanted` values, known
    where they can be."""
    least = max(LEAST_KNOWN, min(USUAL_KNOWN, count // 2))
    for known in (2 * season + 1 if season > 1 else 0, wanted):
        if count - known >= max(STRIDES, steps // 2):
            least = max(least, known)
    stride = -(-steps // STRIDES)
    origins = list(range(count - 1, least - 1, -stride))[:ORIGINS]
    if len(origins) < LEAST_ORIGINS and count > least:
        places = np.linspace(least, count - 1, min(ORIGINS, count - least))
        origins = sorted({round(place) for place in places}, reverse=True)
    return origins if len(origins) >= LEAST_ORIGINS else []


def run(values: Floats, season: int, steps: int, *, daily: bool = False) -> Backtest:
    """The methods on the series as it is."""
    wanted = yearly.least_days(season) if daily else 0
    origins = np.array([len(values), *earlier_origins(len(values), season, steps, wanted)])
    problem = recent(outliers.without(values, season), origins, season, steps)
    return Backtest(problem, forecasts(problem), futures(values, origins, steps))


def run_yearly(values: Floats, season: int, steps: int) -> Backtest | None:
    """The methods on a daily series without its yearly profile, or None where too little of a year is known.

    The profile is drawn twice: for the back-test from what was known at its earliest origin, for the forecast from
    everything.
    """
    count = len(values)
    earlier = earlier_origins(count, season, steps, yearly.least_days(season))
    if not earlier or earlier[-1] < yearly.least_days(season):
        return None
    seen = outliers.without(values, season)
    then = yearly.profile(seen[: earlier[-1]], season, count + steps)
    now = yearly.profile(seen, season, count + steps)
    origins = np.array([count, *earlier])
    past = recent(then.remove(seen), origins[1:], season, steps)
    present = recent(now.remove(seen), origins[:1], season, steps)
    ahead, last = forecasts(past), forecasts(present)
    swing = np.array([now.at(count, steps), *(then.at(origin, steps) for origin in earlier)])
    return Backtest(
        Problem(present.values, origins - (count - len(present.values)), season, steps),
        {name: now.put_on(np.concatenate([last[name], rows]), swing) for name, rows in ahead.items() if name in last},
        futures(values, origins, steps),
        swing,
    )


def recent(values: Floats, origins: Ints, season: int, steps: int) -> Problem:
    """The problem without the distant past."""
    start = max(0, min(len(values) - RECENT, int(origins.min()) - RECENT // 2))
    return Problem(values[start:], origins - start, season, steps)


def futures(values: Floats, origins: Ints, steps: int) -> Floats:
    """(origins, steps): what came after each origin."""
    actual = np.full((len(origins), steps), np.nan)
    for row, origin in enumerate(origins):
        future = values[origin : origin + steps]
        actual[row, : len(future)] = future
    return actual
