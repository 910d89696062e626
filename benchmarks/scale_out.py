"""Training here against training on two worker processes, on the same file: seconds, transfers, the same answers.

    python -m benchmarks.scale_out [FILE] [--target COLUMN] [--workers 2] [--planned-s 25]

Without a file: the Telco churn file of ../shared/data (SHARED_DATA elsewhere). The clock is set far off, so that only
the plan (`--planned-s` seconds of settings) says what is tried, and all three trainings try the same. Workers on the
client's own machine share its cores: what is shown is what the way costs, not what more machines gain.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
FAR_OFF_S = 3600.0


def trained(path: Path, target: str, planned_s: float, backend: str) -> tuple[Any, float, np.ndarray]:
    """The training, its seconds, and what its model says of every row of the file."""
    from file_uploads.reading import open_table
    from ml_services import learning, tuning
    from ml_services.base import TrainingData, TrainingOptions
    from ml_services.predictors.churn import Churn

    os.environ["TRAINING_BACKEND"] = backend
    tuning.TUNING_SHARE = planned_s / FAR_OFF_S
    tuning.BAGGING_SHARE = planned_s / FAR_OFF_S
    learning.FEWEST_BY_ROWS = 0
    source = open_table(path)
    data = TrainingData(source.read(), path.name, source.sha256)
    started = time.perf_counter()
    made = Churn().train(data, TrainingOptions(target=target, budget_s=FAR_OFF_S))
    seconds = time.perf_counter() - started
    said = np.asarray(made.model.answer_table(data.table, explain=False).columns["probability"])
    return made, seconds, said


def line(name: str, made: Any, seconds: float) -> None:
    cost, figures = made.card["backend"], made.card["metrics"]
    print(
        f"{name:<24}{seconds:7.1f} s  {made.card['settings_tried']['tried']:>3} settings  "
        f"{cost.get('fits', 0):>4} fits  "
        f"{cost['transfers']:>5} transfers  {cost['bytes'] / 1e6:8.1f} MB  {cost['seconds']:6.2f} s of them  "
        f"{made.card['champion']}, ROC AUC {figures['roc_auc']:.6f}, log loss {figures['log_loss']:.6f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=DATA / "churn/telco_ibm.csv")
    parser.add_argument("--target", default="Churn")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--planned-s", type=float, default=25.0)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
    import django

    django.setup()
    from distributed import LocalCluster

    def run(backend: str) -> tuple[Any, float, np.ndarray]:
        return trained(options.file, options.target, options.planned_s, backend)

    here = run("")
    line("here, two threads", here[0], here[1])
    with LocalCluster(
        n_workers=options.workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = "dask://" + cluster.scheduler_address.removeprefix("tcp://")
        there, parts = run(address), run(f"{address}?rows=partitioned")
    line(f"{options.workers} workers, whole fits", there[0], there[1])
    same = int((here[2] == there[2]).sum())
    print(f"{'':<24}{same:,} of {len(here[2]):,} answers the same bit for bit")
    line(f"{options.workers} workers, by rows", parts[0], parts[1])
    gap = np.abs(here[2] - parts[2])
    print(
        f"{'':<24}fitted by rows: {parts[0].card['backend']['fitted_by_rows'] or 'nothing (no booster leads)'}; "
        f"|difference| of an answer: mean {gap.mean():.5f}, 99 % {np.quantile(gap, 0.99):.5f}, most {gap.max():.5f}"
    )


if __name__ == "__main__":
    main()
