"""A made-up shop whose customers buy as the BG/NBD and gamma-gamma models say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

START = dt.date(2024, 1, 1)


def visits(customers: int, days: int, seed: int = 0) -> list[tuple[int, int, float]]:
    """(customer, day, amount), everybody's first purchase within the first third."""
    rng = np.random.default_rng(seed)
    found: list[tuple[int, int, float]] = []
    for customer in range(customers):
        day, rate, leaving = rng.uniform(0, days / 3), rng.gamma(0.6, 1 / 25), rng.beta(0.8, 2.5)
        scale = rng.gamma(6, 5)
        while day < days:
            found.append((customer, int(day), round(float(rng.gamma(4, scale / 4)) + 0.01, 2)))
            if rng.random() < leaving:
                break
            day += max(rng.exponential(1 / rate), 1.0)
    return found


def table(rows: list[tuple[int, int, float]]) -> pa.Table:
    """As a file of texts holds them."""
    return pa.table(
        {
            "customer_id": [f"{customer:05d}" for customer, _, _ in rows],
            "date": [(START + dt.timedelta(days=day)).isoformat() for _, day, _ in rows],
            "amount": [f"{amount:.2f}" for _, _, amount in rows],
        }
    )
