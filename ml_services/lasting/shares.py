"""What each of several changes contributed to what they made together: Shapley values, which sum to it exactly.

The game is between two real rows, not against an average one ("baseline Shapley": Sundararajan and Najmi, "The many
Shapley values for model explanation", ICML 2020): a coalition is the earlier row with some of the changes made. What
did not change so gets no share, and in a sum of functions of one field each its own difference.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Worth = Callable[[Masks], Floats]
"""From coalitions (n, players) to their worth (n, outputs)."""

MOST_EXACT = 10
"""Players up to which all 2^p coalitions are asked."""
MOST_ROWS, MOST_ORDERS, FEWEST_ORDERS = 20_000, 64, 4
"""Beyond that, so many orders are drawn, each with its reverse (antithetic: Mitchell et al., JMLR 23, 2022). Every
order's contributions sum to the whole, so their mean does too; the single share then has a sampling error."""
SEED = 42


def shapley(players: int, worth: Worth) -> tuple[Floats, int | None]:
    """Shares (players, outputs), and how many orders were drawn; None where all coalitions were asked."""
    if players <= MOST_EXACT:
        return _exact(players, worth), None
    orders = max(FEWEST_ORDERS, min(MOST_ORDERS, MOST_ROWS // (players + 1)))
    return _sampled(players, worth, orders), orders


def _exact(players: int, worth: Worth) -> Floats:
    numbers = np.arange(2**players)
    masks = (numbers[:, None] >> np.arange(players)) & 1 == 1
    values, sizes = worth(masks), masks.sum(axis=1)
    weights = np.array([factorial(s) * factorial(players - s - 1) for s in range(players)]) / factorial(players)
    shares = np.zeros((players, values.shape[1]))
    for player in range(players):
        without = numbers[~masks[:, player]]
        gained = values[without + (1 << player)] - values[without]
        shares[player] = weights[sizes[without]] @ gained
    return shares


def _sampled(players: int, worth: Worth, orders: int) -> Floats:
    rng = np.random.default_rng(SEED)
    drawn = [rng.permutation(players) for _ in range(orders // 2)]
    drawn += [order[::-1] for order in drawn]
    places = np.array([np.argsort(order) for order in drawn])
    masks = places[:, None, :] < np.arange(players + 1)[None, :, None]
    values = worth(masks.reshape(-1, players)).reshape(len(drawn), players + 1, -1)
    gained = np.diff(values, axis=1)
    shares: Floats = np.mean([gained[k][places[k]] for k in range(len(drawn))], axis=0)
    return shares


__all__ = ["Floats", "Masks", "shapley"]
