"""The kind of every column, with the reason."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from ml_services.columns import ColumnReport, profile
from ml_services.dates import DateStyle
from ml_services.parsing import NumberStyle
from platform_core.errors import InputInvalid

ROWS = 200
RANDOM = random.Random(7)
AMOUNTS = [round(RANDOM.lognormvariate(3, 1), 2) for _ in range(ROWS)]
LEVELS = [RANDOM.choice(["Basic", "Pro", "Elite"]) for _ in range(ROWS)]
TARGET = [str(k % 2) for k in range(ROWS)]
PHRASES = [
    "the room was clean",
    "the staff was very kind",
    "food was cold and late",
    "we will come again",
    "not at all good",
]


def reported(cells: Any, name: str = "column", **options: Any) -> ColumnReport:
    table = pa.table({name: cells, "target": TARGET[: len(cells)]})
    return profile(table, target="target", **options)[0]


def spelled(numbers: list[float], pattern: str = "{}") -> list[str]:
    return [pattern.format(number) for number in numbers]


@pytest.mark.parametrize(
    ("cells", "kind", "used"),
    [
        (spelled(AMOUNTS), "number", True),
        (spelled(AMOUNTS, "€ {}"), "number", True),
        ([f"{number:,.2f}".replace(",", "'") for number in AMOUNTS], "number", True),
        (spelled(AMOUNTS, "{}%"), "number", True),
        (spelled(AMOUNTS, "{} kg"), "number", True),
        (AMOUNTS, "number", True),
        ([str(k % 5) for k in range(ROWS)], "number", True),
        ([f"{k % 50:05d}" for k in range(ROWS)], "category", True),
        (LEVELS, "category", True),
        (["Yes", "No"] * 100, "yes_no", True),
        (["VRAI", "FAUX"] * 100, "yes_no", True),
        (["ja", "nein", "", "ja"] * 50, "yes_no", True),
        (["0", "1", "1", "0", "1"] * 40, "yes_no", True),
        ([True, False, None, True] * 50, "yes_no", True),
        ([1, 0, 1, 0] * 50, "yes_no", True),
        (["Yes", "No", "No internet service", "Yes"] * 50, "category", True),
        ([f"2024-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(ROWS)], "date", True),
        ([f"2024{1 + k % 12:02d}{1 + k % 28:02d}" for k in range(ROWS)], "date", True),
        ([f"{1 + k % 28:02d}-{1 + k % 12:02d}-10" for k in range(ROWS)], "date", True),
        ([f"{PHRASES[k % 5]} and {PHRASES[k % 3]}, visit {k}" for k in range(ROWS)], "text", True),
        ([f"{PHRASES[k % 5]} {k}" if k < 10 else "" for k in range(ROWS)], "text", False),
        ([f"user{k}@example.com" for k in range(ROWS)], "id", False),
        ([f"{k * 7919:032x}" for k in range(ROWS)], "id", False),
        ([f"Person{k} Smith{k * 3}" for k in range(ROWS)], "id", False),
        (["no"] * ROWS, "constant", False),
        ([3] * ROWS, "constant", False),
        (["", " ", "NA", "null"] * 50, "missing", False),
        ([None] * ROWS, "missing", False),
        ([[1, 2]] * ROWS, "unsupported", False),
    ],
)  # fmt: skip
def test_the_kind_of_a_column(cells: list[Any], kind: str, used: bool) -> None:
    report = reported(cells)
    assert (report.kind, report.used) == (kind, used), report
    assert report.reason
    assert (report.field is not None) == used


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("customerID", [str(k * 37 % 1009) for k in range(ROWS)], "id"),
        ("income", [str(k * 37 % 1009 + 5000) for k in range(ROWS)], "number"),
        ("anything", [str(k + 10_000) for k in range(ROWS)], "id"),
        ("Unnamed: 0", [str(k) for k in range(ROWS)], "id"),
        ("signup_date", [str(43_000 + k * 3) for k in range(ROWS)], "date"),
        ("price", [str(43_000 + k * 37 % 500) for k in range(ROWS)], "number"),
        ("created_at", [str(1_600_000_000 + k * 7_919) for k in range(ROWS)], "date"),
        ("updated", [str(1_600_000_000_000 + k * 7_919_000) for k in range(ROWS)], "date"),
        ("phone", [str(491_700_000 + k * k * 31) for k in range(ROWS)], "id"),
        ("year", [str(1_800 + k) for k in range(ROWS)], "number"),
        ("customer_id", [f"u{k * 3 // 5}x" for k in range(ROWS)], "id"),
        ("session key", [f"u{k * 3 // 4}x" for k in range(ROWS)], "id"),
    ],
)
def test_a_name_helps_where_the_cells_leave_it_open(name: str, cells: list[str], kind: str) -> None:
    assert reported(cells, name).kind == kind


def test_a_few_cells_of_junk_do_not_make_a_number_column_text() -> None:
    report = reported([*spelled(AMOUNTS[:-4]), "Select", "Select", "broken", ""])
    assert report.kind == "number"
    assert report.field is not None
    assert report.field.missing == ("Select", "broken")
    assert "'Select', 'broken' read as unknown" in report.reason


def test_a_placeholder_in_many_cells_is_unknown_among_many_numbers() -> None:
    report = reported([*spelled(AMOUNTS[:120]), *["not asked"] * 80])
    assert report.kind == "number"
    assert report.field is not None
    assert report.field.missing == ("not asked",)
    assert not report.field.required


def test_zero_dates_and_other_placeholders_are_unknown_dates() -> None:
    days = [f"2024-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(100)]
    report = reported([*days, *["0000-00-00"] * 40])
    assert report.kind == "date"
    assert report.field is not None
    assert report.field.missing == ("0000-00-00",)


@pytest.mark.parametrize("role", ["target", "id_column", "time_column", "exclude"])
def test_a_column_that_is_asked_for_and_not_there_is_named(role: str) -> None:
    table = pa.table({"Churn": TARGET, "plan": LEVELS})
    asked: Any = ["plam"] if role == "exclude" else "plam"
    with pytest.raises(InputInvalid, match=r"no column 'plam'\. Did you mean 'plan'\?"):
        profile(table, **{"target": "Churn", role: asked})


def test_decimal_commas_are_found_and_settle_the_other_columns_of_the_file() -> None:
    table = pa.table(
        {
            "price": [f"{number:.2f}".replace(".", ",") for number in AMOUNTS],
            "units": [f"{1 + k % 9}.{k % 10}{k % 7}0" for k in range(ROWS)],
            "target": TARGET,
        }
    )
    price, units, _ = profile(table, target="target")
    assert price.style == NumberStyle(",", "")
    assert units.style == NumberStyle(",", ".")


def test_month_first_dates_are_told_by_the_column() -> None:
    report = reported([f"{1 + k % 12}/{1 + k % 28}/2011" for k in range(ROWS)])
    assert report.style == DateStyle("mdy")
    assert report.reason == "dates from 2011-01-01 to 2011-12-28"


def test_copies_are_ignored_and_near_copies_told() -> None:
    table = pa.table(
        {
            "minutes": spelled(AMOUNTS),
            "again": spelled(AMOUNTS, "{} "),
            "charge": [f"{0.17 * number:.4f}" for number in AMOUNTS],
            "plan": LEVELS,
            "plan code": [level[0] for level in LEVELS],
            "target": TARGET,
        }
    )
    reports = {report.name: report for report in profile(table, target="target")}
    assert (reports["again"].kind, reports["again"].used) == ("duplicate", False)
    assert reports["again"].reason == "the same as minutes"
    assert reports["charge"].used
    assert reports["charge"].reason.endswith("nearly the same as minutes")
    assert (reports["plan code"].kind, reports["plan code"].reason) == ("duplicate", "the same as plan")


def test_every_column_has_one_report_in_order_with_the_roles_given() -> None:
    days = [f"2024-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(ROWS)]
    table = pa.table({"key": LEVELS, "x": LEVELS[::-1], "when": days, "joined": days[::-1], "y": TARGET, "no": TARGET})
    reports = profile(table, target="y", id_column="key", time_column="when", exclude=["x"])
    assert [(report.name, report.kind, report.used) for report in reports] == [
        ("key", "id", False), ("x", "excluded", False), ("when", "date", True), ("joined", "date", True),
        ("y", "target", False), ("no", "yes_no", True),
    ]  # fmt: skip
    alone = profile(table.drop_columns(["joined"]), target="y", time_column="when")
    assert [report.used for report in alone if report.name == "when"] == [False]


def test_a_field_is_required_where_no_cell_was_missing() -> None:
    full, holey = reported(spelled(AMOUNTS)).field, reported([*spelled(AMOUNTS[1:]), " "]).field
    assert full is not None
    assert holey is not None
    assert (full.required, full.nullable) == (True, True)
    assert (holey.required, holey.nullable) == (False, True)


def test_what_says_who_somebody_is_is_personal() -> None:
    field = reported(LEVELS, "Last Name").field
    assert field is not None
    assert field.personal
