"""The seconds and the memory of one verdict over a month of predictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.both_sides import cost
from benchmarks.drift import columns, fill, learn, peak_mb, report, timed


def run(rows: int, count: int, *, sql: bool, outcomes: bool) -> dict[str, Any]:
    """Prints, and gives, what was measured."""
    from benchmarks.fresh_database import company_with_key
    from ml_services import drift
    from platform_core.tenancy import company_in_force

    named = columns(count)
    company_id, _ = company_with_key("month")
    learn(company_id, named)
    made_s, _ = timed(lambda: fill(company_id, named, rows))
    print(f"a ledger of {rows:,} predictions on {count} columns, made in {made_s:.0f} s")
    if outcomes:
        report(company_id)
    with company_in_force(company_id):
        bare_cost, size = cost(lambda: bare(company_id))
        before_mb = peak_mb()
        whole, told = cost(lambda: drift.verdict("churn"))
        again, _ = cost(lambda: bare(company_id))
        found: dict[str, Any] = {
            "rows": told["window"]["rows"], "columns": len(told["input"]["columns"]), "verdict": told["verdict"],
            "outcomes": told["outcome"].get("outcomes", 0),
            "seconds": round(whole.seconds, 2), "took": str(whole), "bare": [str(bare_cost), str(again)],
            "megabytes_read": round(size / 2**20), "peak_mb": round(peak_mb()), "peak_mb_before": round(before_mb),
            "database_peak_mb": None if whole.database_peak_mb is None else round(whole.database_peak_mb),
            "ratio_to_bare": round(whole.seconds / min(bare_cost.seconds, again.seconds), 2),
        }  # fmt: skip
        if sql:
            found["sql_seconds"] = round(timed(lambda: within_database(company_id, named))[0], 2)
    for name, value in found.items():
        print(f"{name:<18} {value}")
    return found


def bare(company_id: int) -> int:
    """Reads the same rows by the same statement, and does nothing with them. Bytes."""
    from django.db import connection, transaction

    from ml_services.drift.blocks import AT_ONCE
    from ml_services.drift.reading import ROWS
    from request_logs.identifiers import first_at

    until = datetime.now(UTC)
    asked = {
        "company": company_id, "predictor": "churn", "version": "v1", "owner": company_id, "most": 10**7,
        "since": first_at(until - timedelta(days=30)), "until": first_at(until), "score": "probability",
        "name": "probability",
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as scoped:
        scoped.execute("SET LOCAL jit = off")
        size = 0
        with connection.connection.cursor(name="bare", binary=True) as cursor:
            cursor.execute(ROWS, asked)
            while block := cursor.fetchmany(AT_ONCE):
                size += sum(len(row[1]) for row in block)
        return size


def within_database(company_id: int, named: list[tuple[str, str]]) -> int:
    """The other way: the bins counted by PostgreSQL. Numbers have ten bins. How many bins were filled."""
    from django.db import connection

    types = {"number": "float8", "category": "text", "yes_no": "text"}
    record = ", ".join(f'"{name}" {types[kind]}' for name, kind in named)
    cuts = "ARRAY[5,9,12,16,20,26,34,47,73]::float8[]"
    parts = ", ".join(
        f'({k}, width_bucket(x."{name}", {cuts})::text)' if kind == "number" else f'({k}, x."{name}")'
        for k, (name, kind) in enumerate(named)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.k, v.bin, count(*) FROM request_logs_prediction AS p, "  # noqa: S608 - names of our own
            f"LATERAL jsonb_to_record(p.input) AS x({record}), LATERAL (VALUES {parts}) AS v(k, bin) "
            f"WHERE p.company_id = %s AND p.predictor = 'churn' GROUP BY 1, 2",
            [company_id],
        )
        return len(cursor.fetchall())
