"""What uploaded files hold of a person.

A file to be predicted lies here with its results until its job is removed. Which addresses it names is known; where a
person is erased, all files of such a job go, since a file without one of its rows is no longer the file that was sent.
A file to learn from lies here only while its training runs: whose it holds is not looked up. A version that comes of it
is added to the receipts of those whose data was erased meanwhile (`ml_services.trained_people`).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from file_uploads.batch import states, store
from file_uploads.batch.named import names_one
from file_uploads.models import BatchJob, JobState
from ml_services.models import RunState, TrainingRun
from ml_services.trained_people import short
from users.personal_data import Person, Place

WHY_KEPT = "A training that runs now reads this file, which may hold the person; it is removed when the training ends."
WHY_GONE = "The files of this job were removed, because the data of a person in them was erased."


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
    """Removes the files of the jobs that name them; the jobs stay, and say so."""
    jobs = _jobs(person)
    for job in jobs:
        states.end(job_id=job.pk, status=JobState.CANCELLED, error=WHY_GONE)
        BatchJob.objects.filter(pk=job.pk).update(notes=[*job.notes, WHY_GONE])
        transaction.on_commit(partial(store.remove_all, job.company_id, job.pk))
    return {"batch_jobs": len(jobs)}


def _jobs(person: Person) -> list[BatchJob]:
    wanted = {short(one) for one in person.digests}
    return [job for job in BatchJob.objects.filter(company_id=person.company_id) if names_one(job, wanted)]


PLACE = Place("files", held=held, erase=erase, kept=kept)

__all__ = ["PLACE"]
