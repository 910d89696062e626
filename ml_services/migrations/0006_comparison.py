from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ml_services", "0005_row_security_of_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="comparison",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
