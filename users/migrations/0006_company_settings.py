"""What a company sets for itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0005_canonical_emails")]

    operations = [
        migrations.AddField("company", "time_zone", models.CharField(default="UTC", max_length=64)),
        migrations.AddField("company", "retention_days", models.PositiveSmallIntegerField(default=365)),
        migrations.AddField("company", "webhook_urls", models.JSONField(blank=True, default=list)),
        migrations.AddConstraint(
            "company",
            models.CheckConstraint(
                condition=models.Q(("retention_days__gte", 1), ("retention_days__lte", 3650)),
                name="retention_within_ten_years",
            ),
        ),
    ]
