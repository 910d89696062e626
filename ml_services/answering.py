"""A prediction that somebody asked for: answered by what serves their company, and kept in the ledger before the
answer is given out. The API and the pages come here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ml_services import identity, serving
from ml_services.base import Record
from ml_services.decisions import shadow_queue
from ml_services.slots import Slot
from platform_core.errors import RecordInvalid
from platform_core.logs import request_id
from request_logs import ledger
from request_logs.identifiers import time_of, time_ordered
from request_logs.redaction import redact, redact_answer
from users.asking import Asker

EXPLAINING = ("raw", "base", "reasons")
"""Of an answer, what the ledger keeps in columns of their own."""
Result = dict[str, Any] | RecordInvalid


def answer_one(asker: Asker, company_id: int, name: str, record: Record, *, explain: bool) -> dict[str, Any]:
    """One record's whole answer, kept. Raises RecordInvalid, NoModel, NotFound; DatabaseUnavailable where it cannot
    be kept."""
    slot = serving.find(company_id, name)
    started = time.perf_counter()
    external_id, inputs = identity.split(slot, record)
    answer = slot.model.answer(inputs, explain=explain)
    took_ms = (time.perf_counter() - started) * 1000
    mark = time_ordered()
    ledger.keep([entry(asker, company_id, slot, mark, external_id, inputs, answer, took_ms)])
    if slot.shadow is not None:
        shadow_queue.offer(slot, company_id, [(mark, inputs)])
    return {"prediction_id": str(mark), **answer, "model": slot.info}


def answer_many(
    asker: Asker, company_id: int, name: str, records: Sequence[Record], *, explain: bool
) -> list[dict[str, Any] | RecordInvalid]:
    """Many records in order, the answers kept together; a bad one gives its RecordInvalid in its place."""
    slot = serving.find(company_id, name)
    started = time.perf_counter()
    split = [_split(slot, record) for record in records]
    good = [one for one in split if not isinstance(one, RecordInvalid)]
    found = iter(slot.model.answers([inputs for _, inputs in good], explain=explain) if good else ())
    answers: list[Result] = [one if isinstance(one, RecordInvalid) else next(found) for one in split]
    each_ms = (time.perf_counter() - started) * 1000 / len(records)
    marks = [time_ordered() for _ in records]
    kept = [
        entry(asker, company_id, slot, mark, one[0], one[1], answer, each_ms)
        for mark, one, answer in zip(marks, split, answers, strict=True)
        if not isinstance(answer, RecordInvalid) and not isinstance(one, RecordInvalid)
    ]
    ledger.keep(kept)
    if slot.shadow is not None:
        answered = {one.id for one in kept}
        asked = zip(marks, split, strict=True)
        shadow_queue.offer(
            slot,
            company_id,
            [(mark, one[1]) for mark, one in asked if mark in answered and not isinstance(one, RecordInvalid)],
        )
    return [
        answer if isinstance(answer, RecordInvalid) else {"prediction_id": str(mark), **answer, "model": slot.info}
        for mark, answer in zip(marks, answers, strict=True)
    ]


def entry(
    asker: Asker,
    company_id: int,
    slot: Slot,
    mark: UUID,
    external_id: str,
    inputs: Record,
    answer: Mapping[str, Any],
    took_ms: float,
) -> ledger.Entry:
    """The ledger's row of an answer."""
    kept, redacted = redact(company_id, inputs, personal=slot.personal, aside=slot.extras)
    if redacted and "reasons" in answer:
        answer = redact_answer(company_id, answer, slot.personal)
    return ledger.Entry(
        company_id=company_id,
        id=mark,
        asker_kind=asker.kind,
        asker_id=asker.id,
        predictor=slot.predictor.name,
        version=slot.info["version"],
        version_company=slot.company_id,
        parts=slot.part_versions,
        external_id=external_id,
        input=kept,
        redacted=redacted,
        output={key: value for key, value in answer.items() if key not in EXPLAINING},
        raw=answer.get("raw"),
        base=answer.get("base"),
        reasons=answer.get("reasons"),
        latency_ms=round(took_ms, 3),
        request_id=request_id.get(),
        created_at=time_of(mark),
    )


def _split(slot: Slot, record: Record) -> tuple[str, Record] | RecordInvalid:
    try:
        return identity.split(slot, record)
    except RecordInvalid as problem:
        return problem


__all__ = ["answer_many", "answer_one", "entry"]
