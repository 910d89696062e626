"""Finding and reading a table of purchases."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ml_services.base import TrainingOptions
from ml_services.lifetime.transactions import Roles, find_reader
from platform_core.errors import TrainingRefused

CLEAN = 60
TABLE = pa.table({
    "Client ID": ["7", " 7", "8", "", "9", "9", "9", "10", *["11"] * CLEAN],
    "When": [
        "20240105", "20240105", "20240107", "20240107", "soon", "20240108", "20240109", "20240110",
        *[f"2024{2 + k // 28:02d}{1 + k % 28:02d}" for k in range(CLEAN)],
    ],
    "Qty": ["1", "2", "1", "1", "1", "1", "1", "1", *["3"] * CLEAN],
    "Paid": [
        "1.234,50 €", "10,00 €", "5,00 €", "1,00 €", "3,00 €", "x", "-4,00 €", "2,00 €",
        *[f"{k},99 €" for k in range(CLEAN)],
    ],
})  # fmt: skip
OPTIONS = TrainingOptions(target="Paid")


def test_the_columns_of_purchases_are_found_by_name_and_kind() -> None:
    reader = find_reader(TABLE, OPTIONS)
    assert reader is not None
    assert reader.roles == Roles("Client ID", "When", "Paid", "Qty")


def test_purchases_of_one_day_are_one_and_bad_rows_are_told() -> None:
    reader = find_reader(TABLE, OPTIONS)
    assert reader is not None
    reading = reader.read(TABLE)
    bought = reading.purchases
    rows = list(zip([bought.names[c] for c in bought.customer], bought.amount.tolist(), strict=True))
    assert rows[:3] == [("7", 1244.5), ("8", 5.0), ("10", 2.0)]
    assert len(rows) == 3 + CLEAN
    assert bought.units is not None
    assert bought.units.tolist()[:4] == [3, 1, 1, 3]
    told = [(reject.position, reject.column, reject.value) for reject in reading.rejects]
    assert told == [(3, "Client ID", ""), (4, "When", "soon"), (5, "Paid", "x")]
    assert (reading.customer >= 0).tolist()[:8] == [True, True, True, False, False, False, True, True]
    assert bought.day.max() == reading.newest_day


def test_a_file_with_a_row_a_customer_is_none_of_purchases() -> None:
    single = TABLE.take(pa.array([0, 2, 5, 7]))
    assert find_reader(single, OPTIONS) is None
    assert find_reader(TABLE, TrainingOptions(target="Paid", settings={"route": "fields"})) is None


def test_names_given_win_over_names_found() -> None:
    table = TABLE.append_column("Shop", pa.array(list("aabb") * (TABLE.num_rows // 4))).append_column(
        "Booked", TABLE.column("When")
    )
    options = TrainingOptions(target="Paid", id_column="Shop", time_column="Booked")
    reader = find_reader(table, options)
    assert reader is not None
    assert (reader.roles.customer, reader.roles.time) == ("Shop", "Booked")


def test_asked_for_purchases_without_a_customer_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="--id-column"):
        find_reader(
            TABLE.drop_columns(["Client ID"]), TrainingOptions(target="Paid", settings={"route": "transactions"})
        )
