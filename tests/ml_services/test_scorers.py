"""Raw scores and effects of every scorer: exact, the same for one row and many, in every thread, after pickling."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ml_services.scorer_kinds import KINDS, WIDTH, rows


@pytest.fixture(params=[(kind, classes) for kind in KINDS for classes in (2, 4)], ids=str, scope="module")
def scorer(request: pytest.FixtureRequest) -> Any:
    kind, classes = request.param
    return KINDS[kind](classes, 7)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.sampled_from([2, 3, 5]))
def test_base_plus_effects_is_raw_on_random_models(kind: str, seed: int, classes: int) -> None:
    scorer, X = KINDS[kind](classes, seed), rows(seed + 1, 40)
    base, effects = scorer.effects(X)
    np.testing.assert_allclose(base + effects.sum(axis=1), scorer.raw(X), atol=1e-6, rtol=0)
    base, effects = scorer.effects_one(X[3].tolist())
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(X[3].tolist()), atol=1e-6, rtol=0)


def test_shapes_follow_the_number_of_outputs(scorer: Any) -> None:
    X, k = rows(1, 5), scorer.n_outputs
    base, effects = scorer.effects(X)
    one_base, one_effects = scorer.effects_one(X[0].tolist())
    assert scorer.n_features == WIDTH
    assert scorer.raw(X).shape == ((5,) if k == 1 else (5, k))
    assert effects.shape == ((5, WIDTH) if k == 1 else (5, WIDTH, k))
    assert one_effects.shape == effects.shape[1:]
    assert np.shape(base) == np.shape(one_base) == np.shape(scorer.raw_one(X[0].tolist())) == (() if k == 1 else (k,))


def test_one_row_equals_its_place_in_a_batch(scorer: Any) -> None:
    X = rows(2, 60)
    together = scorer.raw(X)
    _, effects = scorer.effects(X)
    for j in range(len(X)):
        np.testing.assert_allclose(scorer.raw_one(X[j].tolist()), together[j], atol=1e-9, rtol=0)
        np.testing.assert_allclose(scorer.effects_one(X[j].tolist())[1], effects[j], atol=1e-6, rtol=0)


def test_eight_threads_get_the_same_answers(scorer: Any) -> None:
    X = rows(3, 80).tolist()
    expected = [np.array(scorer.raw_one(row)) for row in X]
    effects = [scorer.effects_one(row)[1] for row in X]

    def work(_: int) -> bool:
        same = [np.array_equal(scorer.raw_one(row), value) for row, value in zip(X, expected, strict=True)]
        return all(same) and all(
            np.array_equal(scorer.effects_one(row)[1], value) for row, value in zip(X, effects, strict=True)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


def test_a_pickled_scorer_answers_the_same(scorer: Any) -> None:
    again, X = pickle.loads(pickle.dumps(scorer)), rows(4, 20)  # noqa: S301
    assert np.array_equal(again.raw(X), scorer.raw(X))
    assert np.array_equal(again.raw_one(X[0].tolist()), scorer.raw_one(X[0].tolist()))
    assert np.array_equal(again.effects(X)[1], scorer.effects(X)[1])


def test_unpickling_builds_no_booster(scorer: Any) -> None:
    again = pickle.loads(pickle.dumps(scorer))  # noqa: S301
    for member in getattr(again, "members", [again]):
        assert not getattr(member, "_boosters", {})


@pytest.mark.parametrize("code", [np.nan, -1.0, 8.0, 99.0, 1e6])
def test_a_code_never_seen_is_answered(scorer: Any, code: float) -> None:
    X = rows(5, 3)
    X[:, 0] = code
    assert np.isfinite(scorer.raw(X)).all()
    np.testing.assert_allclose(scorer.raw_one(X[1].tolist()), scorer.raw(X)[1], atol=1e-9, rtol=0)
    base, effects = scorer.effects_one(X[1].tolist())
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(X[1].tolist()), atol=1e-6, rtol=0)


def test_an_all_missing_row_is_answered(scorer: Any) -> None:
    row = [float("nan")] * WIDTH
    base, effects = scorer.effects_one(row)
    np.testing.assert_allclose(base + effects.sum(axis=0), scorer.raw_one(row), atol=1e-6, rtol=0)
