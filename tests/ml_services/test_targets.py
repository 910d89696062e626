"""What is read from a target column, and what is refused."""

import numpy as np
import pyarrow as pa
import pytest

from ml_services.targets import read_target
from platform_core.errors import TrainingRefused


def table(*values):
    return pa.table({"t": pa.array(list(values)), "x": pa.array(range(len(values)))})


@pytest.mark.parametrize(
    ("values", "yes"),
    [
        (("No", "Yes"), "Yes"),
        (("0", "1"), "1"),
        (("1", "0"), "1"),
        (("VRAI", "FAUX"), "VRAI"),
        (("Churned", "Stayed"), "Churned"),
        (("Attrited Customer", "Existing Customer"), "Attrited Customer"),
        (("not converted", "converted"), "converted"),
        (("Lost", "Won"), "Won"),
        (("-1", "1"), "1"),
        (("n", "Y"), "Y"),
    ],
)
def test_the_positive_of_two_values_is_seen_where_it_is_obvious(values, yes):
    assert read_target(table(*values * 2), "t", "binary").labels[1] == yes


@pytest.mark.parametrize("values", [("red", "blue"), ("1", "2"), ("active", "inactive-ish"), ("a", "yesterday")])
def test_the_positive_is_asked_for_where_it_is_not_obvious(values):
    with pytest.raises(TrainingRefused) as refused:
        read_target(table(*values * 2), "t", "binary")
    assert "--positive" in refused.value.detail
    assert all(value in refused.value.detail for value in values)


def test_a_given_positive_wins_and_is_matched_as_spelled_or_not():
    target = read_target(table("red", "blue", "red"), "t", "binary", positive="BLUE")
    assert target.labels == ("red", "blue")
    assert target.y.tolist() == [0.0, 1.0, 0.0]
    assert read_target(table("Yes", "No"), "t", "binary", positive="no").labels == ("Yes", "No")


def test_a_given_positive_that_is_not_there_is_refused():
    with pytest.raises(TrainingRefused, match="has no value 'maybe'"):
        read_target(table("Yes", "No"), "t", "binary", positive="maybe")


def test_rows_without_a_target_are_left_out_and_counted():
    target = read_target(table("Yes", "", "No", None, " n/a ", "yes"), "t", "binary")
    assert target.kept.tolist() == [0, 2, 5]
    assert target.left_out == 3
    assert target.counts == {"No": 1, "Yes": 2}


def test_typed_columns_are_read_like_their_texts():
    assert read_target(table(True, False, None), "t", "binary").labels == ("False", "True")
    assert read_target(table(1.0, 0.0, 1.0), "t", "binary").labels == ("0", "1")


def test_spellings_of_one_value_are_one_class_and_told():
    target = read_target(table("1", "1.0", "0", "1"), "t", "binary")
    assert target.labels == ("0", "1")
    assert "'1.0'" in target.notes[0]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("Yes", "Yes"), "always 'Yes'"),
        (("", None), "empty in all 2 rows"),
        (("Yes", "No", "Perhaps"), "must have two values, but has 3"),
    ],
)
def test_a_target_that_tells_nothing_is_refused(values, text):
    with pytest.raises(TrainingRefused, match=text):
        read_target(table(*values), "t", "binary")


def test_a_missing_target_column_is_refused_with_the_near_one_named():
    with pytest.raises(TrainingRefused, match="Did you mean 'Churn'"):
        read_target(pa.table({"Churn": ["a"]}), "churn ", "binary")
    with pytest.raises(TrainingRefused, match="--target"):
        read_target(pa.table({"Churn": ["a"]}), "", "binary")


def test_classes_are_ordered_by_number_where_they_are_numbers():
    assert read_target(table("10", "2", "1"), "t", "classes").labels == ("1", "2", "10")


def test_an_id_is_no_class_target():
    with pytest.raises(TrainingRefused, match="at most 50 classes"):
        read_target(table(*map(str, range(200))), "t", "classes")


def test_amounts_are_read_in_the_files_spelling():
    target = read_target(table("$1,200.50", "0", "", "3,000.00"), "t", "value")
    assert target.y.tolist() == [1200.5, 0.0, 3000.0]
    assert target.left_out == 1
    assert target.rarer == 2


@pytest.mark.parametrize(
    ("values", "text"),
    [(("1", "-2"), "below zero in 1"), (("5", "5"), "always 5"), (("a", "b"), "must be an amount")],
)
def test_amounts_that_cannot_be_are_refused(values, text):
    with pytest.raises(TrainingRefused, match=text):
        read_target(table(*values), "t", "value")


def test_codes_follow_the_kept_rows():
    target = read_target(table("B", "A", "C", "A"), "t", "classes")
    assert np.array_equal(target.y, [1, 0, 2, 0])


def test_a_target_is_read_the_same_from_every_type_that_a_file_may_hold_it_in():
    for column in (
        pa.chunked_array([["no", None], [], ["yes", " YES"]], pa.large_string()),
        pa.array(["no", None, "yes", " YES"]).dictionary_encode(),
        pa.array([False, None, True, True]),
        pa.array([0.0, float("nan"), 1.0, 1.0]),
    ):
        target = read_target(pa.table({"t": column}), "t", "binary")
        assert (target.y.tolist(), target.kept.tolist(), target.left_out) == ([0, 1, 1], [0, 2, 3], 1)


def test_amounts_in_long_strings_are_read_in_the_files_spelling():
    column = pa.array(["1.200,50", "0", "3.000,00"], pa.large_string())
    assert read_target(pa.table({"t": column}), "t", "value").y.tolist() == [1200.5, 0.0, 3000.0]


def test_a_target_of_lists_is_refused_not_a_crash():
    with pytest.raises(TrainingRefused, match="must have two values"):
        read_target(pa.table({"t": pa.array([[1], [2], [3]])}), "t", "binary")
