"""Verdicts: by the interval, the margin, the calibration, and the sign."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ml_services.champions.calibration_check import check
from ml_services.champions.comparison import compare, decide, first, not_compared
from ml_services.champions.resampling import Difference, Floats

WELL = {"champion": 0.01, "challenger": 0.01, "holds": True}
CASES = {
    "surely better": (0.010, 0.004, 0.016, "better", True),
    "better by no more than a seed": (0.0015, 0.0005, 0.0025, "equal", True),
    "better, but not surely more than a seed": (0.010, 0.001, 0.019, "equal", True),
    "no difference": (0.0, 0.0, 0.0, "equal", True),
    "a little lower, not surely": (-0.003, -0.009, 0.003, "equal", True),
    "worse by no more than a seed": (-0.0015, -0.0025, -0.0005, "equal", True),
    "surely worse": (-0.006, -0.010, -0.002, "worse", False),
    "may be worse by more than the margin": (-0.008, -0.024, 0.008, "worse", False),
    "too few rows, no clear loss": (-0.004, -0.050, 0.042, "equal", True),
    "too few rows, a clear loss": (-0.012, -0.060, 0.036, "worse", False),
}


@pytest.mark.parametrize(("gap", "low", "high", "verdict", "promotes"), CASES.values(), ids=CASES)
def test_the_verdict(gap: float, low: float, high: float, verdict: str, promotes: bool) -> None:
    found = Difference(0.8, 0.8 + gap, gap, low, high, (high - low) / 4)
    assert decide(found, WELL, "roc_auc")[:2] == (verdict, promotes)


def test_chances_that_lie_do_not_serve_however_well_they_rank() -> None:
    found = Difference(0.8, 0.83, 0.03, 0.02, 0.04, 0.005)
    assert decide(found, {**WELL, "holds": False}, "roc_auc")[:2] == ("better", False)


def world(n: int = 3000, seed: int = 0) -> tuple[Floats, Floats]:
    """Truth and its true chance."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(1.5 - 1.5 * rng.normal(size=n)))
    return (rng.random(n) < chance).astype(float), chance


def test_the_same_answers_are_equal_and_told_in_a_sentence() -> None:
    y, chance = world()
    found = compare(task="binary", y=y, champion=chance, challenger=chance, against="v1", way="both unseen")
    assert (found.verdict, found.promotes, found.rows, found.on) == ("equal", True, 3000, "locked hold-out")
    assert "3,000 rows" in found.reason
    told = json.loads(json.dumps(found.as_json()))
    assert {"verdict", "promotes", "metric", "champion", "challenger", "difference", "low", "high", "rows", "on",
            "calibration", "reason"} <= told.keys()  # fmt: skip


def test_noise_makes_it_worse() -> None:
    y, chance = world()
    noisy = np.clip(chance + np.random.default_rng(1).normal(scale=0.2, size=len(y)), 0.01, 0.99)
    found = compare(task="binary", y=y, champion=chance, challenger=noisy)
    assert (found.verdict, found.promotes) == ("worse", False)
    assert "does not serve" in found.reason


def test_chances_too_high_break_the_calibration() -> None:
    y, chance = world()
    found = compare(task="binary", y=y, champion=chance, challenger=chance**0.4)
    assert found.verdict == "equal"
    assert not found.promotes
    assert found.calibration is not None
    assert not found.calibration["holds"]
    assert "word" in found.reason


def test_a_calibration_that_the_world_broke_for_both_is_no_reason() -> None:
    y, chance = world()
    assert check("binary", y, chance**0.4, chance**0.4, 1)["holds"]


@pytest.mark.parametrize("turned", ["champion", "challenger"])
def test_answers_turned_round_are_refused_with_that_reason(turned: str) -> None:
    y, chance = world()
    both: dict[str, Any] = {"champion": chance, "challenger": chance} | {turned: 1 - chance}
    found = compare(task="binary", y=y, **both)
    assert (found.verdict, found.promotes) == ("worse", False)
    assert "turned round" in found.reason


def test_amounts_are_compared_by_rank_and_total() -> None:
    rng = np.random.default_rng(0)
    said = np.exp(rng.normal(size=800))
    y = said * rng.gamma(4.0, 0.25, 800)
    same = compare(task="value", y=y, champion=said, challenger=said)
    assert (same.verdict, same.promotes, same.metric) == ("equal", True, "spearman")
    assert not compare(task="value", y=y, champion=said, challenger=2 * said).promotes
    assert compare(task="value", y=y, champion=said, challenger=rng.permutation(said)).verdict == "worse"


def test_truly_calibrated_chances_hold_at_any_size() -> None:
    for n, seed in ((100, 1), (1000, 2), (20_000, 3)):
        y, chance = world(n, seed)
        assert check("binary", y, chance, chance, seed)["holds"], n


@pytest.mark.parametrize(("by_person", "then"), [(True, "so it serves"), (False, "stays")])
def test_what_cannot_be_compared_is_for_a_person(by_person: bool, then: str) -> None:
    found = not_compared("the columns are others.", against="v1", by_person=by_person)
    assert (found.verdict, found.promotes) == ("not_comparable", by_person)
    assert then in found.reason
    assert first().promotes
