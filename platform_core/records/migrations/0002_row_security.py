"""The second wall between companies, for records; what belongs to a customer belongs to one of the same company."""

from django.db import migrations

from platform_core.row_security import composite_key, protect

KINDS = ("lead", "customer", "payment", "ticket", "order")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_records")]

    operations = [
        *(protect(f"records_{name}") for name in (*KINDS, "recordchange")),
        *(composite_key(f"records_{name}", "customer_id", "records_customer") for name in ("payment", "ticket", "order")),
    ]
