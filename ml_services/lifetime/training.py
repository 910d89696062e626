"""From a table of purchases to a model of what customers will spend."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_services.base import Evidence, Predictor, Progress, Trained, TrainingData, TrainingOptions
from ml_services.encoding import Encoder
from ml_services.lifetime.boosting import assemble, learn_boosters, make_lesson, purchase_model_before
from ml_services.lifetime.calibration import RatioInterval, ValueCalibrator
from ml_services.lifetime.card import make_card
from ml_services.lifetime.choice import HOLDOUT_SHARE, BackTest, Choice, at_total, back_test, back_test_windows, choose
from ml_services.lifetime.model import LifetimeModel, ValueAnswer, frame_table
from ml_services.lifetime.rfm import Floats, Purchases, fields, frame_before, spent_between
from ml_services.lifetime.scorer import ValueScorer
from ml_services.lifetime.transactions import PurchaseReader, Reading
from ml_services.training_quantiles import training_quantiles
from platform_core.errors import TrainingRefused

FEWEST_DAYS = 14
FEWEST_RETURNED, STANDARD_RETURNED, FULL_RETURNED = 10, 40, 120
"""Customers who came back within the back-test's window, from which a model is provisional, standard, full."""
INTERVAL_LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Judged:
    """The held-out customers in the longer back-test: what came, what was said with its interval, and what two
    simple rules would have said."""

    cut: int
    days: int
    came: Floats
    said: Floats
    low: Floats
    high: Floats
    rules: Mapping[str, Floats]


def train_purchases(
    predictor: Predictor,
    data: TrainingData,
    options: TrainingOptions,
    reader: PurchaseReader,
    answer: tuple[int, str],
    progress: Progress,
) -> Trained:
    """`answer`: the horizon in days and the currency. Raises TrainingRefused where too few customers came back."""
    horizon, currency = answer
    started = time.monotonic()
    progress("reading", 0.0, "purchases")
    reading = reader.read(data.table)
    purchases, end = reading.purchases, reading.newest_day + 1
    windows, evidence = check_enough(reading, end, horizon)
    learners = held_in(len(purchases.names), options.seed)
    tests = []
    for k, (cut, days) in enumerate(windows):
        progress("back-test", 0.05 + 0.3 * k, f"{days} days")
        tests.append(back_test(purchases, learners, cut, days, options.seed))
    choice = choose(tests, learners)
    progress("final", 0.7, choice.name)
    scorer, X = learn_final(purchases, end, horizon, choice.name, options.seed)
    calibrator = calibrate(scorer.raw(X), choice, tests[0], learners)
    judged = judge(tests[0], choice, calibrator, ~learners)
    asked = fields(units=purchases.units is not None, currency=currency)
    encoder = Encoder.declared(asked, frame_table(asked, frame_before(purchases, end)), seed=options.seed)
    model = LifetimeModel(encoder, scorer, calibrator, ValueAnswer(currency, horizon, calibrator), reader)
    card = make_card(predictor, data, options, reading, tests, choice, judged, model, X)
    # Not what the back-test said: that was of a shorter time.
    answers = calibrator.many(scorer.raw(X))
    card["quantiles"] = training_quantiles(X, encoder.features, options.seed, answers)
    card |= {"evidence": evidence, "seconds": round(time.monotonic() - started, 3)}
    progress("done", 1.0, f"{card['seconds']:.1f} s")
    return Trained(model, card, evidence)


def check_enough(reading: Reading, end: int, horizon: int) -> tuple[list[tuple[int, int]], Evidence]:
    """The back-tests' windows, and the level that the customers who came back in the longer one allow."""
    purchases = reading.purchases
    if not len(purchases.day):
        raise TrainingRefused("No row has a customer, a date and an amount that can be read.")
    start = int(purchases.day.min())
    if end - start < FEWEST_DAYS:
        raise TrainingRefused(f"The purchases span {end - start} days; at least {FEWEST_DAYS} are needed.")
    windows = back_test_windows(start, end, horizon)
    counts = []
    for cut, days in windows:
        frame = frame_before(purchases, cut)
        counts.append(int((spent_between(purchases, frame.customer, cut, cut + days)[0] > 0).sum()))
    returned = min(counts)
    if returned < FEWEST_RETURNED:
        raise TrainingRefused(
            f"Only {returned} customers came back in the last {windows[counts.index(returned)][1]} days looked at; at "
            f"least {FEWEST_RETURNED} are needed to learn who does, so {FEWEST_RETURNED - returned} more."
        )
    levels: list[tuple[int, Evidence]] = [(FULL_RETURNED, "full"), (STANDARD_RETURNED, "standard")]
    return windows, next((level for fewest, level in levels if returned >= fewest), "provisional")


def held_in(customers: int, seed: int) -> npt.NDArray[np.bool_]:
    """Marks the customers that choices may look at."""
    order = np.random.default_rng(seed).permutation(customers)
    return np.asarray(order >= int(HOLDOUT_SHARE * customers))


def learn_final(purchases: Purchases, end: int, horizon: int, name: str, seed: int) -> tuple[ValueScorer, Floats]:
    """The chosen candidate, learned from all customers up to the newest day, and their figures."""
    members = learn_boosters(make_lesson(purchases, end, horizon, seed), (name,), seed)
    model, frame = purchase_model_before(purchases, end, seed)
    return assemble(name, model, members, horizon, middle(frame.X)), frame.X


def middle(X: Floats) -> Floats:
    """Medians; 0 for a column that nobody has."""
    known = ~np.isnan(X).all(axis=0)
    centre = np.zeros(X.shape[1])
    centre[known] = np.nanmedian(X[:, known], axis=0)
    return centre


def calibrate(raw: Floats, choice: Choice, test: BackTest, learners: npt.NDArray[np.bool_]) -> ValueCalibrator:
    """`raw` of today's customers fixes the total that sharpening keeps; the back-test gives the intervals."""
    total = np.exp(raw).sum() * choice.total
    shift = float(np.log(total) - np.log(np.exp(choice.slope * raw).sum()))
    mine = learners[test.customer]
    said = at_total(test.raw[choice.name][mine], test.came[mine].sum(), choice.slope)
    return ValueCalibrator(choice.slope, shift, RatioInterval.fit(said, test.came[mine], INTERVAL_LEVEL))


def judge(test: BackTest, choice: Choice, calibrator: ValueCalibrator, held: npt.NDArray[np.bool_]) -> Judged:
    """As the model would have said it on the back-test's day, of customers that no choice has looked at."""
    raw, mine = test.raw[choice.name], held[test.customer]
    said = at_total(raw, np.exp(raw).sum() * choice.total, choice.slope)[mine]
    low, high = calibrator.ratios.many(said)
    X = test.X[mine]
    again = X[:, 3] * (X[:, 0] + 1.0) * test.days / np.maximum(X[:, 2], test.days)
    rules = {"nothing": np.zeros(len(said)), "past spending again": again}
    return Judged(test.cut, test.days, test.came[mine], said, low, high, rules)


__all__ = ["Judged", "train_purchases"]
