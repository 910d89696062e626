"""Numbers as files spell them."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_services.parsing import (
    MISSING,
    PLAIN,
    NumberStyle,
    flat,
    guess_number_style,
    parse_number,
    parse_numbers,
)

COMMA = NumberStyle(",", ".")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0), (" 12.5 ", 12.5), ("+3", 3.0), ("-4", -4.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0),
        ("$5", 5.0), ("-$5.20", -5.2), ("$-5", -5.0), ("5 EUR", 5.0), ("USD 5", 5.0), ("R$ 7", 7.0), ("12kr", 12.0),
        ("12%", 12.0), ("(5.2)", -5.2), ("($5)", -5.0), ("5-", -5.0), ("−5", -5.0), ("１２", 12.0),
        ("1 234", 1234.0), ("1\u00a0234.5", 1234.5), ("1\u202f234", 1234.0), ("1'234.5", 1234.5), ("1’234", 1234.0),
    ],
)  # fmt: skip
def test_a_plainly_spelled_number_is_read(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("1.234,50 €", 1234.5), ("€ 0,5", 0.5), ("1234", 1234.0), ("-1.234.567", -1234567.0)]
)
def test_a_number_with_decimal_comma_is_read(text: str, number: float) -> None:
    assert parse_number(text, COMMA) == number


@pytest.mark.parametrize(
    "text",
    [
        "4e746882294308d42eeed71ba0aacbf8", "inf", "-Infinity", "1e999", "4e746882", "abc", "1_000", "0x1F", "--5",
        "+-5", "1,2,3", "12-34", "1.2.3", "٣", "12,34", "5e", "$", "e5", "nan(12)",
    ],
)  # fmt: skip
def test_what_is_no_number_is_bad_and_never_infinity(text: str) -> None:
    assert parse_number(text) is None
    values, bad = parse_numbers(pa.array([text, "1"]))
    assert math.isnan(values[0])
    assert values[1] == 1.0
    assert bad.tolist() == [True, False]


@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", "NaN", "null", "None", "-", "?", "#N/A", " unknown "])
def test_spellings_of_missing_are_unknown_and_not_bad(text: str) -> None:
    values, bad = parse_numbers(pa.array([text, None, "3"]))
    assert np.isnan(values).tolist() == [True, True, False]
    assert not bad.any()


def test_a_company_may_have_its_own_spelling_of_missing() -> None:
    values, bad = parse_numbers(pa.array(["Select", "3"]), PLAIN, MISSING | {"select"})
    assert math.isnan(values[0])
    assert not bad.any()


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["1.5", "2"], PLAIN),
        (["1,5", "2"], NumberStyle(",", "")),
        (["1.234,5"], COMMA),
        (["1,234.5", "7"], NumberStyle(".", ",")),
        (["1,234", "12"], NumberStyle(".", ",")),
        (["1,234", "12.5"], NumberStyle(".", ",")),
        (["1.234", "12,5"], COMMA),
        (["1.234", "0.5"], PLAIN),
        (["1.234.567"], COMMA),
        (["abc", "1,2,3,4x"], PLAIN),
    ],
)
def test_the_style_is_that_of_the_whole_column(texts: list[str], style: NumberStyle) -> None:
    assert guess_number_style(texts) == style


def test_the_rest_of_the_file_decides_what_could_be_either() -> None:
    assert guess_number_style(["1.234", "5.678"]) == PLAIN
    assert guess_number_style(["1.234", "5.678"], fallback=COMMA) == COMMA


def test_a_unit_behind_all_numbers_belongs_to_the_style() -> None:
    style = guess_number_style(["12 months", "36 months", "1,5 months"])
    assert style == NumberStyle(",", "", "months")
    assert parse_number("2,5 months", style) == 2.5
    assert parse_number("24", style) == 24.0
    assert parse_number("3 years", style) is None
    assert guess_number_style(["12 kg", "3 lb", "5"]).suffix == ""
    assert guess_number_style(["10k", "20k"]).suffix == ""


def test_a_very_long_cell_is_bad_without_being_searched() -> None:
    values, bad = parse_numbers(pa.array([" " * 10_000_000 + "x", "1"]))
    assert bad.tolist() == [True, False]
    assert values[1] == 1.0


def test_typed_columns_pass_through_and_infinity_is_bad() -> None:
    values, bad = parse_numbers(pa.array([1.5, None, math.inf, 2.0]))
    assert values.tolist()[0] == 1.5
    assert np.isnan(values).tolist() == [False, True, True, False]
    assert bad.tolist() == [False, False, True, False]
    assert parse_numbers(pa.array([2**63], pa.uint64()))[0].tolist() == [2.0**63]
    assert parse_numbers(pa.array([True, False]))[0].tolist() == [1.0, 0.0]
    assert parse_numbers(pa.array(["1", "2"]).dictionary_encode())[0].tolist() == [1.0, 2.0]


def test_pieces_of_a_column_are_joined() -> None:
    column = pa.chunked_array([["1"], ["2", ""]])
    assert flat(column).to_pylist() == ["1", "2", ""]
    assert flat(pa.chunked_array([], type=pa.string())).to_pylist() == []


STYLES = [PLAIN, COMMA, NumberStyle(".", ","), NumberStyle(",", ""), NumberStyle(".", "", "ai")]
TEXTS = st.text(alphabet="0123456789.,-+eE$€% ()'naifx", max_size=12)


@given(st.lists(TEXTS, max_size=8), st.sampled_from(STYLES))
def test_a_column_is_read_as_its_cells_are(texts: list[str], style: NumberStyle) -> None:
    values, bad = parse_numbers(pa.array(texts, type=pa.string()), style)
    for text, value, refused in zip(texts, values, bad, strict=True):
        alone = parse_number(text, style)
        assert refused == (alone is None)
        assert alone is None or value == alone or (math.isnan(value) and math.isnan(alone))
