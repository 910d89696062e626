"""What the answers kept for an Idempotency-Key hold of a person: for a day, whatever a request was answered."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db.models import F, Func, Q, TextField, Value

from api_gateway.models import IdempotentAnswer
from users.personal_data import Person, Place

JSON = "application/json"
TEXT = Func(F("body"), Value("UTF8"), function="convert_from", output_field=TextField())


def held(person: Person) -> list[dict[str, Any]]:
    """The kept answers in which the person's address stands."""
    named = Q()
    for spelling in person.spellings:
        named |= Q(text__icontains=spelling)
    rows = IdempotentAnswer.objects.filter(content_type=JSON, status__gt=0).annotate(text=TEXT).filter(named)
    return [
        {"asker": row.asker, "created_at": row.created_at, "answer": msgspec.json.decode(row.text)}
        for row in rows.order_by("pk")
    ]


def erase(person: Person) -> dict[str, int]:
    """Empties all answers of the company: the reasons in one tell of a person also where no address does. That a
    request was done stays known, so that none is done twice."""
    kept = IdempotentAnswer.objects.filter(status__gt=0)
    return {"answers": kept.update(status=0, content_type="", body=b"")}


PLACE = Place("answers", held=held, erase=erase)

__all__ = ["PLACE"]
