"""The second wall between companies."""

from django.db import migrations

from platform_core.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]

    operations = [
        protect("users_company", column="id"),
        protect("users_membership"),
        protect("users_apikey"),
    ]
