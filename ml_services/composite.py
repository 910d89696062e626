"""Several models answering one record: each gets its own fields, their answers and errors are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ml_services.base import Field, Model, Record, Reject, TableAnswer
from platform_core.errors import FieldProblem, RecordInvalid

if TYPE_CHECKING:
    import pyarrow as pa


class CompositeModel(Model):
    """`parts`: models by name. A field that several ask for is as the first describes it, required if any part
    requires it. Answers are {name: that part's answer}; with `explain` also one list of all `reasons`, each with its
    `part`."""

    def __init__(self, parts: Mapping[str, Model]) -> None:
        self.parts = dict(parts)
        self._names = {name: frozenset(field.name for field in model.fields) for name, model in self.parts.items()}
        joined: dict[str, Field] = {}
        for model in self.parts.values():
            for field in model.fields:
                first = joined.setdefault(field.name, field)
                joined[field.name] = replace(first, required=first.required or field.required)
        self.fields = tuple(joined.values())
        self._known = frozenset(joined).union(*(getattr(model, "extras", ()) for model in self.parts.values()))

    def warm(self) -> None:
        for model in self.parts.values():
            model.warm()

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        found = self.answers([record], explain=explain)[0]
        if isinstance(found, RecordInvalid):
            raise found
        return found

    def answers(self, records: Sequence[Record], *, explain: bool) -> list[dict[str, Any] | RecordInvalid]:
        by_part: list[list[dict[str, Any] | RecordInvalid]] = []
        for name, model in self.parts.items():
            own = self._names[name]
            cut = [{key: value for key, value in record.items() if key in own} for record in records]
            by_part.append(model.answers(cut, explain=explain))
        return [self._joined(record, list(found)) for record, *found in zip(records, *by_part, strict=True)]

    def _joined(self, record: Record, found: list[dict[str, Any] | RecordInvalid]) -> dict[str, Any] | RecordInvalid:
        problems = [
            FieldProblem(str(key), "unknown", f"{key}: there is no such field.")
            for key in record
            if key not in self._known
        ]
        for part in found:
            if isinstance(part, RecordInvalid):
                problems.extend(part.problems)
        if problems:
            return RecordInvalid(list({(problem.field, problem.code): problem for problem in problems}.values()))
        answer: dict[str, Any] = dict(zip(self.parts, found, strict=True))
        reasons = [{"part": name, **reason} for name in self.parts for reason in answer[name].get("reasons", ())]
        return answer | {"reasons": reasons} if reasons else answer

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        import pyarrow as pa

        found = {name: model.answer_table(table, explain=explain) for name, model in self.parts.items()}
        kept = np.arange(table.num_rows, dtype=np.int64)
        rejects: dict[tuple[int, str], Reject] = {}
        for part in found.values():
            kept = np.intersect1d(kept, part.positions, assume_unique=True)
            for reject in part.rejects:
                rejects.setdefault((reject.position, reject.column), reject)
        columns: dict[str, pa.Array] = {}
        for name, part in found.items():
            places = pa.array(np.searchsorted(part.positions, kept))
            columns |= {f"{name}_{column}": values.take(places) for column, values in part.columns.items()}
        return TableAnswer(kept, columns, sorted(rejects.values(), key=lambda reject: reject.position))


__all__ = ["CompositeModel"]
