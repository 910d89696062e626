"""Each company's own rows, and the function by which the ledger is written: rows of one or several companies in one
call.

A company is never taken from a row: each batch is written under the company that it is put in force for, so that
row-level security judges it like every other write. A row that is there already (a call repeated after a broken
connection) stays as it is.
"""

from django.db import migrations

from platform_core.row_security import composite_key, protect

COLUMNS = """
    id uuid, asker_kind text, asker_id bigint, predictor text, version text, version_company bigint, parts jsonb,
    external_id text, input jsonb, redacted jsonb, output jsonb, raw jsonb, base jsonb, reasons jsonb,
    latency_ms float8, request_id text, created_at timestamptz
"""
NAMES = ", ".join(part.split()[0] for part in COLUMNS.split(","))

KEEP = f"""
CREATE FUNCTION request_logs_keep(companies bigint[], batches json) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. cardinality(companies) LOOP
        PERFORM set_config('app.company_id', companies[i]::text, true);
        INSERT INTO request_logs_prediction (company_id, {NAMES})
        SELECT companies[i], {NAMES} FROM json_to_recordset(batches -> (i - 1)) AS given({COLUMNS})
        ON CONFLICT (id) DO NOTHING;
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    """Adds row-level security, and `request_logs_keep(companies, batches)`."""

    dependencies = [("request_logs", "0001_initial")]

    operations = [
        protect("request_logs_prediction"),
        protect("request_logs_outcome"),
        protect("request_logs_request"),
        composite_key("request_logs_outcome", "prediction_id", "request_logs_prediction"),
        migrations.RunSQL(KEEP, "DROP FUNCTION request_logs_keep(bigint[], json)"),
    ]
