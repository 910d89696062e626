"""Where records lie in a model's own eyes, and what near means there."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.lasting.cases import _distances
from ml_services.lasting.places import MOST_CASES, Places, located, most_cases
from ml_services.texts.polarity import PolarityModel
from tests.ml_services.lasting.kinds import model, record
from tests.ml_services.scorer_kinds import KINDS, rows, target

CASES = 600
NEAREST = 15


def agreement(places: Places, came: np.ndarray) -> float:
    """The share of cases whose outcome most of their nearest other cases have."""
    right = []
    for place in range(0, CASES, 4):
        others = np.delete(np.arange(CASES), place)
        order = np.argsort(_distances([Places(places.effects[[place, *others]], places.owners)]))[:NEAREST]
        right.append((came[others[order]].mean() > 0.5) == came[place])
    return float(np.mean(right))


def test_near_in_its_eyes_is_near_in_what_happens_more_than_near_in_the_fields() -> None:
    """On cases that the model did not learn from: of six fields two tell anything."""
    X, one = rows(11, CASES), model("lightgbm")
    came = target(X, 2, 12).astype(bool)
    by_effects = agreement(located(one, [record(row) for row in X]), came)
    scaled = np.nan_to_num((X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0))
    by_fields = agreement(Places(scaled, ("",) * 6), came)
    assert by_effects > 0.65
    assert by_effects > by_fields


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_the_effects_of_fields_are_those_of_the_scorer(kind: str, classes: int) -> None:
    one, X = model(kind, classes), rows(2, 8)
    places = located(one, [record(row) for row in X])
    _, effects = one.scorer.effects(X)
    np.testing.assert_allclose(places.effects, effects.reshape(8, -1), atol=1e-12)
    assert len(places.owners) == places.effects.shape[1]


def test_a_record_that_cannot_be_read_has_no_place() -> None:
    found = located(model("additive"), [{"spend": "much"}, {"spend": 1.0}])
    assert np.isnan(found.effects[0]).all()
    assert not np.isnan(found.effects[1]).any()


def test_parts_of_a_composite_count_by_their_own_spread() -> None:
    small, large = np.array([[0.0], [1.0], [3.0]]), np.array([[0.0], [3000.0], [1000.0]])
    found = _distances([Places(small, ("a",)), Places(large, ("b",))])
    assert found[0] == pytest.approx(found[1])


def test_the_work_is_bounded_by_fields_and_classes() -> None:
    assert most_cases(model("additive")) == MOST_CASES
    assert most_cases(model("lightgbm", 3)) <= MOST_CASES
    assert most_cases(PolarityModel()) == 1000
