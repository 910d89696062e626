"""Shapley values of a game of changes."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.lasting.shares import MOST_EXACT, shapley


def weights(players: int) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(players, 2))


@pytest.mark.parametrize("players", [1, 3, MOST_EXACT, MOST_EXACT + 1, 60])
def test_in_a_sum_each_gets_its_own_part(players: int) -> None:
    own = weights(players)
    shares, orders = shapley(players, lambda masks: masks @ own)
    np.testing.assert_allclose(shares, own, atol=1e-12)
    assert (orders is None) == (players <= MOST_EXACT)


@pytest.mark.parametrize("players", [2, 7, MOST_EXACT + 5])
def test_whatever_the_game_the_shares_sum_to_the_whole(players: int) -> None:
    own = weights(players)

    def worth(masks: np.ndarray) -> np.ndarray:
        sums = masks @ own
        return np.column_stack([np.tanh(sums[:, 0]), sums[:, 0] * sums[:, 1]])

    shares, _ = shapley(players, worth)
    ends = worth(np.array([[False] * players, [True] * players]))
    np.testing.assert_allclose(shares.sum(axis=0), ends[1] - ends[0], atol=1e-12)


def test_two_that_work_only_together_get_half_each_and_a_third_nothing() -> None:
    shares, _ = shapley(3, lambda masks: (masks[:, 0] & masks[:, 1]).astype(float)[:, None])
    np.testing.assert_allclose(shares[:, 0], [0.5, 0.5, 0.0])


def test_drawn_orders_come_near_the_exact_shares_and_are_the_same_every_time() -> None:
    players = MOST_EXACT + 2
    strength = np.linspace(0.1, 1.0, players)

    def worth(masks: np.ndarray) -> np.ndarray:
        return ((masks @ strength) ** 2)[:, None]

    shares, orders = shapley(players, worth)
    exact = strength * strength.sum()  # of a square of a sum: half of each product goes to each
    assert orders
    np.testing.assert_allclose(shares[:, 0], exact, rtol=0.1)
    np.testing.assert_array_equal(shares, shapley(players, worth)[0])
