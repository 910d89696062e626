"""Customer lifetime value on real files, against what is usually done, in one run.

    python -m benchmarks.clv [--seed N] [--json FILE]

CDNOW: 39 weeks to learn from, the next 39 to predict, one row a customer; nothing of the later half is looked at
before it is scored. Auto insurance: customer fields, four fifths to learn from. Both in ../shared/data (SHARED_DATA
elsewhere); what is absent is left out and said.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.clv_rivals import rivals_on_fields, rivals_on_purchases
from file_uploads.reading import open_table
from ml_services.base import TrainingData, TrainingOptions
from ml_services.evaluation import value_figures
from ml_services.lifetime.rfm import Purchases
from ml_services.lifetime.transactions import find_reader
from ml_services.predictors.clv import Clv

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared" / "data") / "clv"
WEEKS_DAYS = 39 * 7
TARGETS = {"spearman": 0.45, "top_decile_capture": 0.52}
MOST_MAE, MOST_OFF_TOTAL = 34.0, 0.15
SHOWN = ("mae", "spearman", "top_decile_capture", "total_ratio", "interval_coverage")
LEARNED_SHARE = 0.8


def cdnow(seed: int) -> dict[str, dict[str, float]]:
    """The figures of our model and of its rivals on the second half."""
    table = open_table(SHARED / "cdnow_master.txt").read()
    customer, day_column, _, amount = table.column_names
    settings = {"horizon_days": WEEKS_DAYS}
    options = TrainingOptions(target=amount, id_column=customer, time_column=day_column, settings=settings, seed=seed)
    reader = find_reader(table, options)
    assert reader is not None
    reading = reader.read(table)
    start = int(reading.purchases.day.min())
    day = _day_of_rows(table, day_column)
    past = table.filter(pa.array(day < start + WEEKS_DAYS))
    began = time.perf_counter()
    trained = Clv().train(TrainingData(past, "cdnow_master.txt", ""), options)
    seconds = time.perf_counter() - began
    answers, _ = trained.model.answer_transactions(past)  # type: ignore[attr-defined]
    truth = _spent(reading.purchases, start + WEEKS_DAYS, start + 2 * WEEKS_DAYS)
    came = np.array([truth[name] for name in answers[customer].to_pylist()])
    said, low, high = (
        np.array(answers[f"prediction_{name}"].to_pylist(), dtype=float)
        for name in ("value", "interval_low", "interval_high")
    )
    ours = value_figures(came, said, low, high) | {"seconds": seconds}
    known = reader.read(past)
    found = {f"ours: {trained.card['champion']}": ours}
    for name, values in rivals_on_purchases(known.purchases, start, WEEKS_DAYS).items():
        names = [known.purchases.names[k] for k in np.unique(known.purchases.customer)]
        found[name] = value_figures(np.array([truth[one] for one in names]), values, values, values)
        del found[name]["interval_coverage"]
    return found


def _day_of_rows(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    text = table.column(name).to_pylist()
    return np.array([f"{t[:4]}-{t[4:6]}-{t[6:]}" for t in text], dtype="datetime64[D]").astype(np.int64)


def _spent(purchases: Purchases, start: int, end: int) -> dict[str, float]:
    inside = (purchases.day >= start) & (purchases.day < end)
    sums = np.bincount(purchases.customer[inside], purchases.amount[inside], len(purchases.names))
    return dict(zip(purchases.names, sums.tolist(), strict=True))


def auto_insurance(seed: int) -> dict[str, dict[str, float]]:
    """The figures on a fifth that is held out, of our model and of its rivals."""
    table = open_table(SHARED / "auto_insurance_clv.csv").read()
    target = "Customer Lifetime Value"
    table = table.filter(pa.array([bool(value) for value in table.column(target).to_pylist()]))
    order = np.random.default_rng(seed).permutation(table.num_rows)
    cut = int(LEARNED_SHARE * table.num_rows)
    learn, test = (table.take(pa.array(np.sort(rows))) for rows in (order[:cut], order[cut:]))
    began = time.perf_counter()
    options = TrainingOptions(target=target, id_column="Customer", budget_s=60.0, seed=seed)
    trained = Clv().train(TrainingData(learn, "auto_insurance_clv.csv", ""), options)
    seconds = time.perf_counter() - began
    answered = trained.model.answer_table(test, explain=False)
    kept = pa.array(answered.positions)
    came = np.array(test.column(target).take(kept).to_pylist(), dtype=float)
    said, low, high = (
        np.array(answered.columns[name].to_pylist(), dtype=float) for name in ("value", "interval_low", "interval_high")
    )
    found = {f"ours: {trained.card['champion']}": value_figures(came, said, low, high) | {"seconds": seconds}}
    learned = np.array(learn.column(target).to_pylist(), dtype=float)
    for name, values in rivals_on_fields(learn, test.take(kept), learned, target).items():
        found[name] = value_figures(came, values, values, values)
        del found[name]["interval_coverage"]
    return found


def show(title: str, found: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}\n{'':<34}" + "".join(f"{name:>20}" for name in SHOWN) + f"{'seconds':>10}")
    for name, figures in found.items():
        cells = "".join(f"{figures[key]:>20.4f}" if key in figures else f"{'-':>20}" for key in SHOWN)
        print(f"{name:<34}{cells}" + (f"{figures['seconds']:>10.1f}" if "seconds" in figures else ""))


def verdict(figures: dict[str, float]) -> bool:
    """Whether CDNOW's bounds are all kept, each told."""
    kept = [figures[name] >= least for name, least in TARGETS.items()]
    kept += [figures["mae"] <= MOST_MAE, abs(figures["total_ratio"] - 1.0) <= MOST_OFF_TOTAL]
    bounds = [f"{name} at least {least}" for name, least in TARGETS.items()]
    bounds += [f"mae at most {MOST_MAE:g}", f"total within {MOST_OFF_TOTAL:.0%}"]
    for bound, good in zip(bounds, kept, strict=True):
        print(f"  {'kept' if good else 'MISSED'}: {bound}")
    return all(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    results: dict[str, Any] = {}
    for name, run in (("cdnow_master.txt", cdnow), ("auto_insurance_clv.csv", auto_insurance)):
        if not (SHARED / name).exists():
            print(f"{name} is not in {SHARED}: left out.")
            continue
        results[name] = run(args.seed)
        show(name, results[name])
        if run is cdnow:
            results["kept"] = verdict(next(iter(results[name].values())))
    if args.json:
        args.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
