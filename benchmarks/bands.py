"""How often the bands' intervals hold: `python -m benchmarks.bands [FILE …] [--times N] [--seed N]`.

A real file is cut at random into rows to learn from and fresh ones that nothing of the training sees; a model is
trained, its bands are fixed, and each band's interval for so many fresh rows (`decisions.intervals.of_fresh`: a
beta-binomial around the rows that the version was judged on and what it said) is compared with the share of them that
came. Both doubts are in that interval: of the rows judged, and of the fresh ones. It says nothing of a world that
changes. Said: 95 %. Beside it stands the narrower interval of the rate alone (`of_rate`), which cannot hold as often,
as a fresh share varies too. By evidence level, as the number of rows that are learned from makes it.
Files are looked for in ../shared/data beside the project, or in the folder SHARED_DATA.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.quality import CASES, DATA, Case
from file_uploads.reading import open_table
from ml_services import registry
from ml_services.base import TrainingData, TrainingOptions
from ml_services.decisions import band_table, intervals
from platform_core.errors import TrainingRefused

FRESH = 2_000
"""Fresh rows that are answered; each band gets its share of them."""
RARER = {"provisional": 25, "standard": 80, "full": 300}
"""Rows of the rarer class to learn from, so that the level is that."""

RAW: list[dict[str, object]] = []
"""Every band of every resampling, for --json."""


@dataclass
class Count:
    """How many intervals, how many held, and how wide they were."""

    bands: int = 0
    foreseen: int = 0
    of_rate: int = 0
    width: float = 0.0


def read(case: Case) -> tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The file without what was written later, and which rows are a yes."""
    table = open_table(DATA / case.path).read()
    table = table.drop_columns([name for name in case.drop if name in table.column_names])
    return table, np.array([str(one) == case.positive for one in table.column(case.target).to_pylist()])


def drawn(yes: np.ndarray[tuple[int], np.dtype[np.bool_]], rarer: int, chance: np.random.Generator) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]
]:  # fmt: skip
    """Rows to learn from, with about so many of the rarer class by the file's own share, and fresh ones."""
    share = min(yes.mean(), 1 - yes.mean())
    order = chance.permutation(len(yes))
    size = min(round(rarer / share), len(yes) - FRESH)
    return order[:size], order[size : size + FRESH]


def once(case: Case, table: pa.Table, yes: np.ndarray[tuple[int], np.dtype[np.bool_]], level: str, seed: int,
         counts: dict[tuple[str, str], Count], budget_s: float) -> None:  # fmt: skip
    """One model, and its bands against fresh rows."""
    rows, fresh = drawn(yes, RARER[level], np.random.default_rng(seed))
    predictor = registry.predictor(case.predictor)
    options = TrainingOptions(target=case.target, positive=case.positive, budget_s=budget_s, seed=seed)
    try:
        trained = predictor.train(TrainingData(table.take(pa.array(rows)), case.path, ""), options)
    except TrainingRefused as problem:
        print(f"  seed {seed}: {problem.detail}")
        return
    answer = trained.model.answer_table(table.take(pa.array(fresh)), explain=False)
    said, truth = answer.columns["probability"].to_numpy(), yes[fresh][answer.positions].astype(np.float64)
    assert trained.judged is not None and trained.model.cuts is not None
    weight = trained.judged.weight
    judged = band_table.rates(trained.judged.truth, trained.judged.said, trained.model.cuts, weight)
    for one, came in zip(judged, band_table.rates(truth, said, trained.model.cuts), strict=True):
        if not one["rows"] or not came["rows"]:
            continue
        low, high = intervals.of_fresh(weight * one["wins"], weight * one["rows"], one["expected"], came["rows"])
        RAW.append({"evidence": trained.evidence, "judged": one, "fresh": came})
        count = counts[trained.evidence, case.path]
        count.bands += 1
        count.foreseen += low - 1e-9 <= came["observed"] <= high + 1e-9
        count.of_rate += one["low"] <= came["observed"] <= one["high"]
        count.width += high - low


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="yes/no files of benchmarks.quality", default=["bank"])
    parser.add_argument("--times", type=int, default=40, help="resamplings of each level")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget-s", type=float, default=2.0)
    parser.add_argument("--json", type=Path, help="write every band of every resampling there")
    options = parser.parse_args()
    for name in options.files:
        counts: dict[tuple[str, str], Count] = defaultdict(Count)
        case, started = CASES[name], time.perf_counter()
        table, yes = read(case)
        for level in RARER:
            for number in range(options.times):
                once(case, table, yes, level, options.seed + number, counts, options.budget_s)
        print(f"{name}: {options.times} resamplings a level, {FRESH:,} fresh rows each, "
              f"{time.perf_counter() - started:.0f} s")  # fmt: skip
        for (evidence, _), count in counts.items():
            error = 1.96 * (max(count.foreseen * (count.bands - count.foreseen), 1) / count.bands**3) ** 0.5
            print(f"  {evidence:<12} {count.bands:4d} bands: said 95 %, held {count.foreseen / count.bands:.1%} "
                  f"(± {error:.1%}), {count.width / count.bands:.3f} wide; the rate's interval alone "
                  f"{count.of_rate / count.bands:.1%}")  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(RAW))


if __name__ == "__main__":
    main()
