"""The difference of two answers in parts that sum to it, for every family of model."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services.additive import AdditiveScorer, Levels
from ml_services.base import Field, Model
from ml_services.calibration import Sigmoid
from ml_services.encoding import Encoder
from ml_services.lasting.split import BOTH, DATA_FIRST, ONE, VERSION_FIRST, split
from ml_services.level_columns import CategoryColumn
from ml_services.predictors.churn import ChurnAnswer
from ml_services.predictors.plan_tier import PlanAnswer
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import Logistic, PolarityModel
from ml_services.texts.scoring import Term, TextScorer
from platform_core.errors import Conflict
from tests.ml_services.lasting.kinds import APRIL, PLANS, model, records, side
from tests.ml_services.lasting.sums import EXACT, add_up, only_numbers
from tests.ml_services.scorer_kinds import KINDS


def said(one: Model, asked: dict[str, Any], label: str | None) -> float:
    answer = one.answer(asked, explain=False)
    return float(answer["probabilities"][label] if label else answer["probability"])


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_parts_sum_to_the_difference_between_two_versions(kind: str, classes: int) -> None:
    old, new = model(kind, classes, seed=1), model(kind, classes, seed=2)
    first, *others = records(6)
    for asked in others:
        told = split(side(old, first), side(new, asked, "v2", APRIL))
        add_up(told)
        assert told["order"] == BOTH
        assert told["before"] == pytest.approx(said(old, first, told["class"]), abs=EXACT)
        assert told["after"] == pytest.approx(said(new, asked, told["class"]), abs=EXACT)


@pytest.mark.parametrize("kind", KINDS)
def test_within_one_version_the_version_has_no_part(kind: str) -> None:
    one = model(kind)
    first, second = records(2)
    told = split(side(one, first), side(one, second, at=APRIL))
    add_up(told)
    assert (told["order"], told["version"]["effect"], told["version"]["raw_effect"]) == (ONE, 0.0, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_same_data_all_is_the_versions(kind: str) -> None:
    asked = records(1)[0]
    told = split(side(model(kind, seed=1), asked), side(model(kind, seed=2), asked, "v2"))
    add_up(told)
    assert told["data"]["fields"] == told["time"]["fields"] == []
    assert told["version"]["effect"] == told["difference"] != 0


def test_a_change_of_calibration_alone_is_the_versions_and_not_the_raw_scores() -> None:
    one, asked = model("additive"), records(1)[0]
    other = TabularModel(one.encoder, one.scorer, Sigmoid(0.5, 0.5, 0.4), ChurnAnswer((0.1, 0.2)))
    told = split(side(one, asked), side(other, asked, "v2"))
    assert told["version"]["raw_effect"] == 0.0
    assert told["version"]["effect"] == told["difference"] != 0
    assert told["version"]["on_later_data"]["before"]["probability"] == pytest.approx(told["before"])


def test_only_fields_that_changed_have_an_effect_and_an_additive_one_its_own_difference() -> None:
    one, first = model("additive"), records(1)[0]
    second = first | {"spend": 70.0, "plan": "2"}
    told = split(side(one, first), side(one, second))
    lines = {line["field"]: line for line in told["data"]["fields"]}
    assert set(lines) == {"spend", "plan"}
    assert (lines["spend"]["before"], lines["spend"]["after"]) == (first["spend"], 70.0)
    before, after = (one.scorer.effects_one(one.encoder.encode_one(asked))[1] for asked in (first, second))
    assert lines["spend"]["raw_effect"] == pytest.approx(after[3] - before[3], abs=EXACT)


def test_a_field_that_only_one_version_asks_for_is_told_and_held() -> None:
    old, new = only_numbers("calls", "visits"), only_numbers("calls", "spend")
    told = split(side(old, {"calls": 10, "visits": 3}), side(new, {"calls": 20, "spend": 50}, "v2", APRIL))
    add_up(told)
    assert (told["version"]["only_before"], told["version"]["only_after"]) == (["visits"], ["spend"])
    assert [line["field"] for line in told["data"]["fields"]] == ["calls"]
    assert told["order"] == BOTH


@pytest.mark.parametrize(("kind", "order"), [("number", VERSION_FIRST), ("text", DATA_FIRST)])
def test_where_one_order_cannot_be_computed_the_other_is_told(kind: str, order: str) -> None:
    """A version that reads numbers cannot read the other's word; the category reads both."""
    number = only_numbers("size", required=True)
    field = Field("size", "category", choices=("12", "large"))
    words = CategoryColumn(field, ("12", "large"), {"12": 0.0, "large": 1.0})
    scorer = AdditiveScorer([Levels([[0.5, 1.5]], [0.0])], 0.0)  # type: ignore[arg-type]
    category = TabularModel(Encoder([words]), scorer, Sigmoid(), ChurnAnswer((0.3, 0.6)))
    sides = [side(number, {"size": 12}), side(category, {"size": "large"}, "v2")]
    told = split(*(sides if kind == "number" else sides[::-1]))
    add_up(told)
    assert told["order"] == order


def test_an_unknown_class_is_a_conflict() -> None:
    old, new = model("additive", 3), model("additive", 3, seed=2)
    new.presentation = PlanAnswer(("X", "Y", "Z"), (None,) * 3, (None,) * 3, "USD")
    assert set(PLANS).isdisjoint(new.presentation.classes)
    asked = records(1)[0]
    with pytest.raises(Conflict, match="does not know the class"):
        split(side(old, asked), side(new, asked, "v2"))


def test_many_changed_fields_still_sum_exactly_and_say_that_orders_were_drawn() -> None:
    names = [f"n{k}" for k in range(15)]
    old, new = only_numbers(*names), only_numbers(*names[::-1])
    before, after = dict.fromkeys(names, 10), {name: 10 + k for k, name in enumerate(names, 1)}
    told = split(side(old, before), side(new, after, "v2"))
    add_up(told)
    assert told["sampled_orders"] > 0


def polarity(weight: float, shift: float = 0.0) -> PolarityModel:
    terms = {"fast": Term(1.0, weight), "slow": Term(1.5, -weight)}
    return PolarityModel(TextScorer(terms=terms, intercept=0.1), Logistic(1.2, shift))


@pytest.mark.parametrize("later", ["Slow and awful.", "Fast and great, great!", "The box is blue."])
def test_of_texts_the_words_that_came_and_went_sum_to_the_difference(later: str) -> None:
    for one, other in ((polarity(1.0), polarity(1.0)), (polarity(1.0), polarity(2.0, 0.3))):
        first, second = {"text": "Fast and friendly."}, {"text": later}
        told = split(side(one, first), side(other, second, "v2"))
        add_up(told)
        assert told["after"] == pytest.approx(other.answer(second, explain=False)["probability"], abs=EXACT)
        assert "fast" in {line["field"] for line in told["data"]["fields"]} or "Fast" in later
