"""What uploaded files hold of a person.

A file to be predicted lies here with its results until its job is removed. Which addresses it names is known; where a
person is erased, such a job goes with all its files: without one of its rows a file is no longer the one that was sent.
A file to learn from lies here only while its training runs: whose it holds is not looked up. A version that comes of it
is added to the receipts of those whose data was erased meanwhile (`ml_services.trained_people`).
"""

from __future__ import annotations

from typing import Any

from file_uploads.batch import intake
from file_uploads.batch.named import names_one
from file_uploads.models import BatchJob
from ml_services.models import RunState, TrainingRun
from ml_services.trained_people import short
from users.personal_data import Person, Place

WHY_KEPT = "A training that runs now reads this file, which may hold the person; it is removed when the training ends."


def held(person: Person) -> list[dict[str, Any]]:
    """The jobs whose files name them, and the trainings under way."""
    jobs = [
        {"what": "batch job", "job": str(job.pk), "file": job.name, "predictor": job.predictor, "at": job.created_at}
        for job in _jobs(person)
    ]
    return [*jobs, *kept(person)]


def kept(person: Person) -> list[dict[str, Any]]:
    """The company's trainings under way, whose files may hold the person."""
    rows = TrainingRun.objects.filter(company_id=person.company_id, state__in=[RunState.QUEUED, RunState.RUNNING])
    return [
        {"what": "training file", "run": row.pk, "predictor": row.predictor, "why": WHY_KEPT}
        for row in rows.order_by("pk")
    ]


def erase(person: Person) -> dict[str, int]:
    """Removes the jobs whose files name them, as their own removal does; one under way is stopped."""
    jobs = _jobs(person)
    for job in jobs:
        intake.remove(job_id=job.pk)
    return {"batch_jobs": len(jobs)}


def _jobs(person: Person) -> list[BatchJob]:
    wanted = {short(one) for one in person.digests}
    return [job for job in BatchJob.objects.filter(company_id=person.company_id) if names_one(job, wanted)]


PLACE = Place("files", held=held, erase=erase, kept=kept)

__all__ = ["PLACE"]
