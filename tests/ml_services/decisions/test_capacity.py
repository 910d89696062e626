"""Whom to act on: as long as it pays, and as many as the team can take."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.base import Judged
from ml_services.decisions.capacity import CURVE_POINTS, plan
from platform_core.errors import InputInvalid
from tests.ml_services.decisions.versions import judged

FIVE = [0.1, 0.9, 0.5, 0.2, 0.7]


def test_it_acts_while_it_pays() -> None:
    found = plan(FIVE, value_per_win=100, cost_per_action=20, capacity=None)
    assert found["acted_on"] == 3, "at 0.2 an action brings what it costs, and no more"
    assert (found["break_even"], found["cut_off"], found["bound_by"]) == (0.2, 0.5, "money")
    assert found["expected_wins"] == pytest.approx(2.1)
    assert (found["cost"], found["money"]) == (60, pytest.approx(150))
    assert found["next"] == {"records": 2, "expected_wins": pytest.approx(0.3), "money": pytest.approx(-10)}


def test_the_team_can_take_no_more() -> None:
    found = plan(FIVE, value_per_win="100.00", cost_per_action="20", capacity=1)
    assert (found["acted_on"], found["cut_off"], found["bound_by"]) == (1, 0.9, "capacity")
    assert found["next"]["money"] == pytest.approx(150 - 80)
    nobody = plan(FIVE, value_per_win=100, cost_per_action=20, capacity=0)
    assert (nobody["acted_on"], nobody["cut_off"], nobody["money"], nobody["interval"]) == (0, None, 0, None)


def test_where_nothing_pays_nobody_is_acted_on() -> None:
    found = plan(FIVE, value_per_win=10, cost_per_action=20, capacity=None)
    assert (found["acted_on"], found["money"], found["bound_by"], found["break_even"]) == (0, 0, "money", 1.0)


def test_the_curve_goes_from_nobody_to_everybody_through_the_plan() -> None:
    said = np.random.default_rng(0).random(5000)
    found = plan(said, value_per_win=100, cost_per_action=33, capacity=None)
    curve = found["curve"]
    assert CURVE_POINTS - 1 <= len(curve) <= CURVE_POINTS
    assert (curve[0]["acted_on"], curve[-1]["acted_on"]) == (0, 5000)
    assert found["acted_on"] in [point["acted_on"] for point in curve]
    assert max(point["money"] for point in curve) == pytest.approx(found["money"]), "no other number brings more"
    assert curve[-1]["wins"] == pytest.approx(said.sum())


def test_the_interval_comes_from_what_really_came(monkeypatch: pytest.MonkeyPatch) -> None:
    said, rows = [0.5] * 100, judged({0.1: (500, 50), 0.5: (200, 100)})
    found = plan(said, value_per_win=10, cost_per_action=1, capacity=None, judged=rows)
    span = found["interval"]
    assert span["wins_low"] < 50 < span["wins_high"]
    assert span["money_low"] == span["wins_low"] * 10 - 100
    assert span["judged_rows"] == 200
    boasting = plan(said, value_per_win=10, cost_per_action=1, capacity=None, judged=judged({0.5: (2000, 400)}))
    assert boasting["interval"]["wins_high"] < 50, "of those said 0.5, two in five came"


@pytest.mark.parametrize("rows", [None, Judged(np.ones(5), np.full(5, 0.9))])
def test_without_enough_rows_there_is_no_interval(rows: Judged | None) -> None:
    assert plan(FIVE, value_per_win=10, cost_per_action=1, capacity=None, judged=rows)["interval"] is None


@pytest.mark.parametrize(
    ("named", "amounts"),
    [
        ("value_per_win", {"value_per_win": 0, "cost_per_action": 1}),
        ("value_per_win", {"value_per_win": float("nan"), "cost_per_action": 1}),
        ("cost_per_action", {"value_per_win": 1, "cost_per_action": -1}),
        ("capacity", {"value_per_win": 1, "cost_per_action": 1, "capacity": -1}),
    ],
)
def test_amounts_that_are_none_are_refused(named: str, amounts: dict[str, float]) -> None:
    with pytest.raises(InputInvalid) as refusal:
        plan(FIVE, **{"capacity": None, **amounts})  # type: ignore[arg-type]
    assert refusal.value.attr == named
    with pytest.raises(InputInvalid, match="between 0 and 1"):
        plan([0.5, 1.5], value_per_win=1, cost_per_action=0, capacity=None)
