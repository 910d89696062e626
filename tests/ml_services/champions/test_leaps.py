"""A version that leaps ahead by a new column waits for a person."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ml_services.champions.comparison import Comparison
from ml_services.champions.meeting import LEAP, not_by_itself


def made(difference: float, *, promotes: bool = True) -> Comparison:
    return Comparison("better", promotes, "Better.", "roc_auc", 0.7, 0.7 + difference, difference)


def both(*strongest: str) -> tuple[Any, Any]:
    known = [SimpleNamespace(name=name) for name in ("tenure", "plan")]
    return SimpleNamespace(model=SimpleNamespace(fields=known)), SimpleNamespace(
        card={"strongest_features": [{"feature": one} for one in strongest]}
    )


def test_a_leap_by_a_new_column_does_not_serve_by_itself_and_names_it() -> None:
    told = not_by_itself(made(LEAP), *both("tenure", "note", "plan"))
    assert (told.verdict, told.promotes) == ("better", False)
    assert "'note'" in told.reason


@pytest.mark.parametrize(
    ("difference", "strongest"),
    [(LEAP - 0.001, ("note", "plan")), (0.3, ("plan", "tenure")), (0.3, ("plan", "tenure", "tenure", "note"))],
)
def test_a_small_gain_or_one_by_known_columns_serves(difference: float, strongest: tuple[str, ...]) -> None:
    assert not_by_itself(made(difference), *both(*strongest)).promotes


def test_what_does_not_serve_anyway_keeps_its_reason() -> None:
    told = not_by_itself(made(0.3, promotes=False), *both("note"))
    assert told.reason == "Better."
