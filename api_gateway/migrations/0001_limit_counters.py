"""The shared counters of the limits. Unlogged: they cost no write-ahead log, and a crash may forget them."""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE api_gateway_limit (
    name text PRIMARY KEY,
    started bigint NOT NULL,
    seconds bigint NOT NULL,
    allowed bigint NOT NULL,
    need bigint NOT NULL,
    taken bigint NOT NULL,
    granted bigint NOT NULL
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(MAKE, "DROP TABLE api_gateway_limit")]
