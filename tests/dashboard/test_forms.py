"""What is typed becomes what a program would send."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.forms import AskForm, read
from ml_services.base import Field

NUMBER = Field("n", "number")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("3", 3), ("3.5", 3.5), ("3,5", 3.5), ("-1e3", -1000), ("x", "x"), ("nan", "nan"), ("1e999", "1e999")],
)  # fmt: skip
def test_numbers_are_read_and_what_is_none_is_left_for_the_check(typed: str, meant: Any) -> None:
    assert read(NUMBER, typed) == meant
    assert type(read(NUMBER, typed)) is type(meant)


@pytest.mark.parametrize("typed", ["2025-01-01, 3\n2025-02-01, 4", "2025-01-01\t3\r\n\r\n2025-02-01;4"])
def test_a_history_is_read_line_by_line(typed: str) -> None:
    expected = [{"date": "2025-01-01", "value": 3}, {"date": "2025-02-01", "value": 4}]
    assert read(Field("h", "series"), typed) == expected


def test_a_blank_is_unknown_where_it_may_be_and_left_out_elsewhere() -> None:
    form = AskForm([Field("a", "number", nullable=True), Field("b", "number")], {"f0": " ", "f1": ""})
    assert form.is_valid()
    assert form.record() == {"a": None}
