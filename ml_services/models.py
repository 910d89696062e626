"""The registry of record: which versions exist, which serves, and how each training run went."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, SharedOrTenantManager, TenantManager, TenantModel


class ModelVersion(models.Model):
    """One trained model. `company` None: shared by all (the sample models). `serving`: answers requests now.
    `comparison`: how it did beside what served when it was trained (`champions.comparison`), null where not asked."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    predictor = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    evidence = models.CharField(max_length=12)
    card = models.JSONField(default=dict)
    comparison = models.JSONField(null=True, blank=True)
    serving = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    promoted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SharedOrTenantManager] = SharedOrTenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "predictor", "version"], nulls_distinct=False, name="one_row_per_version"
            ),
            models.UniqueConstraint(
                fields=["company", "predictor"],
                condition=models.Q(serving=True),
                nulls_distinct=False,
                name="one_serving_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predictor} {self.version}"

    @property
    def place(self) -> dict[str, Any]:
        """How `artifacts` names it."""
        return {"company_id": self.company_id, "predictor": self.predictor, "version": self.version}


class RunState(models.TextChoices):
    """Where a training run is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrainingRun(TenantModel):
    """One training: its stage and progress while it runs; its version, or what was wrong, when it has ended. `asked`:
    the file's place and the options. `attempt` fences: only the newest one may end the run. `report`, of a round of the
    pipeline: what set it off, what it learned from, its stages and its verdict."""

    predictor = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    stage = models.CharField(max_length=60, blank=True)
    progress = models.FloatField(default=0.0)
    version = models.ForeignKey(ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    error = models.TextField(blank=True)
    asked = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    attempt = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=models.Q(progress__gte=0, progress__lte=1), name="run_progress_share"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.predictor}: {self.state}"


class PredictorSetting(TenantModel):
    """What a company says of one predictor, beyond any version. `bands`: [{"since", "cuts"}], oldest first; the last
    one is in force, the earlier ones are what older answers were told by. `horizon_days`: after so long an outcome can
    be known. `changeable`: fields that the company can act on. `value_per_win`, `cost_per_action` in the company's
    currency; `capacity`: actions that its team can take. `shadow_version` answers unseen beside what serves, for
    `shadow_share` of the requests. `retraining`: when the pipeline learns again by itself.
    `silence_means_no`: of a yes/no question, that no outcome within the horizon is a no."""

    predictor = models.CharField(max_length=40)
    bands = models.JSONField(default=list)
    horizon_days = models.PositiveIntegerField(null=True)
    changeable = models.JSONField(default=list)
    value_per_win = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    cost_per_action = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    capacity = models.PositiveIntegerField(null=True)
    shadow_version = models.CharField(max_length=40, blank=True, default="")
    shadow_share = models.FloatField(default=0.0)
    retraining = models.JSONField(default=dict)
    silence_means_no = models.BooleanField(default=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "predictor"], name="one_setting_per_predictor"),
            models.CheckConstraint(
                condition=models.Q(shadow_share__gte=0, shadow_share__lte=1), name="shadow_share_share"
            ),
        ]

    def __str__(self) -> str:
        return f"settings of {self.predictor}"


class DriftCheck(TenantModel):
    """The verdict of a day on what served. `evidence`: the whole verdict, as `drift.verdict` gives it."""

    predictor = models.CharField(max_length=40)
    version = models.CharField(max_length=200)
    verdict = models.CharField(max_length=10)
    evidence = models.JSONField()
    window_from = models.DateTimeField()
    window_until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=["none", "note", "drift", "unknown"]), name="drift_verdict_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "predictor", "version", "-created_at"], name="drift_check_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.predictor} {self.version}: {self.verdict}"


class ShadowPrediction(TenantModel):
    """What the shadow would have answered to the question of a prediction: `band` as the answer names it. It goes when
    the prediction goes. A crash may lose the last seconds of these rows."""

    company = models.ForeignKey("users.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    prediction = models.ForeignKey(
        "request_logs.Prediction", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    predictor = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    probability = models.FloatField(null=True)
    output = models.JSONField()
    latency_ms = models.FloatField()

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "prediction", "version"], name="one_answer_of_a_shadow"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "predictor", "version", "prediction"], name="shadow_of_predictor"),
        ]

    def __str__(self) -> str:
        return f"shadow {self.version} of {self.prediction_id}"
