"""What of a record is kept: not the values that say who somebody is, not what the model never looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from users.privacy import redacted

NONE: frozenset[str] = frozenset()


def redact(
    company_id: int, record: Mapping[str, Any], *, personal: frozenset[str] = NONE, aside: frozenset[str] = NONE
) -> tuple[Mapping[str, Any], list[str]]:
    """The record as it is kept, and which values were replaced in it. `aside`: keys that are left out. A personal
    value stands there as a keyed digest, by which it can be found when its person asks, but not read."""
    if personal.isdisjoint(record) and aside.isdisjoint(record):
        return record, []
    names = sorted(name for name in personal if record.get(name) is not None)
    kept = {name: value for name, value in record.items() if name not in aside}
    return kept | {name: redacted(company_id, str(record[name])) for name in names}, names


def redact_answer(company_id: int, answer: Mapping[str, Any], personal: frozenset[str]) -> dict[str, Any]:
    """The answer as it is kept: its reasons, and those of its parts, repeat no personal value."""
    return {key: _redacted(company_id, value, personal) for key, value in answer.items()}


def _redacted(company_id: int, value: Any, personal: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_redacted(company_id, one, personal) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("feature") in personal and "effect" in value:
        # "email is ann@example.com: raises the chance" keeps what comes after the value.
        said = f"{value['feature']}: {str(value.get('text', '')).rpartition(': ')[2]}"
        hidden = None if value.get("value") is None else redacted(company_id, str(value["value"]))
        return {**value, "value": hidden, "text": said}
    return redact_answer(company_id, value, personal)


__all__ = ["redact", "redact_answer"]
