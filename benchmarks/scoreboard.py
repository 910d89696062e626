"""How long a scoreboard takes: `python -m benchmarks.scoreboard [ROWS]` predictions of one company, each with an
outcome, a third of them made again within the horizon. Prints what it costs here and in the database, and the most
memory of both. The ledger is vacuumed first, as one that grew over months is: else its first reader would write it."""

from __future__ import annotations

import sys
from datetime import timedelta

from benchmarks.both_sides import cost
from benchmarks.drift import peak_mb
from benchmarks.fresh_database import OUTCOMES, company_with_key, fresh_database

PREDICTIONS = """
INSERT INTO request_logs_prediction (company_id, id, asker_kind, asker_id, predictor, version, version_company,
    external_id, input, redacted, output, raw, base, reasons, latency_ms, request_id, created_at)
SELECT %(company)s, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 20, '0'))::uuid,
    'key', 1, 'lead-score', 'v' || (n - 1)::bigint * 3 / %(rows)s, NULL, 'crm-' || n - (n %% 3 = 2)::int,
    jsonb_build_object('source', 'Referral', 'industry', md5(n::text), 'pages_viewed', n, 'note', repeat('x', 200)),
    '[]', jsonb_build_object('score', 100 * p, 'probability', p,
        'grade', CASE WHEN p > 0.4 THEN 'A' WHEN p > 0.2 THEN 'B' WHEN p > 0.1 THEN 'C' ELSE 'D' END),
    '0.5', '0.1', jsonb_build_array(jsonb_build_object('feature', 'industry', 'effect', 0.1, 'text', repeat('y', 80))),
    0.2, md5(n::text), at
FROM (SELECT n, now() - interval '360 days' + n * interval '200 days' / %(rows)s AS at,
             power(((n::bigint * 7919) %% 1000) / 1000.0, 3) * 0.6 AS p FROM generate_series(1, %(rows)s) AS n) AS made
"""


def main(rows: int) -> None:
    with fresh_database():
        from django.db import connection

        from ml_services import scoreboard
        from platform_core.tenancy import company_in_force

        company, _ = company_with_key("scoreboard")
        with company_in_force(company), connection.cursor() as cursor:
            for sql in (PREDICTIONS, OUTCOMES):
                cursor.execute(sql, {"company": company, "rows": rows, "after": timedelta(days=20)})
        with connection.cursor() as cursor:
            for table in ("prediction", "outcome"):
                cursor.execute(f"VACUUM ANALYZE request_logs_{table}")
        with company_in_force(company):
            for turn in ("first", "second"):
                took, found = cost(lambda: scoreboard.board("lead-score"))
                counted = sum(one["predictions"]["counted"] for one in found["versions"])
                status = found["verdict"]["status"]
                print(f"{turn}: {rows:,} predictions, {counted:,} count, verdict {status}: {took}")
        theirs = "unknown" if took.database_peak_mb is None else f"{took.database_peak_mb:,.0f} MB"
        print(f"most memory: {peak_mb():,.0f} MB here, {theirs} in the database")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
