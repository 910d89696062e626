"""Autoregression on the changes since a season ago, by ridge regression: a linear stand-in for seasonal ARIMA."""

from __future__ import annotations

import numpy as np

from ml_services.forecasting.seasonal import Floats, Ints

LAGS = 5
"""Recent changes looked at, beside the one a season ago."""
SHRINKAGE = 10.0
"""Ridge weight in units of the changes' variance: short series lean on few values."""
SPARE = 8
"""Values wanted beyond two seasons before changes since a season ago are used."""


def autoregression(values: Floats, origins: Ints, season: int, steps: int) -> Floats:
    """Forecasts (origins, steps)."""
    return np.array([one_origin(values[:origin], season, steps) for origin in origins])


def one_origin(values: Floats, season: int, steps: int) -> Floats:
    back = season if season > 1 and len(values) >= 2 * season + SPARE else 1
    changes = values[back:] - values[:-back]
    lags = [*range(1, LAGS + 1), *([season] if season > LAGS else [])]
    lags = [lag for lag in lags if len(changes) - lag >= 2 * len(lags)] or [1]
    weights, constant = fit(changes, lags)
    grown = np.concatenate([values, np.zeros(steps)])
    moved = np.concatenate([changes, np.zeros(steps)])
    at = np.array(lags)
    for step in range(steps):
        now = len(changes) + step
        moved[now] = constant + (weights @ moved[now - at] if now >= at.max() else 0.0)
        grown[len(values) + step] = grown[len(values) + step - back] + moved[now]
    return grown[len(values) :]


def fit(changes: Floats, lags: list[int]) -> tuple[Floats, float]:
    """Ridge weights of the lagged changes, and the constant (all but unshrunk)."""
    longest = max(lags)
    target = changes[longest:]
    if len(target) < 2:
        return np.zeros(len(lags)), float(changes.mean())
    columns = np.stack([changes[longest - lag : len(changes) - lag] for lag in lags] + [np.ones(len(target))], axis=1)
    tiny = 1e-9 * float(np.mean(columns**2)) + 1e-300
    ridge = np.full(len(lags) + 1, SHRINKAGE * float(target.var()) + tiny)
    ridge[-1] = 0.02 * len(target)
    solution = np.linalg.solve(columns.T @ columns + np.diag(ridge), columns.T @ target)
    return solution[:-1], float(solution[-1])
