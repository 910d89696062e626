"""All sample files as texts, from one seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platform_core import env
from platform_core.samples.cells import as_csv
from platform_core.samples.customers import customers
from platform_core.samples.leads import leads
from platform_core.samples.reviews import reviews
from platform_core.samples.sales import sales
from platform_core.samples.subscriptions import form_submissions_and_charges

FOLDER = env.CHECKOUT / "sample_data"
ROWS, SEED = 2000, 42
FORMS_SHARE, REVIEWS_SHARE = 0.2, 0.75


def sample_files(rows: int = ROWS, seed: int = SEED) -> dict[str, str]:
    """Text by file name; `rows` are the leads and the customers, the other files follow in proportion."""
    forms, charges = form_submissions_and_charges(max(round(rows * FORMS_SHARE), 1), seed)
    return {
        "sample_leads.csv": as_csv(leads(rows, seed)),
        "customers.csv": as_csv(customers(rows, seed)),
        "transactions.json": _lines(charges, "data"),
        "form_submissions.json": _lines(forms, "submissions"),
        "sales_data.csv": as_csv(sales(seed)),
        "reviews.csv": as_csv(reviews(max(round(rows * REVIEWS_SHARE), 1), seed)),
    }


def write_sample_files(folder: Path, rows: int = ROWS, seed: int = SEED) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in sample_files(rows, seed).items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def _lines(whole: Mapping[str, Any], listed: str) -> str:
    """JSON with one entry of the list on a line, so that differences can be read."""
    head = {key: value for key, value in whole.items() if key != listed}
    items: Sequence[Any] = whole[listed]
    body = ",\n".join(json.dumps(item, separators=(",", ":"), ensure_ascii=False) for item in items)
    return json.dumps(head, separators=(",", ":"))[:-1] + f',"{listed}":[\n{body}\n]}}\n'
