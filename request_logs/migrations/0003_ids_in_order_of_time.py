"""Outcomes and requests get ids that begin with their time, as predictions have. Both tables are new and empty."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import request_logs.identifiers
from platform_core.row_security import composite_key, protect


def company():
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="users.company"
    )


class Migration(migrations.Migration):
    """Makes both tables again."""

    dependencies = [("request_logs", "0002_keep"), ("users", "0001_initial")]

    operations = [
        migrations.DeleteModel("Outcome"),
        migrations.DeleteModel("Request"),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.UUIDField(
                    default=request_logs.identifiers.time_ordered, editable=False, primary_key=True, serialize=False,
                )),
                ("value", models.JSONField()),
                ("occurred_at", models.DateTimeField()),
                ("current", models.BooleanField()),
                ("asker_kind", models.CharField(max_length=8)),
                ("asker_id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("company", company()),
                ("prediction", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="request_logs.prediction"
                )),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=300)),
                ("status", models.PositiveSmallIntegerField()),
                ("latency_ms", models.FloatField()),
                ("asker_kind", models.CharField(max_length=8)),
                ("asker_id", models.BigIntegerField()),
                ("predictor", models.CharField(blank=True, default="", max_length=40)),
                ("bytes_in", models.BigIntegerField()),
                ("bytes_out", models.BigIntegerField()),
                ("request_id", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("company", company()),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            "outcome",
            models.UniqueConstraint(
                condition=models.Q(("current", True)), fields=("prediction",), name="one_current_outcome"
            ),
        ),
        migrations.AddConstraint(
            "outcome", models.UniqueConstraint(fields=("company", "id"), name="request_logs_outcome_id_company")
        ),
        migrations.AddConstraint(
            "request", models.UniqueConstraint(fields=("company", "id"), name="request_logs_request_id_company")
        ),
        protect("request_logs_outcome"),
        protect("request_logs_request"),
        composite_key("request_logs_outcome", "prediction_id", "request_logs_prediction"),
    ]
