"""The second wall between companies. Versions of no company are shared by all."""

from django.db import migrations

from platform_core.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("ml_services", "0001_initial"), ("users", "0002_row_security")]

    operations = [
        protect("ml_services_modelversion", shared=True),
        protect("ml_services_trainingrun"),
    ]
