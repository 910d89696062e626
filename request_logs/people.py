"""What the ledger holds of a person: predictions on records that name them, and the requests that they sent.

A prediction names a person where their address was redacted from its input, stands in one of its texts, or is its
external id; and where its external id is one that only they have. Erased, it keeps its numbers for the statistics:
when, by which version, with which result; and nothing that leads to the person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, Q

from request_logs.models import Outcome, Prediction, Request
from users.personal_data import Person, Place

ERASED = "*"
"""Stands in `redacted` where the whole input was erased."""
BATCH = 500
LIKE_SIGNS, SHIELDED = r"([%_\\])", r"\\\1"
MOST_EXPORTED = 10_000
"""Predictions in one export, the latest first; `predictions_held` says how many there are."""

NAMED = """
SELECT id, external_id FROM request_logs_prediction
WHERE company_id = %(company)s AND (
    lower(external_id) = ANY(%(spellings)s)
    OR (redacted <> '[]' AND jsonb_path_exists(input, '$.*.redacted ? (@ == $one[*])', %(paths)s))
    OR CASE WHEN input::text LIKE '%%@%%' AND lower(input::text) LIKE ANY(%(parts)s) THEN EXISTS (
        SELECT FROM jsonb_path_query(input, 'strict $.** ? (@.type() == "string")') AS part
        WHERE part #>> '{}' ~* %(written)s
    ) END
)
"""
"""The last condition is cheap first: few rows come to the regular expression."""
SAME_FIELD_OTHER_PERSON = """
SELECT DISTINCT other.external_id
FROM request_logs_prediction AS other, jsonb_each(other.input) AS field
WHERE other.company_id = %(company)s AND other.external_id = ANY(%(marks)s) AND other.redacted <> '[]'
  AND jsonb_typeof(field.value) = 'object' AND field.value ? 'redacted'
  AND NOT (field.value ->> 'redacted' = ANY(%(digests)s))
  AND field.key IN (
    SELECT own.key FROM request_logs_prediction AS mine, jsonb_each(mine.input) AS own
    WHERE mine.company_id = %(company)s AND mine.external_id = ANY(%(marks)s) AND mine.redacted <> '[]'
      AND jsonb_typeof(own.value) = 'object' AND own.value ->> 'redacted' = ANY(%(digests)s)
  )
"""
"""External ids under which the field that holds the person's address has held another's: they name no person."""


def identifiers(person: Person) -> list[str]:
    """The external ids under which the ledger knows them, and nobody else."""
    marks = sorted({mark for _, mark in _named(person) if mark})
    if not marks:
        return []
    shared = {row[0] for row in _rows(SAME_FIELD_OTHER_PERSON, {**_sought(person), "marks": marks})}
    return [mark for mark in marks if mark not in shared]


def held(person: Person) -> dict[str, Any]:
    """The predictions, with what happened, and how many requests they sent as a member."""
    marks = sorted(_found(person), reverse=True)
    return {
        "predictions_held": len(marks),
        "predictions": list(_shown(marks[:MOST_EXPORTED])),
        "requests": _requests(person),
    }


def erase(person: Person) -> dict[str, int]:
    """Takes out of each prediction what leads to them."""
    marks = sorted(_found(person))
    for batch in _batches(marks):
        rows = list(Prediction.objects.select_for_update().filter(pk__in=batch).order_by("pk"))
        for row in rows:
            row.input, row.redacted, row.reasons, row.external_id = {}, [ERASED], None, ""
            row.output = without_lists(row.output)
        Prediction.objects.bulk_update(rows, ["input", "redacted", "reasons", "external_id", "output"])
    return {"predictions": len(marks)}


def without_lists(value: Any) -> Any:
    """An output without its lists: words found in a text, points of a forecast. Its numbers and labels stay."""
    if isinstance(value, dict):
        return {name: without_lists(part) for name, part in value.items() if not isinstance(part, list)}
    return value


def _found(person: Person) -> set[UUID]:
    found = {mark for mark, _ in _named(person)}
    for batch in _batches(sorted(person.identifiers)):
        found.update(Prediction.objects.filter(external_id__in=batch).values_list("pk", flat=True))
    return found


def _named(person: Person) -> list[tuple[UUID, str]]:
    # It reads the whole ledger of the company: once for identifiers, export and erasure together.
    if "ledger" not in person.found:
        person.found["ledger"] = [(row[0], row[1]) for row in _rows(NAMED, _sought(person))]
    known: list[tuple[UUID, str]] = person.found["ledger"]
    return known


def _sought(person: Person) -> dict[str, Any]:
    written = "|".join(re.escape(one) for one in sorted(person.spellings))
    return {
        "company": person.company_id,
        "spellings": sorted(person.spellings),
        "digests": sorted(person.digests),
        "paths": json.dumps({"one": sorted(person.digests)}),
        "parts": [f"%{re.sub(LIKE_SIGNS, SHIELDED, one.lower())}%" for one in sorted(person.spellings)],
        "written": rf"(?<![\w.%+-])({written})(?![\w-]|\.\w)",
    }


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _shown(marks: list[UUID]) -> Iterator[dict[str, Any]]:
    for batch in _batches(marks):
        outcomes: dict[UUID, list[dict[str, Any]]] = {}
        for one in Outcome.objects.filter(prediction__in=batch).order_by("pk"):
            told = {"value": one.value, "occurred_at": one.occurred_at, "current": one.current}
            outcomes.setdefault(one.prediction_id, []).append(told)
        columns = ("predictor", "version", "external_id", "input", "output", "raw", "reasons", "created_at")
        for row in Prediction.objects.filter(pk__in=batch).order_by("-pk").values("id", *columns):
            yield {**row, "id": str(row["id"]), "outcomes": outcomes.get(row["id"], [])}


def _requests(person: Person) -> dict[str, Any]:
    own = Q(asker_kind="person", asker_id=person.member) if person.member is not None else Q(pk__in=[])
    return Request.objects.filter(own).aggregate(count=Count("pk"), first=Min("created_at"), last=Max("created_at"))


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    known = list(values)
    return (known[start : start + BATCH] for start in range(0, len(known), BATCH))


PLACE = Place("ledger", held=held, erase=erase, identifiers=identifiers)

__all__ = ["ERASED", "PLACE", "without_lists"]
