"""Finding texts and reading labels."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ml_services.base import TrainingOptions
from ml_services.texts.labels import find_text_column, read_polarity, split_labels
from platform_core.errors import TrainingRefused


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "0", ""], [1, 0, None]),
        (["Positive", "NEUTRAL", "negative"], [1, 0.5, 0]),
        (["pos", "neg"], [1, 0]),
        (["-1", "0", "1"], [0, 0.5, 1]),
        (["1", "2", "3", "4", "5"], [0, 0, 0.5, 1, 1]),
        (["5 stars", "1 star"], [1, 0]),
        (["1", "5", "6", "10"], [0, 0.5, 0.5, 1]),
        (["1", "2"], [0, 1]),
        (["2", "4"], [0, 1]),
        (["yes", "no"], [1, 0]),
        (["__label__positive", "__label__negative"], [1, 0]),
    ],
)
def test_usual_labels_are_read(values: list[str], expected: list[float | None]) -> None:
    assert read_polarity(values)[0] == expected


def test_two_unknown_labels_need_the_positive_one() -> None:
    with pytest.raises(TrainingRefused, match="--positive"):
        read_polarity(["ham", "spam"])
    assert read_polarity(["ham", "spam"], "ham")[0] == [1, 0]


@pytest.mark.parametrize(
    "values", [[], ["", ""], ["pos", "pos"], ["pos", "neutral"], ["a", "b", "c"], ["1", "1000", "7"]]
)
def test_labels_without_two_sides_are_refused(values: list[str]) -> None:
    with pytest.raises(TrainingRefused):
        read_polarity(values)


def test_an_unknown_positive_value_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="does not occur"):
        read_polarity(["a", "b"], "c")


def test_the_text_column_is_found_by_name_else_by_length() -> None:
    table = pa.table({"id": ["1", "2"], "Review": ["ok", "no"], "long": ["x" * 50, "y" * 60], "label": ["1", "0"]})
    assert find_text_column(table, TrainingOptions(target="label")) == "Review"
    assert find_text_column(table.drop_columns(["Review"]), TrainingOptions(target="label")) == "long"
    assert find_text_column(table, TrainingOptions(target="label", settings={"text_column": "long"})) == "long"


def test_a_file_of_codes_has_no_text_column() -> None:
    with pytest.raises(TrainingRefused, match="no column of texts"):
        find_text_column(pa.table({"a": ["x", "y"], "label": ["1", "0"]}), TrainingOptions(target="label"))


def test_several_labels_are_separated() -> None:
    assert split_labels(" a; b|c ;a;") == ("a", "b", "c")
