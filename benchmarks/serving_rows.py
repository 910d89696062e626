"""The rows that the serving benchmark asks about: a real churn file, or made rows of its shape."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from ml_services.columns import profile
from ml_services.encoding import Encoder

ROWS_ASKED = 64
TARGET, ID, POSITIVE = "Churn", "customerID", "Yes"
SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared" / "data")
TELCO = SHARED / "churn" / "telco_ibm.csv"


@dataclass
class Rows:
    """Encoded rows X (n, k) with y (n,), the records asked about, and the names of their number fields."""

    source: str
    table: pa.Table
    encoder: Encoder
    X: np.ndarray
    y: np.ndarray
    records: list[dict[str, Any]]
    numbers: list[str]


def telco() -> Rows:
    """All columns read as texts, as our file reader gives them; records as a client sends them, numbers as numbers."""
    table, source = (_read(), TELCO.name) if TELCO.exists() else (_made(), "made rows")
    encoder = Encoder.fit(profile(table, target=TARGET, id_column=ID), table)
    X, _, _ = encoder.encode_table(table)
    y = (np.array(table[TARGET].to_pylist()) == POSITIVE).astype(np.float64)
    numbers = [field.name for field in encoder.fields if field.kind in ("number", "integer")]
    asked = table.select([field.name for field in encoder.fields]).slice(0, ROWS_ASKED).to_pylist()
    records = [{name: _number(text) if name in numbers else text for name, text in row.items()} for row in asked]
    return Rows(source, table, encoder, X, y, records, numbers)


def _read() -> pa.Table:
    with csv.open_csv(TELCO) as opened:
        names = opened.schema.names
    return csv.read_csv(TELCO, convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())))


def _number(text: str | None) -> float | None:
    return float(text) if text and text.strip() else None


def _made(rows: int = 7000) -> pa.Table:
    """Four numbers and fifteen categories, about a third of the rows positive."""
    rng = np.random.default_rng(42)
    columns: dict[str, Any] = {ID: [f"C-{j:06d}" for j in range(rows)]}
    signal = rng.normal(size=rows)
    for j in range(4):
        columns[f"number {j}"] = [f"{value:.2f}" for value in 50 + 20 * rng.normal(size=rows) + 5 * signal]
    for j in range(15):
        columns[f"choice {j}"] = np.array(["Yes", "No", "Maybe"])[rng.integers(0, 2 + j % 2, rows)].tolist()
    columns[TARGET] = np.where(signal + rng.normal(size=rows) > 0.8, POSITIVE, "No").tolist()
    return pa.table(columns)
