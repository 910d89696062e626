"""The published schema and the check accept the same records."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ml_services.base import Field, Output
from ml_services.encoding import Encoder
from ml_services.record_check import RecordCheck
from ml_services.schema import csv_template, example_record, json_schema, json_schema_of_outputs
from platform_core.errors import RecordInvalid
from tests.ml_services.mixed_tables import fitted, mixed_table

FIELDS = (
    Field("tenure", "number", minimum=0, maximum=72, unit="months", description="How long a customer."),
    Field("visits", "integer", minimum=0, nullable=True),
    Field("income", "number", required=False, nullable=True),
    Field("plan", "category", choices=("Basic", "Pro"), closed=True),
    Field("size", "category", choices=("1", "2", "3"), nullable=True),
    Field("region", "category", choices=("North", "South"), required=False),
    Field("active", "yes_no", choices=("No", "Yes"), truthy="Yes"),
    Field("flag", "yes_no", choices=("0", "1"), truthy="1", nullable=True),
    Field("since", "date", nullable=True),
    Field("note", "text"),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([10**400, 1e39, -1, 72, 72.0, 0.5, 1.0, "", "Basic", "basic", "Yes", "1", "0", "North", " Pro "]),
    st.sampled_from(["2024-02-29", "2023-02-29", "2024-02-29T10:00:00Z", "2024-2-9", "0000-01-01", "2024-01-01T24:00"]),
    st.sampled_from(["2024-01-01 10:00", "2024-01-01T10:00:00.123+02:00", "x" * 20_000, "x" * 20_001]),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
VALIDATOR = Draft202012Validator(json_schema(FIELDS))
CHECK = RecordCheck(FIELDS)
ENCODER = Encoder.declared(FIELDS, pa.table({field.name: [str(field.example or "")] for field in FIELDS}))


def accepts(check: Any, record: dict[str, Any]) -> bool:
    try:
        check(record)
    except RecordInvalid:
        return False
    return True


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_schema_check_and_encoder_accept_the_same_records(data: st.DataObject) -> None:
    record = example_record(FIELDS)
    for name in data.draw(st.lists(st.sampled_from([*record, "tenur"]), max_size=3)):
        if data.draw(st.integers(0, 5)) == 0:
            record.pop(name, None)
        else:
            record[name] = data.draw(SCALARS)
    valid = VALIDATOR.is_valid(record)
    assert accepts(CHECK, record) == valid
    assert accepts(ENCODER.encode_one, record) == valid


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(value=SCALARS)
@settings(max_examples=30, deadline=None)
def test_each_field_alone_agrees_with_its_schema(field: Field, value: Any) -> None:
    record = example_record(FIELDS) | {field.name: value}
    assert accepts(CHECK, record) == VALIDATOR.is_valid(record)


def test_the_schema_is_one_of_its_dialect() -> None:
    Draft202012Validator.check_schema(json_schema(FIELDS))


def test_the_example_is_accepted_by_all() -> None:
    record = example_record(FIELDS)
    assert VALIDATOR.is_valid(record)
    CHECK(record)
    ENCODER.encode_one(record)


def test_a_trained_schema_describes_its_example_and_leaves_unused_columns_aside() -> None:
    encoder, _ = fitted(mixed_table())
    validator = Draft202012Validator(json_schema(encoder.fields, encoder.extras))
    record = example_record(encoder.fields)
    assert validator.is_valid(record)
    encoder.encode_one(record)
    assert validator.is_valid(record | {"id": "C1"})
    assert not validator.is_valid(record | {"left": 1})


def test_the_csv_template_is_a_table_that_the_encoder_takes() -> None:
    encoder, _ = fitted(mixed_table())
    header, row = list(csv.reader(io.StringIO(csv_template(encoder.fields))))
    matrix, _, rejects = encoder.encode_table(pa.table(dict(zip(header, ([cell] for cell in row), strict=True))))
    assert rejects == []
    assert len(matrix) == 1


def test_a_series_is_a_list_of_dated_values() -> None:
    fields = (Field("history", "series"), Field("periods", "integer", minimum=1, maximum=36))
    validator = Draft202012Validator(json_schema(fields))
    check = RecordCheck(fields)
    record = example_record(fields)
    assert check(record)["history"][0] == (20088.0, 1.0)
    for history in (
        [],
        [{"date": "2024-01-01", "value": 1}],
        [{"date": "x", "value": 1}],
        [{"date": "2024-01-01"}],
        [3],
    ):
        changed = record | {"history": history}
        assert accepts(check, changed) == validator.is_valid(changed)
    with pytest.raises(RecordInvalid, match="history has a value at item 0 that must be a number, not text"):
        check(record | {"history": [{"date": "2024-01-01", "value": "1"}]})


def test_outputs_are_described_with_their_parts() -> None:
    interval = Output("interval", "object", parts=(Output("low", "number"), Output("high", "number", nullable=True)))
    tags = Output("tags", "array", parts=(Output("tag", "string"),))
    schema = json_schema_of_outputs((Output("risk", "string", choices=("low", "high")), interval, tags))
    validator = Draft202012Validator(schema)
    good = {"risk": "low", "interval": {"low": 1, "high": None}, "tags": [{"tag": "a"}]}
    assert validator.is_valid(good)
    assert not validator.is_valid(good | {"risk": "none"})
    assert not validator.is_valid(good | {"interval": {"low": 1}})
    assert not validator.is_valid(good | {"tags": [{}]})
