"""Limits on what costs us or others: so many within a time, told when to come again, nobody named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platform_core.errors import Throttled
from users.attempts import Attempt, said, spend

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


def ask(by: str = "ann@example.com") -> None:
    spend(kind="forgot", by=by, most=2, within=HOUR)


def test_so_many_and_no_more_and_each_for_themselves() -> None:
    ask()
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=50))
    ask()
    with pytest.raises(Throttled) as caught:
        ask()
    assert 590 <= caught.value.retry_after_s <= 600
    assert "10 minutes" in caught.value.detail
    ask("bob@example.com")
    Attempt.objects.update(at=timezone.now() - HOUR)
    ask()


def test_nobody_is_named_in_what_is_kept() -> None:
    ask()
    assert "ann" not in "".join(Attempt.objects.values_list("mark", flat=True))


@pytest.mark.parametrize(
    ("wait_s", "words"), [(0.2, "a second"), (31, "a minute"), (60, "a minute"), (899, "15 minutes")]
)
def test_a_wait_is_said_in_words(wait_s: float, words: str) -> None:
    assert said(wait_s) == words
