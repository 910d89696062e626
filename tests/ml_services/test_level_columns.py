"""How levels are learned and looked up."""

from __future__ import annotations

import math

import pyarrow as pa

from ml_services.base import Field
from ml_services.level_columns import MOST_LEVELS, OTHER, YesNoColumn, learn_levels

OPEN = Field("plan", "category", nullable=True)


def learned(cells: list[str | None]) -> tuple[tuple[str, ...], dict[str, float]]:
    column = learn_levels(OPEN, pa.chunked_array([cells]))
    return column.levels, column.codes


def test_levels_are_sorted_numbers_by_size() -> None:
    assert learned(["10", "9", "b", "a", "", None, "NA"] * 5)[0] == ("9", "10", "a", "b")


def test_rare_levels_share_one_code_and_a_column_without_any_has_no_such_code() -> None:
    levels, codes = learned(["Basic", "Pro"] * 50 + ["Gold"])
    assert levels == ("Basic", "Pro", OTHER)
    assert "Gold" not in codes
    assert learned(["Basic", "Pro"] * 50)[0] == ("Basic", "Pro")


def test_of_very_many_levels_the_most_frequent_are_kept() -> None:
    levels, _ = learned([f"L{k % 300}" for k in range(30_000)] + ["L7"])
    assert len(levels) == MOST_LEVELS + 1
    assert "L7" in levels


def test_case_and_surrounding_blanks_do_not_make_a_level() -> None:
    column = learn_levels(OPEN, pa.chunked_array([["Male", "MALE ", "Male", "male", "Female"] * 10]))
    assert column.levels == ("Female", "Male")
    read = column.reader()
    assert read("MALE") == read(" male ") == read("Male") == 1.0
    assert column.many(pa.chunked_array([["MALE", "male ", "female"]]), 0.0)[0].tolist() == [1.0, 1.0, 0.0]


def test_one_letter_codes_keep_their_case() -> None:
    assert learned(["a", "A"] * 20)[0] == ("A", "a")


def test_numbers_and_flags_are_levels_where_levels_are_spelled_so() -> None:
    column = learn_levels(OPEN, pa.chunked_array([["1", "2", "true"] * 10]))
    read = column.reader()
    assert (read(1), read(2.0), read(True), read("2")) == (0.0, 1.0, 2.0, 1.0)
    assert math.isnan(read(7))


def test_yes_and_no_of_another_file_are_understood_in_other_words() -> None:
    column = YesNoColumn(Field("active", "yes_no", choices=("No", "Yes"), truthy="Yes", nullable=True))
    values, bad = column.many(pa.chunked_array([["YES", " no", "1", "true", "faux", "", "perhaps"]]), 0.0)
    assert values[:5].tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    assert bad.tolist() == [False] * 6 + [True]
    assert math.isnan(values[5])
