"""Quiet stays quiet however often one looks, and what changed is found."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.scoreboard.evidence import (
    MOST_TOLERATED,
    TOLERATED,
    limits,
    noticeable,
    rows_needed,
    tolerance,
)
from ml_services.scoreboard.rates import Rates
from ml_services.scoreboard.verdict import judged

LOOKS, A_MONTH = 12, 60
BANDS = ("D", "C", "B", "A")


def first_alert(rng: np.random.Generator, times: float) -> int | None:
    """The month of the first alert of a year of monthly looks, each at all that has closed by then; total and bands,
    with nothing tolerated, so that all false alarms are allowed for by the test itself."""
    said = rng.beta(2, 18, LOOKS * A_MONTH)
    came = (rng.random(len(said)) < np.minimum(said * times, 1)).astype(float)
    band = np.searchsorted([0.05, 0.1, 0.2], said).astype(np.int64)
    for month in range(1, LOOKS + 1):
        rows = slice(0, month * A_MONTH)
        seen = Rates(came[rows], said[rows], said[rows], band[rows], BANDS)
        if judged(seen, 0.0, "yes")[2]["status"] == "alert":
            return month
    return None


def test_in_quiet_years_at_most_one_in_twenty_ever_alerts() -> None:
    """Most of what the bound allows for is not used: of 100 years not even 5."""
    rng = np.random.default_rng(7)
    alerts = sum(first_alert(rng, 1.0) is not None for _ in range(100))
    assert alerts <= 5


@pytest.mark.parametrize("times", [2.0, 0.4])
def test_a_doubled_and_a_more_than_halved_rate_are_found_within_the_year(times: float) -> None:
    rng = np.random.default_rng(8)
    months = [first_alert(rng, times) for _ in range(40)]
    assert sum(month is not None for month in months) >= 38
    assert np.median([month for month in months if month]) <= 6


def test_quiet_is_not_claimed_before_a_doubled_rate_would_be_seen() -> None:
    said = np.full(35, 0.1)
    few = Rates(np.zeros(35), said, said, np.full(35, -1), ())
    _, _, verdict = judged(few, TOLERATED, "yes")
    assert verdict["status"] == "unknown"
    needed = verdict["evidence"]["needed_rows"]
    assert 100 < needed < 300
    enough = limits(np.full(needed, 0.1), 0.025, TOLERATED)
    assert enough.high <= noticeable(0.1) == 0.2
    assert rows_needed(np.full(needed, 0.1), 0.025, TOLERATED) == 0


def test_a_tenth_of_the_odds_is_news_to_nobody_however_many_rows() -> None:
    found = limits(np.full(400_000, 0.2), 0.025, TOLERATED)
    assert found.side(0.2 * 400_000) == ""
    assert found.side(0.213 * 400_000) == ""
    assert found.side(0.24 * 400_000) == "above"
    assert found.side(0.16 * 400_000) == "below"


def test_events_alone_are_no_alert_but_too_little_to_tell() -> None:
    """Reported are 30 of 300, all of them events, as was said: 10 %."""
    said, came = np.full(300, 0.1), np.full(300, np.nan)
    came[:30] = 1.0
    total, _, verdict = judged(Rates(came, said, said, np.full(300, -1), ()), TOLERATED, "yes")
    assert total["side"] == "unclear"
    assert verdict["status"] == "unknown"
    assert "30 have an outcome" in verdict["reasons"][0]
    came[:90] = 1.0
    assert judged(Rates(came, said, said, np.full(300, -1), ()), TOLERATED, "yes")[2]["status"] == "alert"


def test_a_grade_that_went_bad_is_named_though_the_total_is_right() -> None:
    said = np.repeat([0.05, 0.5], [1000, 100])
    band = np.repeat([0, 3], [1000, 100]).astype(np.int64)
    came = np.concatenate([np.repeat([1.0, 0.0], [90, 910]), np.repeat([1.0, 0.0], [10, 90])])
    total, bands, verdict = judged(Rates(came, said, said, band, BANDS), TOLERATED, "yes")
    assert total["side"] is None
    assert [one["side"] for one in bands] == ["above", None, None, "below"]
    assert verdict["status"] == "alert"
    assert verdict["reasons"][1].startswith("A: less than was said")


def test_nothing_is_said_of_nothing() -> None:
    empty = np.zeros(0)
    total, bands, verdict = judged(Rates(empty, empty, empty, empty.astype(np.int64), BANDS), TOLERATED, "yes")
    assert verdict["status"] == "unknown"
    assert total["observed"]["value"] is None
    assert [one["observed"]["value"] for one in bands] == [None] * 4


def test_a_version_measured_on_few_rows_promises_less() -> None:
    card = {"class_balance": {"no": 800, "yes": 200}, "holdout": {"rows": 200}}
    assert TOLERATED < tolerance(card) < MOST_TOLERATED
    assert tolerance(card | {"holdout": {"rows": 10}}) == MOST_TOLERATED
    assert tolerance(card | {"holdout": {"rows": 10**6}}) == TOLERATED
    for nothing in ({}, {"class_balance": None}, card | {"holdout": {"rows": 0}}, {"class_balance": {"a": 1, "b": 0}}):
        assert tolerance(nothing) == TOLERATED
