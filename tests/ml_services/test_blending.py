"""A blend is taken where it earns its place, and only then."""

import numpy as np
import pytest

from ml_services.blending import _earned, _weights, blend
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


def judged(losses):
    made = trial("any", A)
    made.judgement.losses = losses
    return made.judgement


@pytest.mark.parametrize(
    ("gain", "noise", "outputs", "earned"),
    [
        (0.0001, 0.0, 1, False), (0.001, 0.0, 1, True), (0.001, 1.0, 1, False), (0.005, 1.0, 1, True),
        (-0.005, 1.0, 1, False), (0.005, 1.0, 4, False), (0.005, 0.0, 4, True),
    ],
    ids=["too small", "small and sure", "small and unsure", "large though unsure", "a loss", "unsure of classes",
         "sure of classes"],
)  # fmt: skip
def test_a_gain_must_be_sure_or_large(gain, noise, outputs, earned):
    best = np.full(N, 0.5)
    spread = noise * RNG.normal(size=N)
    blended = best * (1 - gain) + spread - spread.mean()
    assert _earned(judged(blended), judged(best), outputs) is earned


def test_few_rows_need_no_more_proof_than_many():
    few = Problem(np.zeros((500, 1)), Y[:500], (), "binary")
    found = blend(few, [trial("one", A[:500], few), trial("two", B[:500], few)], 1)
    assert found is not None


def test_members_that_are_alike_share_their_weight():
    alike = [trial("one", A + B), trial("two", A + B + RNG.normal(0, 0.05, N))]
    weights = _weights(PROBLEM, np.stack([one.raw for one in alike]))
    assert weights == pytest.approx([0.5, 0.5], abs=0.2)


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
