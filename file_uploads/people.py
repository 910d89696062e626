"""What uploaded files hold of a person. A file to learn from lies here only while its training runs: whose it holds is
not looked up, and it goes when the training ends. A version that comes of it is added to the receipts of those whose
data was erased meanwhile (`ml_services.trained_people`)."""

from __future__ import annotations

from typing import Any

from ml_services.models import RunState, TrainingRun
from users.personal_data import Person, Place

WHY_KEPT = "A training that runs now reads this file, which may hold the person; it is removed when the training ends."


def held(person: Person) -> list[dict[str, Any]]:
    """The company's trainings under way, whose files may hold the person."""
    rows = TrainingRun.objects.filter(company_id=person.company_id, state__in=[RunState.QUEUED, RunState.RUNNING])
    return [
        {"what": "training file", "run": row.pk, "predictor": row.predictor, "why": WHY_KEPT}
        for row in rows.order_by("pk")
    ]


PLACE = Place("files", held=held, kept=held)

__all__ = ["PLACE"]
