"""A real file as a world to draw windows from: one half learned from, the other as it comes in, changed or not."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared" / "data")
MEAN_SHIFT, SPREAD, LEVEL_SHARE, MISSING_SHARE = 0.5, 2.0, 0.25, 0.2
"""Standard deviations added; what deviations are multiplied by; shares of rows set to one level, and to no value."""
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
    company_id, _ = company_with_key(Path(path).stem.replace("_", "-"))
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


__all__ = ["ROOT", "Codes", "World", "shifted", "world"]
