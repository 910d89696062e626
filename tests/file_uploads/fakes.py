"""A model of two fields that answers by arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ml_services.base import Field, Model, Record, Reject, TableAnswer


class Doubling(Model):
    """Answers twice the amount; an amount that is no number is rejected, and a blank name too."""

    fields = (Field("Amount due", "number"), Field("name", "text"), Field("note", "text", required=False))

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        raise NotImplementedError

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        kept, values, rejects = [], [], []
        rows = zip(table["Amount due"].to_pylist(), table["name"].to_pylist(), strict=True)
        for position, (amount, name) in enumerate(rows):
            bad = []
            if not str(amount).lstrip("-").isdecimal():
                bad.append(Reject(position, "Amount due", str(amount), "is not a number"))
            if not name:
                bad.append(Reject(position, "name", "", "is blank"))
            rejects += bad
            if not bad:
                kept.append(position)
                values.append(2.0 * int(amount))
        columns = {"value": pa.array(values, pa.float64())}
        if explain:
            columns["reasons"] = pa.array([[{"feature": "Amount due"}] for _ in values])
        return TableAnswer(np.array(kept, np.int64), columns, rejects)


class Losing(Doubling):
    """Loses its last row."""

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        return super().answer_table(table.slice(0, table.num_rows - 1), explain=explain)


class Failing(Doubling):
    """Fails at its second part of a file."""

    def __init__(self) -> None:
        self.calls = 0

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        self.calls += 1
        if self.calls > 1:
            raise RuntimeError("out of order")
        return super().answer_table(table, explain=explain)
