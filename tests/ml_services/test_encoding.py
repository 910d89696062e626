"""One encoder for a record, many records, and a table: the same floats, and every bad cell named."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml_services.encoding import Encoder
from platform_core.errors import RecordInvalid
from tests.ml_services.mixed_tables import fitted, mixed_table
from tests.ml_services.real_files import real_table


def as_record(encoder: Encoder, row: dict[str, Any]) -> dict[str, Any]:
    """A table's row as a client would send it: numbers as numbers, dates as ISO text, blanks as null."""
    matrix, _, rejects = encoder.encode_table(pa.table({name: [value] for name, value in row.items()}))
    assert not rejects
    values = dict(zip((feature.name for feature in encoder.features), matrix[0].tolist(), strict=True))
    record: dict[str, Any] = {}
    for field in encoder.fields:
        cell = row[field.name]
        if cell is None or not str(cell).strip():
            record[field.name] = None
        elif field.kind == "number":
            record[field.name] = None if math.isnan(values[field.name]) else values[field.name]
        elif field.kind == "yes_no":
            record[field.name] = bool(values[field.name])
        elif field.kind == "date" and "/" in str(cell):
            day, month, year = str(cell).split("/")
            record[field.name] = f"{year}-{month}-{day}"
        else:
            record[field.name] = cell
    return record


def assert_all_ways_agree(encoder: Encoder, table: pa.Table) -> None:
    matrix, positions, rejects = encoder.encode_table(table)
    assert rejects == []
    assert positions.tolist() == list(range(table.num_rows))
    records = [as_record(encoder, row) for row in table.to_pylist()]
    many, kept, refused = encoder.encode_many(records)
    assert refused == []
    assert kept.tolist() == positions.tolist()
    np.testing.assert_array_equal(many, matrix)
    np.testing.assert_array_equal(np.array([encoder.encode_one(record) for record in records]), matrix)


def test_record_records_and_table_give_exactly_the_same_floats() -> None:
    table = mixed_table()
    encoder, reports = fitted(table)
    assert {report.kind for report in reports} >= {"id", "number", "category", "yes_no", "date", "text", "target"}
    assert_all_ways_agree(encoder, table)


def test_ages_are_measured_from_the_time_column_in_every_way() -> None:
    table = mixed_table()
    encoder, _ = fitted(table, time_column="seen")
    assert_all_ways_agree(encoder, table)
    age = next(k for k, feature in enumerate(encoder.features) if feature.name == "joined (age in days)")
    records = [as_record(encoder, row) for row in table.to_pylist()]
    later = dict(records[1]) | {"seen": "2024-04-02T00:15:00+01:00"}
    assert encoder.encode_one(later)[age] - encoder.encode_one(records[1])[age] == pytest.approx(31 - 1 / 24)


def test_the_chunks_of_a_table_are_encoded_as_the_whole() -> None:
    table = mixed_table()
    encoder, _ = fitted(table)
    whole, _, _ = encoder.encode_table(table)
    parts = [encoder.encode_table(table.slice(start, 70))[0] for start in range(0, 200, 70)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_pickled_encoder_encodes_the_same() -> None:
    table = mixed_table()
    encoder, _ = fitted(table)
    again = pickle.loads(pickle.dumps(encoder))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.encode_table(table)[0], encoder.encode_table(table)[0])
    assert again.fields == encoder.fields
    assert again.features == encoder.features


def test_typed_tables_are_encoded_like_spelled_ones() -> None:
    spelled = pa.table(
        {
            "n": ["1", "2.5", "", "7"] * 20,
            "c": ["a", "b", "", "a"] * 20,
            "y": ["Yes", "No", "", "Yes"] * 20,
            "d": ["2024-01-05", "2024-02-05", "", "2024-03-01"] * 20,
            "t": ["0", "1"] * 40,
        }
    )
    typed = pa.table(
        {
            "n": pa.array([1.0, 2.5, None, 7.0] * 20),
            "c": pa.array(["a", "b", None, "a"] * 20).dictionary_encode(),
            "y": pa.array([True, False, None, True] * 20),
            "d": pa.array(["2024-01-05", "2024-02-05", None, "2024-03-01"] * 20).cast(pa.timestamp("ns")),
        }
    )
    encoder, _ = fitted(spelled, "t")
    matrix, _, rejects = encoder.encode_table(typed)
    assert rejects == []
    np.testing.assert_array_equal(matrix, encoder.encode_table(spelled)[0])


def test_a_file_that_spells_its_numbers_otherwise_is_still_read() -> None:
    encoder, _ = fitted(pa.table({"n": [f"{k}.5" for k in range(40)], "t": ["0", "1"] * 20}), "t")
    matrix, _, rejects = encoder.encode_table(pa.table({"n": ["1.234,5", "7,25", "3"]}))
    assert rejects == []
    assert matrix[:, 0].tolist() == [1234.5, 7.25, 3.0]


def test_unused_columns_of_the_training_file_may_be_sent() -> None:
    encoder, _ = fitted(mixed_table())
    record = {field.name: None for field in encoder.fields}
    assert encoder.encode_one(record | {"id": "C00001"}) == pytest.approx(encoder.encode_one(record), nan_ok=True)
    with pytest.raises(RecordInvalid, match="left is not a field"):
        encoder.encode_one(record | {"left": "1"})


def test_an_unseen_level_goes_with_the_rare_ones() -> None:
    encoder, _ = fitted(mixed_table())
    position, plan = next((k, f) for k, f in enumerate(encoder.features) if f.name == "plan")
    record = {field.name: None for field in encoder.fields}
    assert plan.levels[-1] == "(other)"
    assert encoder.encode_one(record | {"plan": "Never seen"})[position] == len(plan.levels) - 1
    assert encoder.encode_one(record | {"plan": "Elite"})[position] == plan.levels.index("Elite")
    assert math.isnan(encoder.encode_one(record)[position])


def test_a_real_file_is_encoded_the_same_in_every_way() -> None:
    table = real_table("churn/telco_ibm.csv").slice(0, 800)
    encoder, _ = fitted(table, "Churn")
    assert_all_ways_agree(encoder, table)


def test_a_placeholder_date_is_unknown_and_does_not_move_the_reference() -> None:
    days = [f"2024-01-{1 + k % 28:02d}" for k in range(60)]
    encoder, _ = fitted(pa.table({"end": [*days, "9999-12-31"], "t": ["0", "1"] * 30 + ["0"]}), "t")
    assert encoder.encode_one({"end": "2024-01-27"})[0] == 1.0
    assert math.isnan(encoder.encode_one({"end": "9999-12-31"})[0])
    assert np.isnan(encoder.encode_table(pa.table({"end": ["9999-12-31"]}))[0]).all()
