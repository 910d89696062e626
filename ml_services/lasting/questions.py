"""The questions that the API and the pages ask. What answers them needs numpy, and is imported when first asked, so
that the web parent starts without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ml_services.base import Field
from request_logs.models import Prediction

LABEL = "association, not cause"
USUAL_CASES, MOST_CASES_SHOWN = 5, 20
CHANGE_COST, CASES_COST, ONE_COST, SEARCH_COST = 2, 5, 1, 10
"""What each draws from the limit of predictions: a comparison; cases; a what-if of named changes; a search for the
best."""


def change(row: Prediction, since: UUID | None = None) -> dict[str, Any]:
    """Why it differs from an earlier one: see `lasting.change`."""
    from ml_services.lasting.change import change as answer

    return answer(row, since)


def cases(row: Prediction, k: int = USUAL_CASES) -> dict[str, Any]:
    """The nearest past cases with their outcomes: see `lasting.cases`."""
    from ml_services.lasting.cases import cases as answer

    return answer(row, k)


def changeable(row: Prediction) -> list[tuple[Field, dict[str, Any]]]:
    """The fields that a what-if may change, each with the range seen. Raises Conflict where there are none."""
    from ml_services.lasting.what_if import changeable as answer

    return answer(row)


def what_if(row: Prediction, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the same version says with other values: see `lasting.what_if`."""
    from ml_services.lasting.what_if import what_if as answer

    return answer(row, changes)


__all__ = [
    "CASES_COST", "CHANGE_COST", "LABEL", "MOST_CASES_SHOWN", "ONE_COST", "SEARCH_COST", "USUAL_CASES", "cases",
    "change", "changeable", "what_if",
]  # fmt: skip
