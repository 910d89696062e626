"""A file that is being predicted: the job, and the chunks that it is cut into."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from platform_core.tenancy import InstallationManager, TenantManager, TenantModel


class JobState(models.TextChoices):
    """Where a job is. The last three are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (JobState.QUEUED, JobState.RUNNING)


class BatchJob(TenantModel):
    """One file on its way to results. `model`: the pin of what served when the file came in, which
    answers all of it. `mapping`: {file's column: model's field}, where they differ.
    `whole`: its rows need each other (series, purchases), so that it is answered in one piece. `split`: all chunks are
    there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    predictor = models.CharField(max_length=40)
    model = models.JSONField()
    status = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    name = models.CharField(max_length=200)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    explain = models.BooleanField(default=False)
    whole = models.BooleanField(default=False)
    result_format = models.CharField(max_length=10, default="csv")
    split = models.BooleanField(default=False)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    notes = models.JSONField(default=list)
    asker = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["company", "-created_at"], name="jobs_newest_first"),
            models.Index(fields=["company", "sha256"], name="jobs_by_file"),
            models.Index(fields=["status"], condition=models.Q(status__in=OPEN), name="jobs_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=JobState.values), name="job_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status=JobState.DONE)
                | models.Q(rows_total=models.F("rows_done") + models.F("rows_rejected")),
                name="job_done_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.predictor}: {self.status}"


class ChunkState(models.TextChoices):
    """Where a chunk is. `waiting`: not handed to the queue yet; `set_aside`: given up, its rows are rejects."""

    WAITING = "waiting"
    QUEUED = "queued"
    DONE = "done"
    SET_ASIDE = "set_aside"


ENDED = (ChunkState.DONE, ChunkState.SET_ASIDE)


class BatchChunk(TenantModel):
    """Consecutive rows of a job's file. `attempt` fences: only the newest one's answer is taken, once.
    `failures` counts what the chunk did to its attempts, not a killed worker or a lost database."""

    job = models.ForeignKey(BatchJob, on_delete=models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    first_row = models.BigIntegerField()
    rows = models.IntegerField()
    state = models.CharField(max_length=10, choices=ChunkState.choices, default=ChunkState.WAITING)
    attempt = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    rows_rejected = models.IntegerField(default=0)
    part = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "job", "number"], name="one_chunk_per_place"),
            models.CheckConstraint(condition=models.Q(state__in=ChunkState.values), name="chunk_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=ENDED) | models.Q(rows=models.F("rows_done") + models.F("rows_rejected")),
                name="chunk_ended_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of {self.job_id}: {self.state}"


class Schedule(TenantModel):
    """A file that is predicted again and again. `cron`: in the company's time zone; `next_at`: its next turn, which
    whoever takes it moves on in the same transaction; `asker`: who made it."""

    name = models.CharField(max_length=100)
    upload = models.ForeignKey(BatchJob, on_delete=models.CASCADE, related_name="+")
    cron = models.CharField(max_length=40)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    last_upload = models.UUIDField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    asker = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["next_at"], condition=models.Q(enabled=True), name="schedules_due")]

    def __str__(self) -> str:
        return f"{self.name}: {self.cron}"


class Watch(TenantModel):
    """What was last seen of one predictor by a watch (`subject`: outcomes), so that it is told once. `alerted`: told,
    and not quiet since; of another `version` it is told anew."""

    subject = models.CharField(max_length=20)
    predictor = models.CharField(max_length=40)
    version = models.CharField(max_length=200, blank=True)
    verdict = models.JSONField(default=dict)
    alerted = models.BooleanField(default=False)
    looked_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "subject", "predictor"], name="one_watch_per_predictor"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.predictor}"
