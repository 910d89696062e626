"""What a training on texts reports: columns, hold-out, evidence, figures, versions."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.base import Evidence, TrainingData, TrainingOptions
from platform_core.errors import TrainingRefused

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FEWEST, STANDARD, FULL = 10, 40, 120
HELD_SHARE = 0.2


def evidence_for(count: int, of_what: str) -> Evidence:
    """The level that `count` examples of the rarer side carry. Raises TrainingRefused below the fewest."""
    if count < FEWEST:
        raise TrainingRefused(
            f"There are {count} {of_what}; at least {FEWEST} are needed, {FEWEST - count} more.", attr="target"
        )
    return "full" if count >= FULL else "standard" if count >= STANDARD else "provisional"


def holdout_rows(y: Floats, evidence: Evidence, seed: int, among: Rows | None = None) -> tuple[Rows, Rows]:
    """(rows to learn from, rows held out), a fifth of each label; nothing is held out where evidence is short. `among`:
    the rows that alone may be held out, as many in all; None: every row."""
    everything = np.arange(len(y), dtype=np.int64)
    if evidence != "full":
        return everything, everything[:0]
    rng = np.random.default_rng(seed)
    pool, share = everything, HELD_SHARE
    if among is not None:
        wanted = sum(round(HELD_SHARE * int(count)) for count in np.unique(y, return_counts=True)[1])
        pool, share = among, min(1.0, wanted / len(among))
    held = [rng.permutation(pool[y[pool] == kind]) for kind in np.unique(y)]
    taken = np.sort(np.concatenate([rows[: round(share * len(rows))] for rows in held]))
    return np.setdiff1d(everything, taken), taken


def columns_of(table: pa.Table, text: str, options: TrainingOptions) -> list[dict[str, Any]]:
    reasons = {text: "the texts", options.target: "what is learned"}
    return [
        {
            "name": name,
            "kind": "text" if name == text else "target" if name == options.target else "other",
            "used": name in reasons,
            "reason": reasons.get(name, "a text predictor reads one column of texts"),
        }
        for name in table.column_names
    ]


def card_head(
    name: str, data: TrainingData, options: TrainingOptions, column: str, evidence: Evidence, held: int
) -> dict[str, Any]:
    """What every card of a text predictor says of the data."""
    from ml_services.card import library_versions

    table = data.table
    return {
        "predictor": name,
        "evidence": evidence,
        "data": {"name": data.name, "rows": table.num_rows, "columns": table.num_columns, "sha256": data.sha256},
        "columns": columns_of(table, column, options),
        "excluded": [],
        "asked_about": [],
        "holdout": {"rows": held, "split": "stratified" if held else "cross-validation"},
        "libraries": {**library_versions(), "vaderSentiment": version("vaderSentiment")},
        "seed": options.seed,
    }
