"""The second wall between companies, for what they say of their predictors."""

from django.db import migrations

from platform_core.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("ml_services", "0004_predictor_setting")]

    operations = [protect("ml_services_predictorsetting")]
