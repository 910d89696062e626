"""What many series have in common: which methods do well, how errors are distributed, and one booster for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.forecasting import boosting
from ml_services.forecasting.backtest import Backtest
from ml_services.forecasting.choice import Choice
from ml_services.forecasting.conformal import Profile, measure, scales
from ml_services.forecasting.methods import NAIVE
from ml_services.forecasting.seasonal import Floats

if TYPE_CHECKING:
    import lightgbm

LEAST_SERIES = 5
"""Fewer series than this have nothing in common that could not be chance."""
MOST_EXAMPLES = 60_000
SHARES = (0.0, 0.15, 0.3, 0.45)
"""Weights of the shared booster beside the series' own combination that compete."""


Tested = tuple[Backtest, Choice]


@dataclass(frozen=True, slots=True)
class Trial:
    """One series' window: its own forecast, the booster's, and what came; `unit` of its errors."""

    own: Floats
    shared: Floats
    truth: Floats
    unit: float


@dataclass
class Booster:
    """One LightGBM model over the lags of many series of one season length. It travels as text."""

    text: str
    season: int
    share: float
    _loaded: Any = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self.text, "season": self.season, "share": self.share, "_loaded": None}

    def ahead(self, values: Floats, steps: int) -> Floats | None:
        """(steps,) forecast of a positive series; None where it does not fit this one."""
        if values.min() <= 0 or len(values) < boosting.window(self.season):
            return None
        if self._loaded is None:
            import lightgbm

            self._loaded = lightgbm.Booster(model_str=self.text)
        origin = np.array([len(values)])
        ahead: Floats = np.exp(boosting.carry_on(self._loaded, np.log(values), origin, self.season, steps)[0])
        return ahead


def learn_booster(known: Sequence[Floats], season: int, seed: int) -> Booster | None:
    """One model of all series that are positive and long enough; None where there are too few."""
    fit = [np.log(values) for values in known if values.min() > 0 and len(values) > boosting.window(season)]
    if len(fit) < LEAST_SERIES:
        return None
    parts = [boosting.examples(values, season) for values in fit]
    rows, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    if len(rows) > MOST_EXAMPLES:
        chosen = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_EXAMPLES, replace=False))
        rows, target = rows[chosen], target[chosen]
    booster: lightgbm.Booster = boosting.learn(rows, target)
    return Booster(booster.model_to_string(), season, 0.0)


def best_share(trials: Sequence[Trial]) -> float:
    """The weight of the booster with the least mean scaled error."""
    scores = [
        float(np.mean([np.abs((1 - share) * t.own + share * t.shared - t.truth).mean() / t.unit for t in trials]))
        for share in SHARES
    ]
    return SHARES[int(np.argmin(scores))]


def prior_of(tested: Sequence[Tested]) -> dict[str, float]:
    """Each method's error relative to naive's: the geometric mean over the series."""
    logs: dict[str, list[float]] = {}
    for backtest, _ in tested:
        naive = backtest.error(backtest.ahead[NAIVE]) if backtest.windows else 0.0
        for name, ahead in backtest.ahead.items():
            error = backtest.error(ahead) if naive > 0 else 0.0
            if error > 0:
                logs.setdefault(name, []).append(np.log(error / naive))
    return {name: float(np.exp(np.mean(found))) for name, found in logs.items() if len(found) >= LEAST_SERIES}


def profile_of(tested: Sequence[Tested]) -> Profile | None:
    """The usual distribution of scaled errors: medians over the series; None of too few."""
    found = [measure(b, choice, scales(b, choice)) for b, choice in tested if b.windows and choice.error > 0]
    if len(found) < LEAST_SERIES:
        return None
    columns = np.array([astuple(one) for one in found])
    return Profile(*(float(value) for value in np.median(columns, axis=0)))
