"""The second wall between companies, for what shadows answered."""

from django.db import migrations

from platform_core.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("ml_services", "0008_shadow_prediction")]

    operations = [protect("ml_services_shadowprediction")]
