"""A table with every kind of column and some dirt, and an encoder fitted on a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.columns import ColumnReport, profile
from ml_services.encoding import Encoder

REVIEWS = [
    "the staff was very kind and the room was clean and quiet",
    "the room was dirty and the staff was not kind at all",
    "very good food and a kind waiter in a clean room",
    "the food was cold and the waiter was slow and not kind",
    "a quiet room with good food and very kind staff",
]


def mixed_table(rows: int = 200) -> pa.Table:
    """Every kind of column, with dirt."""
    rng = np.random.default_rng(1)
    return pa.table(
        {
            "id": [f"C{k:05d}" for k in range(rows)],
            "months": [str(k % 40) if k % 17 else "" for k in range(rows)],
            "spent": [f"€ {k // 3}.{k % 10}{k % 7},{k % 10}5" if k % 3 else f"{k},5" for k in range(1, rows + 1)],
            "plan": [["Basic", "Pro", "Elite ", "None", "", f"Rare{k}"][k % 6] for k in range(rows)],
            "paperless": [["Yes", "No", "yes", ""][k % 4] for k in range(rows)],
            "joined": [f"{1 + k % 28:02d}/{1 + k % 12:02d}/2023" if k % 9 else "" for k in range(rows)],
            "seen": [f"2024-03-{1 + k % 28:02d}T{k % 24:02d}:15:00+01:00" for k in range(rows)],
            "review": [f"{REVIEWS[k % 5]} and {REVIEWS[int(rng.integers(5))]} {k}" for k in range(rows)],
            "left": [str(k % 2) for k in range(rows)],
        }
    )


def fitted(table: pa.Table, target: str = "left", **options: Any) -> tuple[Encoder, list[ColumnReport]]:
    reports = profile(table, target=target, **options)
    return Encoder.fit(reports, table, time_column=options.get("time_column", "")), reports
