"""A blend is taken where it earns its place, and only then."""

import numpy as np
import pytest

from ml_services.blending import blend
from ml_services.families import Problem, Trial
from ml_services.judging import judge_trial

RNG = np.random.default_rng(2)
N = 4000
A, B = RNG.normal(size=N), RNG.normal(size=N)
Y = (RNG.random(N) < 1 / (1 + np.exp(-A - B))).astype(float)
PROBLEM = Problem(np.zeros((N, 1)), Y, (), "binary")


def trial(name, raw, problem=PROBLEM):
    made = Trial(name, {}, 0, np.asarray(raw, dtype=float), 0.0)
    judge_trial(problem, made, 1)
    return made


def test_two_that_know_different_things_are_blended():
    found = blend(PROBLEM, [trial("one", A), trial("two", B)], 1)
    assert found is not None
    assert {member.family for member, _ in found.members} == {"one", "two"}
    assert all(weight == pytest.approx(1.0, abs=0.2) for _, weight in found.members)
    assert found.loss < min(member.loss for member, _ in found.members)


def test_a_member_that_knows_nothing_of_its_own_earns_no_blend():
    assert blend(PROBLEM, [trial("one", A), trial("worse", A + RNG.normal(0, 1, N))], 1) is None


def test_one_alone_is_no_blend():
    assert blend(PROBLEM, [trial("one", A)], 1) is None


def test_rows_that_a_member_never_judged_are_left_out():
    partly = B.copy()
    partly[:500] = np.nan
    found = blend(PROBLEM, [trial("one", A), trial("two", partly)], 1)
    assert found is not None
    assert np.isnan(found.raw[:500]).all()
    assert np.isfinite(found.raw[500:]).all()


def test_margins_of_classes_are_blended():
    y = RNG.integers(0, 3, N).astype(float)
    truth = np.eye(3)[y.astype(int)]
    problem = Problem(np.zeros((N, 1)), y, (), "classes", 3)
    one, two = (trial(name, truth + RNG.normal(0, 1, (N, 3)), problem) for name in ("one", "two"))
    found = blend(problem, [one, two], 1)
    assert found is not None
    assert found.loss < min(one.loss, two.loss)


def test_amounts_are_blended_in_log_space():
    y = np.exp(A + B)
    problem = Problem(np.zeros((N, 1)), y, (), "value")
    found = blend(problem, [trial("one", A, problem), trial("two", B, problem)], 1)
    assert found is not None
    assert np.corrcoef(found.raw, A + B)[0, 1] > 0.95
