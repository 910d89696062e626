"""What an encoder refuses: every bad field of a record and every bad cell of a table, named with the reason."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services.base import Field
from ml_services.encoding import Encoder
from platform_core.errors import InputInvalid, RecordInvalid
from tests.ml_services.mixed_tables import fitted, mixed_table


def test_a_junk_cell_rejects_its_row_and_says_why() -> None:
    table = mixed_table()
    encoder, _ = fitted(table)
    months = table.column("months").to_pylist()
    months[3] = "abc"
    joined = table.column("joined").to_pylist()
    joined[3], joined[5] = "soon", "31/02/2023"
    dirty = table.set_column(1, "months", [months]).set_column(5, "joined", [joined])
    matrix, positions, rejects = encoder.encode_table(dirty)
    assert [(reject.position, reject.column, reject.value) for reject in rejects] == [
        (3, "months", "abc"), (3, "joined", "soon"), (5, "joined", "31/02/2023"),
    ]  # fmt: skip
    assert rejects[0].reason == "is not a number"
    assert len(matrix) == len(positions) == table.num_rows - 2


def test_every_problem_of_a_record_is_named_at_once() -> None:
    fields = (
        Field("tenure", "number", minimum=0, maximum=72, unit="months"),
        Field("plan", "category", choices=("Basic", "Pro"), closed=True),
        Field("active", "yes_no", choices=("No", "Yes"), truthy="Yes"),
        Field("age", "integer", nullable=True, required=False),
        Field("since", "date"),
        Field("charge", "number"),
    )
    table = pa.table({"tenure": ["1"], "plan": ["Pro"], "active": ["Yes"], "since": ["2020-01-01"], "charge": ["2"]})
    encoder = Encoder.declared(fields, table)
    record = {"tenure": 99, "plan": "Gold", "active": "perhaps", "age": 1.5, "since": "yesterday", "tenur": 1}
    with pytest.raises(RecordInvalid) as caught:
        encoder.encode_one(record)
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [
        ("tenure", "out_of_range"), ("plan", "not_a_choice"), ("active", "not_a_choice"), ("age", "wrong_type"),
        ("since", "wrong_type"), ("charge", "required"), ("tenur", "unknown"),
    ]  # fmt: skip
    details = caught.value.detail
    assert "tenure must be between 0 and 72 months." in details
    assert "did you mean tenure?" in details


@pytest.mark.parametrize("value", ["5", True, [1], {"a": 1}, math.nan, math.inf, 10**400, 1e39])
def test_a_number_in_a_record_is_a_finite_number_and_nothing_else(value: Any) -> None:
    encoder, _ = fitted(mixed_table())
    record = {field.name: None for field in encoder.fields}
    with pytest.raises(RecordInvalid, match="months must be"):
        encoder.encode_one(record | {"months": value})


@pytest.mark.parametrize("record", [None, 3, "text", [1], [("months", 1)]])
def test_what_is_no_object_is_refused(record: Any) -> None:
    encoder, _ = fitted(mixed_table())
    with pytest.raises(RecordInvalid, match="must be an object"):
        encoder.encode_one(record)


def test_a_missing_required_column_is_named_and_an_optional_one_is_unknown() -> None:
    fields = (
        Field("tenure", "number"),
        Field("charge", "number"),
        Field("note", "number", required=False, nullable=True),
    )
    encoder = Encoder.declared(fields, pa.table({"tenure": ["1"], "charge": ["2"]}))
    with pytest.raises(InputInvalid, match=r"columns 'tenure' \(is it 'Tenure'\?\), 'charge'"):
        encoder.encode_table(pa.table({"Tenure": ["1"]}))
    assert np.isnan(encoder.encode_table(pa.table({"tenure": ["1"], "charge": ["2"]}))[0][0, 2])


def test_declared_bounds_and_blanks_reject_rows() -> None:
    fields = (
        Field("tenure", "number", minimum=0, maximum=72),
        Field("kind", "category", choices=("A", "B"), closed=True),
    )
    encoder = Encoder.declared(fields, pa.table({"tenure": ["1"], "kind": ["A"]}))
    table = pa.table({"tenure": ["5", "99", "", "7"], "kind": ["a", "B", "B", "C"]})
    matrix, positions, rejects = encoder.encode_table(table)
    assert positions.tolist() == [0]
    assert matrix.tolist() == [[5.0, 0.0]]
    assert [(r.position, r.reason) for r in rejects] == [
        (1, "must be between 0 and 72"), (2, "must not be blank"), (3, "must be one of: A, B"),
    ]  # fmt: skip
