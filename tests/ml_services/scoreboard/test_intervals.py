"""Shares, and Spiegelhalter's test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from ml_services.scoreboard.intervals import share, spiegelhalter, wilson


@pytest.mark.parametrize(("hits", "rows"), [(0, 1), (3, 20), (20, 20), (500, 1000)])
def test_wilsons_interval_is_that_of_the_library(hits: int, rows: int) -> None:
    expected = binomtest(hits, rows).proportion_ci(method="wilson")
    assert wilson(hits, rows) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_a_share_of_nothing_is_unknown() -> None:
    assert share(0, 0) == {"value": None, "low": None, "high": None, "rows": 0, "needed": "1 outcome"}


def test_spiegelhalters_z_is_quiet_for_right_chances_and_loud_for_doubled_ones() -> None:
    rng = np.random.default_rng(1)
    said = rng.beta(2, 8, 4000)
    right, doubled = ((rng.random(4000) < np.minimum(said * times, 1)).astype(float) for times in (1, 2))
    quiet, loud = spiegelhalter(right, said), spiegelhalter(doubled, said)
    assert quiet is not None and loud is not None
    assert abs(quiet[0]) < 2 and quiet[1] > 0.05
    assert loud[0] > 5 and loud[1] < 1e-6
    assert spiegelhalter(np.ones(5), np.full(5, 0.5)) is None
