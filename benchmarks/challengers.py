"""Does the gate hold? `python -m benchmarks.quality --challengers`, or `python -m benchmarks.challengers [--runs N]`.

Of the bank file (41,188 calls, `duration` left out) so many resamplings: 6,000 rows drawn to judge on, 12,000 others to
learn from. On each, three models of the same recipe (LightGBM, calibrated on a fifth that it did not learn from): the
champion; an equal challenger, which has another seed and learned from 12,000 other rows; and one made truly worse: some
columns' values are shuffled among a part of the rows, in what it learns from and in what it answers. How much worse it
truly is, and how equal the other, is measured on the 11,188 rows that none of the three has seen. Printed: how often
the equal one is called better, or refused; how often the worse one is refused.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.quality import CASES, DATA
from ml_services.base import TrainingData, TrainingOptions
from ml_services.boosting import LightGBM
from ml_services.calibration import calibrate
from ml_services.champions.comparison import Comparison, compare
from ml_services.evaluation import roc_auc
from ml_services.families import Problem
from ml_services.preparation import prepare
from ml_services.registry import predictor

RUNS = 50
LEARNED, HELD = 12_000, 6_000
"""Rows of one resampling; the rest of the file tells how good each model truly is."""
ROUNDS = 100
SHUFFLED = ("nr.employed", "euribor3m", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "pdays", "poutcome", "month")
"""Columns shuffled, in such a share of the rows that the loss is about 0.02."""
SHARE = 0.35


@dataclass
class Tally:
    """Verdicts on one kind of challenger, and its true differences to the champion."""

    name: str
    verdicts: list[Comparison] = field(default_factory=list)
    truly: list[float] = field(default_factory=list)

    def line(self) -> str:
        n = len(self.verdicts)
        better = sum(one.verdict == "better" for one in self.verdicts)
        refused = sum(not one.promotes for one in self.verdicts)
        calibration = sum(not (one.calibration or {})["holds"] for one in self.verdicts)
        return (
            f"{self.name:<8}{n} resamplings, truly {np.mean(self.truly):+.4f} ROC AUC (sd {np.std(self.truly):.4f}): "
            f"called better {better / n:.0%}, refused {refused / n:.0%} (for calibration {calibration / n:.0%})"
        )


def problem_of(name: str) -> Problem:
    """The file as training prepares it."""
    import pandas as pd

    case = CASES[name]
    frame = pd.read_csv(DATA / case.path, sep=case.separator, dtype=str, keep_default_na=False).drop(
        columns=list(case.drop)
    )
    data = TrainingData(pa.Table.from_pandas(frame, preserve_index=False), case.path, "")
    asked = TrainingOptions(target=case.target, positive=case.positive, budget_s=600)
    return prepare(predictor(case.predictor), data, asked).problem


def said(problem: Problem, learned: Any, answered: Any, seed: int) -> Any:
    """Calibrated answers of a model that learned from some rows; the calibration from a fifth apart."""
    family, apart = LightGBM(), len(learned) // 5
    part, rest = problem.part(learned[apart:]), problem.part(learned[:apart])
    model = family.learn(part, family.settings(part)[0], ROUNDS, seed)
    calibrator, _ = calibrate(rest.y, model.raw(rest.X), seed)
    return calibrator.many(model.raw(problem.X[answered]))


def spoiled(problem: Problem, seed: int) -> Problem:
    """The same rows with some columns' values of a share of them shuffled among them."""
    rng, X = np.random.default_rng(seed), problem.X.copy()
    for k, one in enumerate(problem.features):
        if one.field in SHUFFLED:
            rows = np.flatnonzero(rng.random(len(X)) < SHARE)
            X[rows, k] = X[rng.permutation(rows), k]
    return Problem(X, problem.y, problem.features, problem.task, problem.n_classes)


def resampling(problem: Problem, seed: int) -> tuple[Comparison, float, Comparison, float]:
    """The verdicts on the equal and on the worse challenger, and how much better each truly is."""
    order = np.random.default_rng(seed).permutation(len(problem.y))
    held, first, second = order[:HELD], order[HELD : HELD + LEARNED], order[HELD + LEARNED : HELD + 2 * LEARNED]
    beyond = order[HELD + 2 * LEARNED :]
    answered = np.concatenate([held, beyond])
    models = (
        said(problem, first, answered, seed),
        said(problem, second, answered, seed + 1000),
        said(spoiled(problem, seed), first, answered, seed),
    )
    champion, equal, worse = models
    y, truth = problem.y[held], problem.y[beyond]
    areas = [roc_auc(truth, one[HELD:]) for one in models]
    verdicts = [compare(task="binary", y=y, champion=champion[:HELD], challenger=one[:HELD]) for one in (equal, worse)]
    return verdicts[0], areas[1] - areas[0], verdicts[1], areas[2] - areas[0]


def main(runs: int = RUNS) -> None:
    problem = problem_of("bank")
    equal, worse = Tally("equal"), Tally("worse")
    for seed in range(runs):
        first, gap, second, loss = resampling(problem, seed)
        equal.verdicts.append(first)
        equal.truly.append(gap)
        worse.verdicts.append(second)
        worse.truly.append(loss)
    print(f"{HELD:,} rows held out, {LEARNED:,} learned from\n{equal.line()}\n{worse.line()}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    main(parser.parse_args().runs)
