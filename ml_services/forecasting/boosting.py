"""Gradient boosting on lags: LightGBM on values measured from their own recent level, so that a trend carries on.

Two fits serve a whole back-test: one on what was known at its earliest origin, read at every origin, and one on
everything for the forecast itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.forecasting.seasonal import Floats, Ints

if TYPE_CHECKING:
    import lightgbm

SHORT_LAGS = 4
TREES = 80
PARAMETERS: dict[str, Any] = {
    "objective": "l2",
    "learning_rate": 0.08,
    "num_leaves": 6,
    "min_data_in_leaf": 5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "seed": 42,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}
LEAST_ROWS = 24
"""Fewer examples than this teach trees nothing that a line would not say better."""


def window(season: int) -> int:
    """How many values back a row of features looks."""
    return max(2 * season, SHORT_LAGS + 2) if season > 1 else 2 * SHORT_LAGS


def features(past: Floats, season: int, position: Ints) -> tuple[Floats, Floats]:
    """(rows, k) features and (rows,) levels of `past` (rows, window), newest last; all measured from the level."""
    span = season if season > 1 else SHORT_LAGS
    level = past[:, -span:].mean(axis=1)
    recent = past[:, : -SHORT_LAGS - 1 : -1] - level[:, None]
    columns = [*recent.T, past[:, -2:].mean(axis=1) - level, level - past[:, -2 * span : -span].mean(axis=1)]
    if season > 1:
        columns += [past[:, -season] - level, past[:, -season + 1] - level, past[:, -2 * season] - level]
        columns += [past[:, -season] - past[:, -2 * season : -season].mean(axis=1), position.astype(float)]
    return np.stack(columns, axis=1), level


def examples(values: Floats, season: int) -> tuple[Floats, Floats]:
    """Every window of one series with the value that came after it, measured from the window's level."""
    size = window(season)
    past = np.lib.stride_tricks.sliding_window_view(values, size)[:-1]
    rows, level = features(past, season, np.arange(size, len(values)) % season)
    return rows, values[size:] - level


def learn(rows: Floats, target: Floats) -> lightgbm.Booster:
    import lightgbm

    data = lightgbm.Dataset(rows, target, params={"verbosity": -1, "min_data_in_bin": 2})
    return lightgbm.train(PARAMETERS, data, num_boost_round=TREES)


def carry_on(booster: lightgbm.Booster, values: Floats, origins: Ints, season: int, steps: int) -> Floats:
    """Forecasts (origins, steps): each value forecast becomes the newest lag of the next."""
    size = window(season)
    path = np.zeros((len(origins), size + steps))
    for row, origin in enumerate(origins):
        path[row, :size] = values[origin - size : origin]
    for step in range(steps):
        rows, level = features(path[:, step : step + size], season, (origins + step) % season)
        path[:, size + step] = level + booster.predict(rows, num_threads=1)
    return path[:, size:]


def boosting(values: Floats, origins: Ints, season: int, steps: int) -> Floats | None:
    """Forecasts (origins, steps), longest origin first, or None where there is too little to learn from."""
    earliest = int(origins.min())
    if earliest - window(season) < LEAST_ROWS:
        return None
    ahead = np.zeros((len(origins), steps))
    latest = origins == origins.max()
    for chosen, known in ((latest, int(origins.max())), (~latest, earliest)):
        if chosen.any():
            booster = learn(*examples(values[:known], season))
            ahead[chosen] = carry_on(booster, values, origins[chosen], season, steps)
    return ahead
