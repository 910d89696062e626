"""Made-up daily sales of shops, with a week and growth."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

FIRST = date(2022, 1, 3)
WEEK = np.array([1.0, 1.1, 1.2, 1.3, 1.6, 1.9, 0.6])


def sales(count: int, seed: int = 0, level: float = 100.0) -> list[str]:
    noise = np.random.default_rng(seed).lognormal(0, 0.05, count)
    return [f"{level * (1 + k / 300) * WEEK[k % 7] * noise[k]:.2f}" for k in range(count)]


def dates(count: int, spelled: str = "%Y-%m-%d") -> list[str]:
    return [(FIRST + timedelta(k)).strftime(spelled) for k in range(count)]


def one_series(count: int = 150, spelled: str = "%Y-%m-%d") -> pa.Table:
    return pa.table({"date": dates(count, spelled), "value": sales(count)})


def shops(count: int, days: int = 120) -> pa.Table:
    parts = [
        pa.table(
            {"Shop": [f"shop {k}"] * days, "Day": dates(days, "%d-%m-%y"), "Takings": sales(days, k, 50.0 * (k + 1))}
        )
        for k in range(count)
    ]
    return pa.concat_tables(parts)
