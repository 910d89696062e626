"""Forecasts of public series by rolling origin, beside the figures measured of peers on the same windows.

    python -m benchmarks.forecast [--data FOLDER]

Air passengers and retail sales: monthly, 12 ahead, the last three windows. Walmart: 45 weekly series, 13 ahead, the
last window. MASE is scaled by the seasonal naive error on the known part. The model is the untrained one: what it
knows of a series is the history that it is given. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from file_uploads.reading import open_table
from ml_services.forecasting.cells import Columns
from ml_services.forecasting.engine import forecast, seasonal_step
from ml_services.forecasting.methods import naive
from ml_services.forecasting.points import groups

Floats = npt.NDArray[np.float64]
COVERED = (0.72, 0.90)
MOST_SECONDS = 1.0


@dataclass(frozen=True)
class Case:
    """A file, how it is judged, and (MASE, coverage of the 80 % interval) of peers; the first is seasonal naive."""

    file: str
    columns: Columns
    steps: int
    windows: int
    limit: float
    peers: dict[str, tuple[float, float]]


CASES = (
    Case("air_passengers.csv", Columns("ds", "y"), 12, 3, 0.876,
         {"seasonal naive": (1.213, 0.50), "AutoTheta": (0.876, 0.50), "AutoETS": (1.109, 0.53),
          "AutoARIMA": (0.946, 0.50), "Prophet": (1.117, 0.39)}),
    Case("retail_sales_monthly.csv", Columns("ds", "y"), 12, 3, 0.336,
         {"seasonal naive": (0.907, 0.86), "AutoTheta": (0.336, 0.92), "AutoETS": (0.379, 0.83),
          "AutoARIMA": (0.300, 0.97), "Prophet": (0.615, 0.61)}),
    Case("walmart_weekly.csv", Columns("Date", "Weekly_Sales", "Store"), 13, 1, 0.560,
         {"seasonal naive": (0.824, 0.88), "AutoTheta": (0.560, 0.82), "AutoETS": (0.654, 0.81),
          "AutoARIMA": (0.659, 0.85), "Prophet": (0.690, 0.92)}),
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Means over the windows of all series; `seconds` of the slowest forecast."""

    mase: float
    naive_mase: float
    covered_80: float
    covered_95: float
    beats_naive: float
    seconds: float


def judge(case: Case, folder: Path) -> Figures:
    found, _ = groups(open_table(folder / case.file).read(), case.columns)
    rows = []
    for group in found:
        series = group.series()
        for window in range(case.windows, 0, -1):
            cut = len(series.values) - window * case.steps
            known, truth = series.values[:cut], series.values[cut : cut + case.steps]
            began = time.perf_counter()
            ahead = forecast(known, series.season, case.steps, daily=series.daily)
            seconds = time.perf_counter() - began
            unit = seasonal_step(known, series.season)
            repeated = naive(known, np.array([cut]), series.season, case.steps)[0]
            rows.append((
                np.abs(ahead.value - truth).mean() / unit,
                np.abs(repeated - truth).mean() / unit,
                np.mean((truth >= ahead.low_80) & (truth <= ahead.high_80)),
                np.mean((truth >= ahead.low_95) & (truth <= ahead.high_95)),
                ahead.beats_naive,
                seconds,
            ))  # fmt: skip
    table = np.array(rows, dtype=float)
    return Figures(*table[:, :5].mean(axis=0).tolist(), float(table[:, 5].max()))


def report(case: Case, ours: Figures) -> list[str]:
    """Prints one file's table; gives the limits missed."""
    print(f"\n{case.file}: {case.steps} ahead, last {case.windows} window(s)")
    print(f"  {'':<16}{'MASE':>8}{'80 % covers':>13}")
    for name, (mase, covered) in case.peers.items():
        print(f"  {name:<16}{mase:>8.3f}{covered:>13.2f}")
    print(f"  {'ours':<16}{ours.mase:>8.3f}{ours.covered_80:>13.2f}")
    print(
        f"  seasonal naive here {ours.naive_mase:.3f}; 95 % covers {ours.covered_95:.2f}; "
        f"beats naive in {ours.beats_naive:.0%} of back-tests; slowest forecast {ours.seconds:.3f} s"
    )
    missed = []
    if ours.mase > case.limit:
        missed.append(f"{case.file}: MASE {ours.mase:.3f} above {case.limit}")
    if not COVERED[0] <= ours.covered_80 <= COVERED[1]:
        missed.append(f"{case.file}: the 80 % interval covers {ours.covered_80:.3f}, not {COVERED[0]} to {COVERED[1]}")
    if ours.seconds > MOST_SECONDS:
        missed.append(f"{case.file}: {ours.seconds:.2f} s a forecast")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=shared / "forecast")
    folder = parser.parse_args().data
    if not folder.is_dir():
        print(f"Skipped: there is no folder {folder} with the public series.")
        return 0
    forecast(np.arange(60.0), 12, 3)  # loads the libraries
    missed = [line for case in CASES for line in report(case, judge(case, folder))]
    print("\n" + ("\n".join(missed) if missed else "Every limit is kept."))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
