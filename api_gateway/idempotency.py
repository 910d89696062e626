"""What is asked twice under one Idempotency-Key is done once: the second gets the first one's answer.

The key's row, what the request does and the stored answer are one transaction. So a crash leaves nothing behind, and
an equal request that comes meanwhile waits at the row's unique index until the first has committed, then finds its
answer. Answers that another try may better (5xx, 429) or that say who may ask (401, 403) are not stored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request

from api_gateway.models import IdempotentAnswer
from platform_core.errors import Conflict, InProgress, InputInvalid, KeyReused
from platform_core.tenancy import current_company, installation_wide
from users import asking

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
KEPT = timedelta(hours=24)
PATIENCE_MS = 3_000
"""How long an equal request waits for the first one's answer before it is told to come again."""
PRUNE_EVERY, PRUNED = 500, 1_000
"""So many answers of more than a day ago are removed at every so many that are made."""
NOT_STORED = frozenset({401, 403, 429})
NOT_KEPT = "This was done. Its answer is not given again: it held a secret that is shown once, or has been erased."
_done = count(1)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks what under which key."""

    asker: str
    key: str
    digest: bytes


def question(request: Request) -> Question | None:
    """The question of a request that has the header; None for one that has not. Raises InputInvalid."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not VISIBLE.fullmatch(key):
        raise InputInvalid(f"{HEADER} must be 1 to 255 visible ASCII characters.", attr=HEADER)
    asker = asking.of(request.user, current_company())
    return Question(asker.mark if asker else "", key, _digest(request))


def stored(asked: Question) -> HttpResponse | None:
    """The answer that was given before. Raises KeyReused where the key was another request's."""
    row = IdempotentAnswer.objects.filter(
        asker=asked.asker, key=asked.key, created_at__gt=timezone.now() - KEPT
    ).first()
    if row is None:
        return None
    if bytes(row.digest) != asked.digest:
        raise KeyReused
    if not row.status:
        raise Conflict(NOT_KEPT)
    return HttpResponse(bytes(row.body), status=row.status, content_type=row.content_type, headers={REPLAYED: "true"})


def once(asked: Question, do: Callable[[], HttpResponseBase], *, secret: bool) -> tuple[HttpResponseBase, bool]:
    """The answer of `do`, which renders it and raises nothing, or of an equal request that was done meanwhile; and
    whether it was done here. `secret`: the answer is given once and not kept. Raises InProgress, KeyReused."""
    with transaction.atomic():
        if not _claimed(asked):
            earlier = stored(asked)
            if earlier is None:
                raise InProgress
            return earlier, False
        answer = do()
        if answer.status_code >= 500 or answer.status_code in NOT_STORED:
            transaction.set_rollback(True)
        elif isinstance(answer, HttpResponse) and (not secret or answer.status_code >= 400):
            IdempotentAnswer.objects.filter(asker=asked.asker, key=asked.key).update(
                status=answer.status_code, content_type=answer.headers.get("Content-Type", ""), body=answer.content
            )
    if next(_done) % PRUNE_EVERY == 0:
        prune_expired(PRUNED)
    return answer, True


CLAIM = """
INSERT INTO api_gateway_idempotentanswer AS kept
    (company_id, asker, key, digest, status, content_type, body, created_at)
VALUES (%s, %s, %s, %s, 0, '', '', %s)
ON CONFLICT (company_id, asker, key) DO UPDATE
    SET digest = EXCLUDED.digest, status = 0, content_type = '', body = '', created_at = EXCLUDED.created_at
    WHERE kept.created_at <= %s
RETURNING id
"""


def _claimed(asked: Question) -> bool:
    """Whether the key is this request's now. Waits for an equal request that is being done."""
    now = timezone.now()
    with connection.cursor() as cursor, _some_patience(cursor):
        cursor.execute(CLAIM, [current_company(), asked.asker, asked.key, asked.digest, now, now - KEPT])
        return cursor.fetchone() is not None


@contextmanager
def _some_patience(cursor: CursorWrapper) -> Iterator[None]:
    """Within the block a lock is waited for PATIENCE_MS; what the request itself does waits as long as ever."""
    cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
    try:
        yield
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable):
            raise InProgress from None
        raise
    cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _digest(request: Request) -> bytes:
    """Of the method, the path with its query, and the body by its meaning (the order of keys and the boundary of a
    form are none); files are read in pieces."""
    state = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if not isinstance(data, QueryDict):
        state.update(msgspec.json.encode(data, order="deterministic"))
        return state.digest()
    for name, values in sorted(data.lists()):
        for value in values:
            _add(state, name, value)
    return state.digest()


def _add(state: Any, name: str, value: Any) -> None:
    if not isinstance(value, UploadedFile):
        state.update(msgspec.json.encode([name, value]))
        return
    state.update(msgspec.json.encode([name, value.name, value.size]))
    for chunk in value.chunks():
        state.update(chunk)
    value.seek(0)


def prune_expired(batch: int) -> int:
    """Removes at most so many answers that are kept no longer. Returns how many."""
    rows = IdempotentAnswer.across_companies
    with installation_wide():  # every company's answers age alike
        old = rows.filter(created_at__lte=timezone.now() - KEPT).order_by("created_at").values_list("pk", flat=True)
        return int(rows.filter(pk__in=list(old[:batch])).delete()[0])


__all__ = ["HEADER", "REPLAYED", "Question", "once", "prune_expired", "question", "stored"]
