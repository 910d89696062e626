"""Single values far out of line with their neighbours and their place in the season: errors of entry, one-off sales.

They stay in what a forecast is judged by, but the methods see what would have been usual instead. Source: Hampel's
identifier (Davies & Gather, JASA 88, 1993) on the rest after a running median and the medians of the season.
"""

from __future__ import annotations

import numpy as np

from ml_services.forecasting.seasonal import Floats, Ints

FAR = 8.0
"""Robust standard deviations from the usual; wide, since real sales have heavy tails."""
LEAST_LOG = 0.3
"""Of a positive series: less than a third off is no accident, however regular the rest."""
LEAST_JUMPS = 3.0
"""Usual steps from value to value: what looks far on logs may be little where values are near zero."""
MAD_TO_SIGMA = 1.4826
LEAST_CYCLES = 3
"""Of a season, so that its median is not moved by the one value that is out of line."""
LEAST_VALUES = 20
MOST_SHARE = 0.03
"""Where more than this share is far out, that is how the series is, not an accident."""
HALF_WINDOW = 3
"""Neighbours on either side that a series without season is compared with."""


def usual(values: Floats, season: int) -> tuple[Ints, Floats]:
    """Places of the values out of line, ascending, and what would have been usual there."""
    none = np.zeros(0, dtype=np.int64), np.zeros(0)
    period = season if len(values) >= LEAST_CYCLES * season else 1
    if len(values) < LEAST_VALUES or (period < season and season > 1):
        return none
    positive = bool(np.median(values) > 0 and values.min() >= 0 and np.mean(values == 0) < MOST_SHARE)
    floor = float(np.median(values)) / 100
    plain = np.log(np.maximum(values, floor)) if positive else values
    # Taken out first, since a running median lags at the ends; whole seasons apart, and robust (Theil & Sen).
    apart = max(period, len(values) // 2 // period * period)
    trend = np.arange(len(values)) * float(np.median(plain[apart:] - plain[:-apart])) / apart
    line = running_median(plain - trend, max(period // 2, HALF_WINDOW)) + trend
    place = np.arange(len(values)) % period
    rest = plain - line
    medians = np.array([np.median(rest[place == k]) for k in range(period)])
    rest = rest - medians[place]
    sigma = MAD_TO_SIGMA * float(np.median(np.abs(rest)))
    far = np.flatnonzero(np.abs(rest) > max(FAR * sigma, LEAST_LOG if positive else 0.0))
    if sigma == 0 or not len(far) or len(far) > max(1.0, MOST_SHARE * len(values)):
        return none
    alone = np.array([not {k - 1, k + 1} & set(far.tolist()) for k in far])
    far = far[alone]
    instead = np.exp(line + medians[place])[far] if positive else (line + medians[place])[far]
    jumps = MAD_TO_SIGMA * float(np.median(np.abs(np.diff(values))))
    clear = np.abs(values[far] - instead) > LEAST_JUMPS * jumps
    return far[clear], instead[clear]


def running_median(values: Floats, half: int) -> Floats:
    """Of each value with `half` neighbours on either side; at the ends, of as many values on the one side."""
    size = min(2 * half + 1, len(values))
    median = np.median(np.lib.stride_tricks.sliding_window_view(values, size), axis=1)
    starts = np.clip(np.arange(len(values)) - half, 0, len(median) - 1)
    found: Floats = median[starts]
    return found


def without(values: Floats, season: int) -> Floats:
    """The values with the usual in place of those out of line."""
    places, instead = usual(values, season)
    cleaned = values.copy()
    cleaned[places] = instead
    return cleaned
