"""One series in, its forecast out: back-test, choice, intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ml_services.forecasting.backtest import Backtest, run
from ml_services.forecasting.choice import Choice, choose
from ml_services.forecasting.conformal import Profile, half_widths
from ml_services.forecasting.seasonal import Floats, Seasonality


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What training on many series adds to the one at hand: the methods' usual errors relative to naive's, and how
    the errors are distributed. Empty without training."""

    prior: dict[str, float] = field(default_factory=dict)
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Arrays are (steps,). `mase`, `naive_mase`: back-test errors over the mean absolute seasonal step of the
    history (Hyndman & Koehler 2006), None without a back-test or where nothing ever changed. `raw` is the first
    value before it is kept from going below zero."""

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
    seasonality: Seasonality


def forecast(values: Floats, season: int, steps: int, knowledge: Knowledge | None = None) -> Forecast:
    """The whole answer for one gapless series, oldest value first."""
    known = knowledge or Knowledge()
    backtest = run(values, season, steps)
    choice = choose(backtest, known.prior)
    return assemble(backtest, choice, half_widths(backtest, choice, known.profile))


def assemble(backtest: Backtest, choice: Choice, halves: tuple[Floats, Floats]) -> Forecast:
    problem = backtest.problem
    value = choice.ahead[0]
    least = 0.0 if problem.values.min() >= 0 else -np.inf
    unit = seasonal_step(problem.values, problem.season)
    scored = backtest.windows > 0 and unit > 0
    return Forecast(
        value=np.maximum(value, least),
        low_80=np.maximum(value - halves[0], least),
        high_80=np.maximum(value + halves[0], least),
        low_95=np.maximum(value - halves[1], least),
        high_95=np.maximum(value + halves[1], least),
        method=title(choice.weights),
        weights=choice.weights,
        beats_naive=choice.beats_naive,
        mase=choice.error / unit if scored else None,
        naive_mase=choice.naive_error / unit if scored else None,
        windows=backtest.windows,
        raw=float(choice.ahead[0, 0]),
        seasonality=problem.seasonalities[0],
    )


def seasonal_step(values: Floats, season: int) -> float:
    """Mean absolute difference to a season ago, the unit of MASE; to the last value where there is no season yet."""
    back = season if len(values) > season else 1
    return float(np.abs(values[back:] - values[:-back]).mean())


def title(weights: dict[str, float]) -> str:
    names = list(weights)
    return names[0] if len(names) == 1 else f"combination of {', '.join(names[:-1])} and {names[-1]}"
