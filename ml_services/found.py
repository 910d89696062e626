"""What was found out about one column."""

from __future__ import annotations

from dataclasses import dataclass

from ml_services.base import Field
from ml_services.dates import DateStyle
from ml_services.parsing import NumberStyle


@dataclass(frozen=True, slots=True)
class Found:
    """A kind with the reason for it; `field` only where the column is of use."""

    kind: str
    reason: str
    field: Field | None = None
    style: NumberStyle | DateStyle | None = None


def unused(kind: str, reason: str) -> Found:
    return Found(kind, reason)
