"""The shadow's answers, made and written beside the requests: a question waits in memory, and within a second a thread
of the process asks the shadow and writes what it said. No request waits for it or hears of its errors. A crash, or more
questions than MOST_WAITING, may lose some of these rows (never a prediction)."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db import connection as database

from ml_services.base import Model, Record, RecordInvalid
from ml_services.slots import Shadow, Slot
from platform_core.tenancy import installation_wide
from request_logs.beside import keep_writing
from request_logs.ledger import without_nul

FLUSH_S = 1.0
MOST_WAITING = 5_000
MOST_AT_ONCE = 256
"""Questions answered together: the shadow then holds Python's lock for some milliseconds at most."""
WHOLE = 1 << 32
WRITE = """
INSERT INTO ml_services_shadowprediction
    (company_id, prediction_id, predictor, version, probability, output, latency_ms)
SELECT given.* FROM json_to_recordset(%s) AS given(
    company_id bigint, prediction_id uuid, predictor text, version text, probability float8, output jsonb,
    latency_ms float8)
JOIN request_logs_prediction AS made ON made.company_id = given.company_id AND made.id = given.prediction_id
ON CONFLICT DO NOTHING
"""
log = logging.getLogger(__name__)


class Question(msgspec.Struct, frozen=True, gc=False):
    """What the shadow is asked."""

    company_id: int
    prediction: UUID
    predictor: str
    shadow: Shadow
    inputs: Record


_waiting: deque[Question] = deque(maxlen=MOST_WAITING)
_encode = msgspec.json.Encoder(enc_hook=lambda value: getattr(value, "item", lambda: str(value))()).encode


def offer(slot: Slot, company_id: int, asked: Sequence[tuple[UUID, Record]]) -> None:
    """Takes the shadow's share of questions into memory, once their predictions are kept for good."""
    shadow = slot.shadow
    if shadow is None:
        return
    name = slot.predictor.name
    chosen = [Question(company_id, mark, name, shadow, inputs) for mark, inputs in asked if drawn(mark, shadow.share)]
    if chosen:
        transaction.on_commit(lambda: _waiting.extend(chosen))


def drawn(mark: UUID, share: float) -> bool:
    """Whether a prediction is among the share: by a hash of its id, so that the choice can be made again."""
    return zlib.crc32(mark.bytes) < share * WHOLE


def flush() -> int:
    """Answers and writes what waits; says how many rows. Raises OperationalError or InterfaceError: then what was
    answered is lost, as after a crash, and the rest still waits."""
    count = 0
    while _waiting:
        questions = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_AT_ONCE))]
        rows = answered(questions)
        if rows:
            try:
                _write(rows)
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError as problem:
                log.warning("answers of a shadow were refused: %s", type(problem).__name__)
                continue
        count += len(rows)
    return count


def answered(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The rows of what the shadows say; what they cannot answer is left out."""
    by_model: dict[int, list[Question]] = {}
    for one in questions:
        by_model.setdefault(id(one.shadow.model), []).append(one)
    return [row for same in by_model.values() for row in _of_one(same[0].shadow.model, same)]


def _of_one(model: Model, questions: list[Question]) -> list[dict[str, Any]]:
    started = time.perf_counter()
    try:
        answers = model.answers([one.inputs for one in questions], explain=False)
    except Exception as problem:
        # Whatever a shadow does wrong, the thread goes on: the champion has answered long ago.
        log.warning("a shadow could not answer: %s", type(problem).__name__)
        return []
    each_ms = round((time.perf_counter() - started) * 1000 / len(questions), 3)
    return [
        _row(one, answer, each_ms)
        for one, answer in zip(questions, answers, strict=True)
        if not isinstance(answer, RecordInvalid)
    ]


def _row(one: Question, answer: Mapping[str, Any], each_ms: float) -> dict[str, Any]:
    said = answer.get("probability")
    return {
        "company_id": one.company_id,
        "prediction_id": str(one.prediction),
        "predictor": one.predictor,
        "version": one.shadow.version,
        "probability": float(said) if isinstance(said, int | float) else None,
        "output": answer,
        "latency_ms": each_ms,
    }


def _write(rows: list[dict[str, Any]]) -> None:
    # Rows of all companies in one statement: each says whose it is, as its prediction does.
    with installation_wide(), transaction.atomic(), database.cursor() as cursor:
        cursor.execute(WRITE, [without_nul(_encode(rows)).decode()])


def watch() -> threading.Event:
    """Keeps answering in a thread, and once more when the process ends. Set the event returned to end it."""
    return keep_writing(
        "shadow", lambda: flush() if _waiting else 0, every_s=FLUSH_S, log=log,
        trouble="the shadow's answers could not be written",
    )  # fmt: skip


def forget() -> None:
    """Drops what waits."""
    _waiting.clear()


__all__ = ["Question", "answered", "drawn", "flush", "forget", "offer", "watch"]
