"""Answers laid out for reading."""

from __future__ import annotations

import pytest

from dashboard.answers import line, reasons
from ml_services.base import Output


def test_reasons_grow_from_the_middle_and_the_longest_reaches_the_edge() -> None:
    up, down, others = reasons([{"text": "a", "effect": 2.0}, {"text": "b", "effect": -1.0}], 0.5)
    assert (up.offset, up.share, up.direction) == (50.0, 50.0, "up")
    assert (down.offset, down.share, down.direction) == (25.0, 25.0, "down")
    assert others.label == "everything else together"


def test_no_reasons_are_no_bars() -> None:
    assert reasons([], None) == []
    assert reasons([{"text": "a", "effect": 0.0}])[0].share == 0.0


@pytest.mark.parametrize(
    ("output", "value", "text"),
    [
        (Output("probability", "number"), 0.256, "25.6 %"),
        (Output("value", "number", unit="EUR"), 1234.5, "1,234.50 EUR"),
        (Output("beats_naive", "boolean"), True, "yes"),
        (Output("price", "string", nullable=True), None, "—"),
        (
            Output("interval", "object", parts=(Output("low", "number"),)),
            {"low": 1.0, "level": 0.8},
            "Low 1, Level 0.8",
        ),
        (Output("tags", "array"), [], "none"),
    ],
)
def test_a_value_is_said_in_words(output: Output, value: object, text: str) -> None:
    assert line(output, value).text == text


def test_shares_are_bars_and_a_list_of_objects_is_a_table() -> None:
    assert [bar.share for bar in line(Output("probabilities", "object"), {"a": 0.2, "b": 0.4}).bars] == [50.0, 100.0]
    table = line(Output("forecast", "array"), [{"date": "2025-01-01", "value": 3.0}])
    assert (table.heads, table.rows) == (["Date", "Value"], [["2025-01-01", "3"]])
