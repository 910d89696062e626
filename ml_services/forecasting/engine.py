"""One series in, its forecast out: back-test, choice, intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ml_services.forecasting.backtest import Backtest, run, run_yearly
from ml_services.forecasting.choice import Choice, choose
from ml_services.forecasting.conformal import Profile, Widths, widths
from ml_services.forecasting.pooling import Booster
from ml_services.forecasting.seasonal import Floats, Seasonality

NOTHING = 1e-9
"""Beside the largest value, this is zero: no sales differ by so much, and logarithms of it would rule the fit."""
YEAR_GAIN = 0.98
"""A yearly profile is used where it lowers the back-test error by at least this."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What training on many series adds to the one at hand: the methods' usual errors relative to naive's, and how
    the errors are distributed, and a booster of them all. Empty without training."""

    prior: dict[str, float] = field(default_factory=dict)
    profile: Profile | None = None
    booster: Booster | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Arrays are (steps,). `mase`, `naive_mase`: back-test errors over the mean absolute seasonal step of the
    history (Hyndman & Koehler 2006), None without a back-test or where nothing ever changed. `raw` is the first
    value before it is kept from going below zero; `plain` the past as the methods saw it, without season and year,
    `swing` what the year multiplies (or, where `seasonality` does not, adds to) the first value, None without one."""

    value: Floats
    low_80: Floats
    high_80: Floats
    low_95: Floats
    high_95: Floats
    method: str
    weights: dict[str, float]
    beats_naive: bool
    mase: float | None
    naive_mase: float | None
    windows: int
    raw: float
    plain: Floats
    seasonality: Seasonality
    swing: float | None


def forecast(
    values: Floats, season: int, steps: int, knowledge: Knowledge | None = None, *, daily: bool = False
) -> Forecast:
    """The whole answer for one gapless series, oldest value first. `daily`: it may have a year beside its week."""
    known = knowledge or Knowledge()
    values, unit = scaled(values)
    backtest, choice = best(values, season, steps, known, daily=daily)
    reach = widths(backtest, choice, known.profile)
    shared = known.booster.ahead(values, steps) if known.booster and known.booster.season == season else None
    if shared is not None and known.booster is not None and choice.beats_naive:
        choice = choice.joined(shared, known.booster.share)
    return assemble(backtest, choice, reach, unit)


def scaled(values: Floats) -> tuple[Floats, float]:
    """The values in units of the largest, and the unit; those that vanish beside it are zero."""
    unit = float(np.abs(values).max()) or 1.0
    parts = values / unit
    return np.where(np.abs(parts) < NOTHING, 0.0, parts), unit


def best(values: Floats, season: int, steps: int, known: Knowledge, *, daily: bool = False) -> tuple[Backtest, Choice]:
    """The back-test with the year taken out where that helps, else as the series is; and what it leads to."""
    backtest = run(values, season, steps, daily=daily)
    choice = choose(backtest, known.prior)
    without_year = run_yearly(values, season, steps) if daily else None
    if without_year is not None:
        other = choose(without_year, known.prior)
        if other.error < YEAR_GAIN * choice.error:
            return without_year, other
    return backtest, choice


def assemble(backtest: Backtest, choice: Choice, reach: Widths, scale: float) -> Forecast:
    problem = backtest.problem
    value = choice.ahead[0]
    least = 0.0 if problem.values.min() >= 0 else -np.inf
    unit = seasonal_step(problem.values, problem.season)
    scored = backtest.windows > 0 and unit > 0
    return Forecast(
        value=scale * np.maximum(value, least),
        low_80=scale * np.maximum(value - reach.down_80, least),
        high_80=scale * np.maximum(value + reach.up_80, least),
        low_95=scale * np.maximum(value - reach.half_95, least),
        high_95=scale * np.maximum(value + reach.half_95, least),
        method=title(choice.weights),
        weights=choice.weights,
        beats_naive=choice.beats_naive,
        mase=choice.error / unit if scored else None,
        naive_mase=choice.naive_error / unit if scored else None,
        windows=backtest.windows,
        raw=scale * float(choice.ahead[0, 0]),
        plain=scale * problem.adjusted[0],
        seasonality=problem.seasonalities[0].grown(scale),
        swing=None if backtest.swing is None else float(backtest.swing[0, 0]) * (1.0 if problem.positive else scale),
    )


def seasonal_step(values: Floats, season: int) -> float:
    """Mean absolute difference to a season ago, the unit of MASE; to the last value where there is no season yet."""
    back = season if len(values) > season else 1
    return float(np.abs(values[back:] - values[:-back]).mean())


def title(weights: dict[str, float]) -> str:
    names = list(weights)
    return names[0] if len(names) == 1 else f"combination of {', '.join(names[:-1])} and {names[-1]}"
