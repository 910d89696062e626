"""The trained model of purchases: one customer's figures in, or a whole list of purchases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from ml_services.base import Record, Reject, TableAnswer
from ml_services.encoding import Encoder
from ml_services.lifetime.calibration import ValueCalibrator
from ml_services.lifetime.rfm import Floats, Frame, frame_before
from ml_services.lifetime.scorer import ValueScorer
from ml_services.lifetime.transactions import PurchaseReader
from ml_services.tabular import TabularModel
from platform_core.errors import FieldProblem, RecordInvalid

RECENCY, AGE = "recency_days", "age_days"
CONTRADICTION = f"{RECENCY} is more than {AGE}: the last purchase cannot be before the first."


class Interval(Protocol):
    """What gives an amount its interval."""

    @property
    def level(self) -> float: ...

    def interval(self, raw: Floats) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True)
class ValueAnswer:
    """Amounts are told as decimal strings, two digits after the point."""

    currency: str
    horizon_days: int
    scale: Interval
    subject: str = "the value"

    def one(self, calibrated: float, raw: float) -> dict[str, Any]:
        low, high = self.scale.interval(np.array([raw]))
        ends = {"low": f"{min(low[0], calibrated):.2f}", "high": f"{max(high[0], calibrated):.2f}"}
        return {
            "value": f"{calibrated:.2f}",
            "currency": self.currency,
            "horizon_days": self.horizon_days,
            "interval": {**ends, "level": self.scale.level},
        }

    def many(self, calibrated: Floats, raw: Floats) -> dict[str, pa.Array]:
        rows = len(calibrated)
        low, high = self.scale.interval(raw)
        return {
            "value": _money(calibrated),
            "currency": pa.repeat(self.currency, rows),
            "horizon_days": pa.repeat(self.horizon_days, rows),
            "interval_low": _money(np.minimum(low, calibrated)),
            "interval_high": _money(np.maximum(high, calibrated)),
            "interval_level": pa.repeat(self.scale.level, rows),
        }


def _money(values: Floats) -> pa.Array:
    return pa.array([f"{value:.2f}" for value in values.tolist()], pa.string())


class LifetimeModel(TabularModel):
    """Asked for one customer, it takes the fields of `rfm.fields`; `answer_transactions` takes purchases in the form
    of the file that it learned from."""

    def __init__(
        self,
        encoder: Encoder,
        scorer: ValueScorer,
        calibrator: ValueCalibrator,
        answer: ValueAnswer,
        reader: PurchaseReader,
    ) -> None:
        super().__init__(encoder, scorer, calibrator, answer)
        self.reader = reader

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        found = super().answer(record, explain=explain)
        if record[RECENCY] > record[AGE]:
            raise contradiction()
        return found

    def answers(self, records: Sequence[Record], *, explain: bool) -> list[dict[str, Any] | RecordInvalid]:
        found = super().answers(records, explain=explain)
        return [
            contradiction() if not isinstance(one, RecordInvalid) and record[RECENCY] > record[AGE] else one
            for record, one in zip(records, found, strict=True)
        ]

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        """A table of customers with the model's fields, or one of purchases: then each row gets its customer's
        answer."""
        if self.takes_transactions(table.column_names):
            return self._answer_rows(table, explain=explain)
        found = super().answer_table(table, explain=explain)
        X, _, _ = self.encoder.encode_table(table)
        odd = X[:, 1] > X[:, 2]
        if not odd.any():
            return found
        rejects = [Reject(int(row), RECENCY, "", CONTRADICTION) for row in found.positions[odd]]
        kept = pa.array(~odd)
        columns = {name: column.filter(kept) for name, column in found.columns.items()}
        return TableAnswer(
            found.positions[~odd], columns, sorted(found.rejects + rejects, key=lambda reject: reject.position)
        )

    def takes_transactions(self, names: Sequence[str]) -> bool:
        """Whether a table with columns of these names is one of purchases and not of customers."""
        customers = {field.name for field in self.fields if field.required} <= set(names)
        return not customers and self.reader.reads(list(names))

    def answer_transactions(self, table: pa.Table, *, explain: bool = False) -> tuple[pa.Table, list[Reject]]:
        """One row a customer, as of the newest day of the whole table: the customer column, the figures, and the
        answer's columns with the prefix of batch files; and the table's rows that could not be read."""
        reading = self.reader.read(table)
        frame = frame_before(reading.purchases, reading.newest_day + 1)
        customers = frame_table(self.fields, frame)
        found = super().answer_table(customers, explain=explain)
        names = pa.array([reading.purchases.names[code] for code in frame.customer.tolist()], pa.string())
        columns = {self.reader.roles.customer: names} | dict(
            zip(customers.column_names, customers.columns, strict=True)
        )
        columns |= {f"prediction_{name}": column for name, column in found.columns.items()}
        return pa.table(columns), reading.rejects

    def _answer_rows(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        reading = self.reader.read(table)
        frame = frame_before(reading.purchases, reading.newest_day + 1)
        found = super().answer_table(frame_table(self.fields, frame), explain=explain)
        place = np.full(len(reading.purchases.names) + 1, -1, dtype=np.int64)
        place[frame.customer] = np.arange(len(frame.customer))
        of_row = place[reading.customer]
        rejects = [
            Reject(int(row), self.reader.roles.amount, "", "this customer has only returns")
            for row in np.flatnonzero((of_row < 0) & (reading.customer >= 0))
        ]
        positions = np.flatnonzero(of_row >= 0).astype(np.int64)
        columns = {name: column.take(pa.array(of_row[positions])) for name, column in found.columns.items()}
        return TableAnswer(positions, columns, sorted(reading.rejects + rejects, key=lambda reject: reject.position))


def contradiction() -> RecordInvalid:
    return RecordInvalid([FieldProblem(RECENCY, "out_of_range", CONTRADICTION)])


def frame_table(fields: Sequence[Any], frame: Frame) -> pa.Table:
    """A frame as the table that its encoder reads; what does not exist is null."""
    return pa.table({field.name: pa.array(frame.X[:, k], from_pandas=True) for k, field in enumerate(fields)})


__all__ = ["LifetimeModel", "ValueAnswer", "frame_table"]
