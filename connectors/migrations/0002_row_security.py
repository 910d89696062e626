"""The second wall between companies."""

from django.db import migrations

from platform_core.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("connectors", "0001_deliveries"), ("users", "0002_row_security")]

    operations = [protect("connectors_delivery")]
