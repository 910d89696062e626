"""What a verdict on drift costs, and how often it is right.

    python -m benchmarks.drift [--rows 1000000] [--columns 50] [--outcomes] [--sql] [--json FILE]
    python -m benchmarks.drift --quality [--times 100] [--trials 20] [--files "telco bank"]

The first makes a database of its own beside this installation's, fills its ledger with a month of predictions on
records of so many columns (three fifths numbers, the others categories and yes/no), and prints what one verdict costs
here and in the database, the peak memory of both, and the ratio to the bare reading of the same rows. `--outcomes`:
each prediction has an outcome, and a horizon of a day, so that nearly all are held against what came too. `--sql`
counts the same bins within the database instead, for comparison. `--quality`: see `drift_quality`.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

DISTINCT = 20_000
"""Records that differ; the month repeats them under ids of its own."""
PLANS = ("basic", "plus", "pro", "team", "enterprise")
LEARNED = 50_000
FILL = """
INSERT INTO request_logs_prediction
    (id, company_id, asker_kind, asker_id, predictor, version, version_company, external_id, input, redacted, output,
     latency_ms, request_id, created_at)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7000'
        || '8000' || lpad(to_hex(turn * %(distinct)s + k), 12, '0'))::uuid,
       %(company)s, 'key', 1, 'churn', 'v1', %(company)s, 'customer-' || (turn * %(distinct)s + k), record, '[]',
       jsonb_build_object('probability', chance, 'risk', 'low'), 0.2, 'r', moment
FROM bench_records, LATERAL (
    SELECT %(start)s::timestamptz + (turn * %(distinct)s + k) * %(step)s::interval AS moment
    FROM (SELECT %(turn)s::bigint AS turn) AS t
) AS m, (SELECT %(turn)s::bigint AS turn) AS t ORDER BY k
"""


def columns(count: int) -> list[tuple[str, str]]:
    """Names and kinds."""
    kinds = ["number", "number", "number", "category", "yes_no"]
    return [(f"{kinds[k % 5]}_of_customers_{k}", kinds[k % 5]) for k in range(count)]


def drawn(named: list[tuple[str, str]], rows: int, seed: int) -> list[dict[str, Any]]:
    """Records."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[Any]] = {}
    for name, kind in named:
        if kind == "number":
            numbers = np.round(rng.lognormal(3, 1, rows), 2).tolist()
            found[name] = [None if gone else one for one, gone in zip(numbers, rng.random(rows) < 0.03, strict=True)]
        elif kind == "category":
            found[name] = rng.choice(PLANS, rows).tolist()
        else:
            found[name] = (rng.random(rows) < 0.4).tolist()
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def learn(company_id: int, named: list[tuple[str, str]]) -> None:
    """A version of churn with a reference of LEARNED rows; its model is never asked."""
    from ml_services import artifacts
    from ml_services.base import Field, Trained
    from ml_services.encoding import Feature
    from ml_services.models import ModelVersion
    from ml_services.training_quantiles import training_quantiles
    from platform_core.tenancy import company_in_force
    from tests.ml_services.fakes import Doubler

    table = drawn(named, LEARNED, 1)
    fields, features, matrix = [], [], np.empty((LEARNED, len(named)))
    for k, (name, kind) in enumerate(named):
        values = [one[name] for one in table]
        if kind == "category":
            fields.append(Field(name, "category", choices=PLANS))
            features.append(Feature(name, name, "category", PLANS))
            matrix[:, k] = [PLANS.index(one) for one in values]
        else:
            more = {"choices": ("no", "yes"), "truthy": "yes"} if kind == "yes_no" else {}
            fields.append(Field(name, kind, nullable=True, **more))  # type: ignore[arg-type]
            features.append(Feature(name, name, "number"))
            matrix[:, k] = np.array(values, dtype=np.float64)
    answers = np.random.default_rng(2).beta(2, 5, LEARNED)
    model = Doubler()
    model.fields = tuple(fields)  # type: ignore[assignment]
    left = np.random.default_rng(5).random(LEARNED) < answers
    quantiles = training_quantiles(
        matrix, features, 1, answers, target=left.astype(np.float64), labels=("stays", "left")
    )
    trained = Trained(model, {"metrics": {}, "quantiles": quantiles}, "full")
    artifacts.save(company_id=company_id, predictor="churn", version="v1", trained=trained)
    with company_in_force(company_id):
        ModelVersion.across_companies.create(
            company_id=company_id, predictor="churn", version="v1", evidence="full", serving=True
        )


def fill(company_id: int, named: list[tuple[str, str]], rows: int) -> None:
    """The ledger of a month."""
    from django.db import connection, transaction

    from platform_core.tenancy import company_in_force

    distinct = min(DISTINCT, rows)
    chances = np.random.default_rng(3).beta(2, 5, distinct).tolist()
    texts = [json.dumps(one) for one in drawn(named, distinct, 4)]
    start, step = datetime.now(UTC) - timedelta(days=29.9), timedelta(days=29.8) / rows
    with company_in_force(company_id), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_records (k bigint, record jsonb, chance float8)")
        with cursor.copy("COPY bench_records FROM STDIN") as copy:
            for k, (text, chance) in enumerate(zip(texts, chances, strict=True)):
                copy.write_row((k, text, chance))
        for turn in range(rows // distinct):
            given = {"distinct": distinct, "company": company_id, "start": start, "step": step, "turn": turn}
            cursor.execute(FILL, given)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE request_logs_prediction")


def report(company_id: int) -> None:
    """What came of each prediction; a day is over for all but the last."""
    from django.db import connection

    from benchmarks.fresh_database import OUTCOMES
    from ml_services.models import PredictorSetting
    from platform_core.tenancy import company_in_force

    with company_in_force(company_id), connection.cursor() as cursor:
        PredictorSetting.objects.create(company_id=company_id, predictor="churn", horizon_days=1)
        cursor.execute(OUTCOMES, {"company": company_id, "after": timedelta(hours=20)})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE request_logs_outcome")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one call, and what it gave."""
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--columns", type=int, default=50)
    options.add_argument("--outcomes", action="store_true", help="an outcome of each prediction, whose horizon is over")
    options.add_argument("--sql", action="store_true", help="count in the database too, for comparison")
    options.add_argument("--quality", action="store_true")
    options.add_argument("--times", type=int, default=100, help="unchanged windows of each size, with --quality")
    options.add_argument("--trials", type=int, default=20, help="windows of each shift and size, with --quality")
    options.add_argument("--files", default="", help="words of the paths, with --quality; all files without it")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    from benchmarks.fresh_database import fresh_database

    with TemporaryDirectory() as store, fresh_database():
        from django.conf import settings

        settings.STORAGES["models"]["OPTIONS"] = {"location": store}
        if asked.quality:
            from benchmarks import drift_quality

            told: dict[str, Any] = drift_quality.run(asked.times, asked.trials, asked.files)
        else:
            from benchmarks import drift_cost

            told = drift_cost.run(asked.rows, asked.columns, sql=asked.sql, outcomes=asked.outcomes)
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1), "utf-8")
    return 0


def peak_mb() -> float:
    """This process's largest memory so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform != "darwin" else most / 2**20


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
