"""Reasons in the words of the fields."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.base import Field
from ml_services.reasons import MOST_REASONS, Reasons

MANY = [Field(f"f{j}", "number") for j in range(16)]


def text_of(field: Field, value: object, effect: float = 1.0) -> str:
    found = Reasons([field], [field.name], "the chance")
    text: str = found.one({field.name: value}.get, np.array([effect]))["reasons"][0]["text"]
    return text


def test_effects_of_one_field_are_summed() -> None:
    reasons = Reasons([Field("date", "date"), Field("n", "number")], ["date", "n", "date"], "it")
    found = reasons.one({"date": "2024-01-01", "n": 2}.get, np.array([0.5, -0.2, 0.25]))["reasons"]
    assert [(reason["feature"], reason["effect"], reason["direction"]) for reason in found] == [
        ("date", 0.75, "up"),
        ("n", -0.2, "down"),
    ]


def test_the_strongest_for_and_against_are_listed_and_the_rest_is_summed() -> None:
    effects = np.array([1, 2, 3, 4, 5, 6, 7, -1, -2, -3, -4, -5, -6, -7, 0, 0]) / 10
    found = Reasons(MANY, [field.name for field in MANY], "it").one(lambda name: 1, effects)
    listed = [reason["effect"] for reason in found["reasons"]]
    assert len([effect for effect in listed if effect > 0]) == len([e for e in listed if e < 0]) == MOST_REASONS
    assert [abs(effect) for effect in listed] == sorted((abs(effect) for effect in listed), reverse=True)
    assert min(abs(effect) for effect in listed) == pytest.approx(0.3)
    assert found["other_effects"] + sum(listed) == pytest.approx(effects.sum())


def test_a_field_without_effect_is_no_reason() -> None:
    assert Reasons(MANY, ["f0"], "it").one(lambda name: 1, np.array([0.0]))["reasons"] == []


def test_many_rows_give_the_reasons_of_each() -> None:
    effects = np.random.default_rng(1).normal(size=(20, 16))
    reasons = Reasons(MANY, [field.name for field in MANY], "it")
    together = reasons.many(lambda name: list(range(20)), effects)
    for j, found in enumerate(together):
        alone = reasons.one(lambda name, j=j: j, effects[j])  # type: ignore[misc]
        assert [reason["text"] for reason in found["reasons"]] == [reason["text"] for reason in alone["reasons"]]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (Field("Contract", "category"), "Month-to-month", "Contract is Month-to-month: raises the chance"),
        (Field("tenure", "number", unit="months"), 3, "tenure is 3 months: raises the chance"),
        (Field("spent", "number"), 12.50000001, "spent is 12.5: raises the chance"),
        (Field("nps", "number"), None, "nps is unknown: raises the chance"),
        (Field("nps", "number"), " ", "nps is unknown: raises the chance"),
        (Field("nps", "number"), float("nan"), "nps is unknown: raises the chance"),
        (Field("opt_in", "yes_no"), True, "opt_in is yes: raises the chance"),
        (
            Field("note", "text"),
            "a\nlong " * 20,
            "note is “a long a long a long a long a long a lo…”: raises the chance",
        ),
    ],
)
def test_a_reason_reads_as_a_sentence(field: Field, value: object, said: str) -> None:
    assert text_of(field, value) == said


def test_a_negative_effect_lowers() -> None:
    assert text_of(Field("n", "number"), 1, -0.5) == "n is 1: lowers the chance"
