"""How often a verdict on drift is right: false alarms, and how long a shift goes unnoticed.

Two real files, each cut in random halves: a version learns from one (5 s of search, its reference as any other's), the
other is what comes in. Windows are drawn from it (with replacement where it is smaller than the window: then its own
deviation from the other half counts as drift, which is the harder test), unchanged, or with one column shifted. The
thresholds are those of the literature (`ml_services/drift/limits.py`); none was chosen by these files.

A false note: inputs are said to have moved where nothing was changed; a false alarm: drift is. The delay: the window
is of 30 days, from one of them on all rows are shifted; told is the median day on which the column is first called
moved, and by which share of the trials, and the same for the alarm, which waits for scores or outcomes to move.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent.parent / "shared" / "data")
CASES = (
    ("churn/telco_ibm.csv", "churn", "Churn", ()),
    ("lead/bank_additional_full.csv", "lead-score", "y", ("duration",)),
)
SIZES = (200, 2_000, 20_000)
DAYS = 30
MEAN_SHIFT, SPREAD, LEVEL_SHARE, MISSING_SHARE, ODDS = 0.5, 2.0, 0.25, 0.2, 2.0
"""Standard deviations added; what deviations are multiplied by; shares of rows set to one level, and to no value;
what the odds of the outcome are multiplied by."""
KINDS = {
    "mean": "mean + 0.5 sd",
    "variance": "variance x 4",
    "category": "25 % of rows to one level",
    "missing": "20 % more without a value",
    "outcome": "odds of the outcome x 2",
}
Codes = Any


class World:
    """One file's second half as bins: of each row, of each column and of the score."""

    def __init__(self, learned: Any, model: Any, records: list[dict[str, Any]], came: np.ndarray) -> None:
        self.learned, self.model, self.records, self.came = learned, model, records, came
        self.codes, self.said = self.coded(records)

    def coded(self, records: list[dict[str, Any]]) -> tuple[Codes, np.ndarray]:
        """Bins (rows, columns + 1), and what the model says."""
        said = np.array([one["probability"] for one in self.model.answers(records, explain=False)])
        columns = []
        for column in self.learned.columns:
            values = [one.get(column.field) for one in records]
            ready = column.ready(values) if column.ready else values
            columns.append([int(column.bins.counted([one]).argmax()) for one in ready])
        columns.append([int(self.learned.score.counted([one]).argmax()) for one in said.tolist()])
        return np.array(columns, dtype=np.int64).T, said

    def verdict(self, codes: Codes, said: np.ndarray, came: np.ndarray) -> dict[str, Any]:
        """Of a window's rows, by the same judgement as the ledger's windows."""
        from ml_services.drift import rates, reading, verdicts

        bins = [*(column.bins for column in self.learned.columns), self.learned.score]
        counts = [np.bincount(codes[:, k], minlength=len(one.before)).astype(float) for k, one in enumerate(bins)]
        window = reading.Window(counts[:-1], score=counts[-1], rows=len(codes))
        now = datetime.now(UTC)
        values = came.tolist()
        closed = rates.compare(
            rates.Told({"from": now, "until": now}), self.learned, values, list(zip(said.tolist(), values, strict=True))
        )
        return verdicts.judged({}, self.learned, window, closed)


def world(path: str, predictor: str, target: str, exclude: tuple[str, ...]) -> tuple[World, dict[str, Any]]:
    """Learns from a random half."""
    from benchmarks.fresh_database import company_with_key
    from file_uploads.reading import open_table
    from ml_services import artifacts, registry, services
    from ml_services.base import TrainingData, TrainingOptions
    from ml_services.drift import reference
    from platform_core.tenancy import company_in_force

    table = open_table(ROOT / path).read()
    order = np.random.default_rng(7).permutation(table.num_rows)
    half = len(order) // 2
    first, second = table.take(np.sort(order[:half])), table.take(np.sort(order[half:]))
    company_id, _ = company_with_key(predictor)
    with company_in_force(company_id):
        row, trained = services.train_version(
            predictor=registry.predictor(predictor), company_id=company_id,
            data=TrainingData(first, path, "0" * 64),
            options=TrainingOptions(target=target, exclude=exclude, budget_s=5.0),
        )  # fmt: skip
        learned = reference.of(row)
    model = artifacts.load(company_id=company_id, predictor=predictor, version=row.version)
    records = [typed(model.fields, one) for one in second.to_pylist()]
    positive = learned.target["labels"][-1][0]
    came = np.array([text == positive for text in second.column(target).to_pylist()])
    return World(learned, model, records, came), trained.card


def typed(fields: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A file's row as a program would send it."""
    from ml_services.spellings import CATEGORY_MISSING, parse_number

    found: dict[str, Any] = {}
    for field in fields:
        text = row[field.name]
        if text is None or text.strip().casefold() in CATEGORY_MISSING:
            found[field.name] = None
        elif field.kind in ("number", "integer"):
            number = parse_number(text)
            found[field.name] = None if number is None or number != number or text in field.missing else number
        else:
            found[field.name] = text
    return found


def shifted(world: World, card: dict[str, Any], kind: str) -> tuple[str, list[dict[str, Any]]]:
    """The column that is changed, the strongest of its kind, and the records with the change in all of them."""
    kinds = {column.field: column.kind for column in world.learned.columns}
    spread = {name: len({one[name] for one in world.records}) for name in kinds}
    wanted = "level" if kind == "category" else "number"
    strong = [one["feature"] for one in card["strongest_features"]] + list(kinds)
    name = next(one for one in strong if kinds.get(one) == wanted and (kind == "category" or spread[one] > 20))
    chance = random.Random(3)
    known = np.array([one[name] for one in world.records if one[name] is not None] if wanted == "number" else [0.0])
    mean, deviation = float(known.mean()), float(known.std())
    levels = sorted({one[name] for one in world.records if one[name] is not None}, key=str)
    rarest = (
        min(levels, key=lambda level: sum(one[name] == level for one in world.records)) if wanted == "level" else ""
    )

    def changed(value: Any) -> Any:
        if kind == "missing":
            return None if chance.random() < MISSING_SHARE else value
        if kind == "category":
            return rarest if chance.random() < LEVEL_SHARE else value
        if value is None:
            return None
        return value + MEAN_SHIFT * deviation if kind == "mean" else mean + SPREAD * (value - mean)

    return name, [{**one, name: changed(one[name])} for one in world.records]


def draw(rng: np.random.Generator, pool: int, size: int) -> np.ndarray:
    """Rows of a window."""
    return rng.permutation(pool)[:size] if size <= pool else rng.integers(0, pool, size)


def false_alarms(world: World, size: int, times: int) -> dict[str, float]:
    """Over unchanged windows."""
    notes = alarms = 0
    for trial in range(times):
        rows = draw(np.random.default_rng(1000 + trial), len(world.records), size)
        told = world.verdict(world.codes[rows], world.said[rows], world.came[rows])
        notes += told["input"]["state"] == "moved"
        alarms += told["verdict"] == "drift"
    return {"false_notes": notes / times, "false_alarms": alarms / times}


def delays(world: World, new: tuple[Codes, np.ndarray, np.ndarray], name: str, size: int, times: int) -> dict[str, Any]:
    """When a shift is noticed. `new`: bins, scores and outcomes of the shifted rows."""
    seen: dict[str, list[int]] = {"note": [], "alarm": []}
    a_day = -(-size // DAYS)
    for trial in range(times):
        rng = np.random.default_rng(5000 + trial)
        rows = draw(rng, len(world.records), a_day * DAYS)
        first: dict[str, int] = {}
        for day in range(1, DAYS + 1):
            old, late = rows[day * a_day :], rows[: day * a_day]
            told = world.verdict(
                np.vstack([world.codes[old], new[0][late]]),
                np.concatenate([world.said[old], new[1][late]]),
                np.concatenate([world.came[old], new[2][late]]),
            )
            if any(one["moved"] and one["name"] == name for one in told["input"]["columns"]):
                first.setdefault("note", day)
            if told["verdict"] == "drift":
                first.setdefault("alarm", day)
        for part, day in first.items():
            seen[part].append(day)
    return {
        part: {"share": len(days) / times, "median_day": float(np.median(days)) if days else None}
        for part, days in seen.items()
    }


def run(times: int) -> dict[str, Any]:
    """Prints, and gives, the rates of both files."""
    found: dict[str, Any] = {}
    for path, predictor, target, exclude in CASES:
        if not (ROOT / path).exists():
            print(f"{path} is not here")
            continue
        here, card = world(path, predictor, target, exclude)
        print(f"\n{path}: learned from {here.learned.rows:,} rows, {here.learned.answers:,} answers to compare with, "
              f"{len(here.learned.columns)} columns; {len(here.records):,} rows to draw from")  # fmt: skip
        found[path] = {"false": {}, "shifts": {}}
        for size in SIZES:
            rates = false_alarms(here, size, times)
            found[path]["false"][size] = rates
            print(f"  {size:>6,} rows  false notes {rates['false_notes']:.1%}  false alarms {rates['false_alarms']:.1%}"
                  f"  of {times} windows")  # fmt: skip
        for kind, about in KINDS.items():
            found[path]["shifts"][kind] = _shift(here, card, kind, about, max(times // 5, 1))
    return found


def _shift(here: World, card: dict[str, Any], kind: str, about: str, times: int) -> dict[int, Any]:
    name, records = ("", here.records) if kind == "outcome" else shifted(here, card, kind)
    codes, said = (here.codes, here.said) if kind == "outcome" else here.coded(records)
    came = here.came
    if kind == "outcome":
        rate = came.mean()
        raised = ODDS * rate / (1 - rate + ODDS * rate)
        came = came | (np.random.default_rng(9).random(len(came)) < (raised - rate) / (1 - rate))
    print(f"  {about}{f', {name}' if name else ''}")
    told = {}
    for size in SIZES:
        told[size] = found = delays(here, (codes, said, came), name, size, times)
        words = [
            f"{part} by {one['share']:.0%}" + (f", median day {one['median_day']:.0f}" if one["share"] else "")
            for part, one in found.items()
        ]
        print(f"    {size:>6,} rows  {';  '.join(words)}  ({times} trials)")
    return told


__all__ = ["run"]
