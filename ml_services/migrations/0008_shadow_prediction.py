"""What a shadow would have answered."""

import django.db.models.deletion
from django.db import migrations, models

from platform_core.row_security import composite_key


class Migration(migrations.Migration):
    dependencies = [
        ("ml_services", "0006_comparison"),
        ("request_logs", "0004_predictor_index"),
        ("users", "0011_notify_by_email"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShadowPrediction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("predictor", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=40)),
                ("probability", models.FloatField(null=True)),
                ("output", models.JSONField()),
                ("latency_ms", models.FloatField()),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="users.company",
                    ),
                ),
                (
                    "prediction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="request_logs.prediction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "predictor", "version", "prediction"], name="shadow_of_predictor")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "prediction", "version"), name="one_answer_of_a_shadow"
                    )
                ],
            },
        ),
        # Pruning removes predictions by SQL: their shadows go with them.
        composite_key("ml_services_shadowprediction", "prediction_id", "request_logs_prediction", cascade=True),
    ]
