"""Learning from a file: what its series have in common, judged on the last window of each, which no choice saw."""

from __future__ import annotations

import time
from dataclasses import replace

from ml_services.base import Evidence, Progress, Trained, TrainingData, TrainingOptions
from ml_services.forecasting import pooling
from ml_services.forecasting.card import Judged, make_card
from ml_services.forecasting.engine import Knowledge, best, forecast, scaled, seasonal_step
from ml_services.forecasting.lesson import LEAST_VALUES, Lesson, keep_to_budget, read
from ml_services.forecasting.model import SeriesModel
from ml_services.forecasting.seasonal import Floats

STANDARD_WINDOWS, FULL_WINDOWS = 12, 60
"""Back-test windows over all series from which the evidence is standard, and full."""


def train(data: TrainingData, options: TrainingOptions, progress: Progress) -> Trained:
    """Raises TrainingRefused with what is wrong and what to do."""
    started = time.perf_counter()
    progress("reading", 0.0, data.name)
    lesson = read(data, options)
    keep_to_budget(lesson, options)
    progress("back-test", 0.1, f"{len(lesson.series):,} series")
    known = {name: one.values[: -lesson.held(one)] for name, one in lesson.series.items()}
    chosen, tested = learn(lesson, known, options.seed)
    progress("judging", 0.4, f"the last {lesson.steps} periods of each")
    judged = judge(lesson, known, chosen)
    progress("learning from everything", 0.7, "")
    whole = {name: one.values for name, one in lesson.series.items()}
    final, _ = learn(lesson, whole, options.seed, chosen)
    windows = sum(one.found.windows for one in judged.values())
    level: Evidence = "provisional"
    if windows >= STANDARD_WINDOWS:
        level = "full" if windows >= FULL_WINDOWS else "standard"
    card = make_card(data, options, lesson, judged, tested, final)
    card.update(evidence=level, backtest_windows=windows, seconds=round(time.perf_counter() - started, 3))
    return Trained(
        SeriesModel(final, lesson.columns, lesson.steps if options.settings.get("periods") else None), card, level
    )


def learn(
    lesson: Lesson, known: dict[str, Floats], seed: int, chosen: Knowledge | None = None
) -> tuple[Knowledge, list[pooling.Tested]]:
    """Knowledge from `known` values, and their back-tests; the booster's share is chosen here, or as in `chosen`."""
    tested = []
    for name, values in known.items():
        one = lesson.series[name]
        tested.append(best(scaled(values)[0], one.season, lesson.held(one), Knowledge(), daily=one.daily))
    plain = Knowledge(pooling.prior_of(tested), pooling.profile_of(tested))
    if chosen is None:
        share = booster_share(lesson, known, plain, seed)
    else:
        share = chosen.booster.share if chosen.booster else 0.0
    booster = pooling.learn_booster(list(known.values()), lesson.season, seed) if share else None
    return (plain if booster is None else replace(plain, booster=replace(booster, share=share))), tested


def booster_share(lesson: Lesson, known: dict[str, Floats], plain: Knowledge, seed: int) -> float:
    """How much of a booster to take in: by the window before the one held out, which the booster did not see."""
    early = {}
    for name, values in known.items():
        one = lesson.series[name]
        if one.season == lesson.season and len(values) - lesson.held(one) >= LEAST_VALUES:
            early[name] = values[: -lesson.held(one)]
    booster = pooling.learn_booster(list(early.values()), lesson.season, seed)
    trials = []
    for name, values in early.items() if booster else ():
        one, held = lesson.series[name], lesson.held(lesson.series[name])
        shared, unit = booster.ahead(values, held) if booster else None, seasonal_step(values, one.season)
        if shared is not None and unit > 0:
            own = forecast(values, one.season, held, plain, daily=one.daily).value
            trials.append(pooling.Trial(own, shared, known[name][-held:], unit))
    return pooling.best_share(trials) if len(trials) >= pooling.LEAST_SERIES else 0.0


def judge(lesson: Lesson, known: dict[str, Floats], knowledge: Knowledge) -> dict[str, Judged]:
    """Every series' held-out window, forecast from what was known before it."""
    judged = {}
    for name, values in known.items():
        one = lesson.series[name]
        held = lesson.held(one)
        found = forecast(values, one.season, held, knowledge, daily=one.daily)
        judged[name] = Judged(found, values, one.values[-held:], one.season)
    return judged


__all__ = ["train"]
