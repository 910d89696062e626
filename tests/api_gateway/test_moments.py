"""Times in the query string: RFC 3339 in its usual spellings, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api_gateway.moments import moment
from platform_core.errors import InputInvalid

HALF_PAST_NINE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SAME = [
    "2026-03-01T09:30:00Z", "2026-03-01t09:30:00z", "2026-03-01 09:30:00Z", "2026-03-01T09:30",
    "2026-03-01T09:30:00.0Z",
    "2026-03-01T11:30:00+02:00", "2026-03-01T11:30:00 02:00", "2026-03-01T04:30:00-05:00",
    "2026-03-01T09:30:00.000000000",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert moment({"from": text}, "from") == HALF_PAST_NINE


def test_a_day_is_its_beginning_in_utc() -> None:
    assert moment({"from": "2026-03-01"}, "from") == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_leap_second_is_the_one_before_it() -> None:
    assert moment({"from": "2016-12-31T23:59:60Z"}, "from") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_moment_before_or_after_all_time_is_the_first_or_the_last() -> None:
    assert moment({"from": "0001-01-01T00:00:00+14:00"}, "from") == datetime.min.replace(tzinfo=UTC)
    assert moment({"from": "9999-12-31T23:00:00-14:00"}, "from") == datetime.max.replace(tzinfo=UTC)


def test_what_is_not_asked_is_not_there() -> None:
    assert moment({}, "from") is None


WRONG = [
    "",
    "now",
    "2026",
    "2026-02-30",
    "2026-03-01T10:60:00Z",
    "2026-03-01T24:01:00Z",
    "٢٠٢٦-٠٣-٠١",
]


@pytest.mark.parametrize("text", WRONG)
def test_another_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputInvalid) as refusal:
        moment({"to": text}, "to")
    assert refusal.value.attr == "to"
