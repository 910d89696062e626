"""Where a company's outcomes are events only, silence is an answer: it says so itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ml_services", "0009_row_security_of_shadows")]

    operations = [
        migrations.AddField(
            model_name="predictorsetting",
            name="silence_means_no",
            field=models.BooleanField(default=False),
        ),
    ]
