"""What the leakage gate excludes, asks about, and lets pass."""

import numpy as np
import pytest

from ml_services.boosting import LightGBM
from ml_services.encoding import Feature
from ml_services.families import Problem
from ml_services.leakage import examine, left_out
from ml_services.splitting import Split, make_split
from ml_services.targets import Target

RNG = np.random.default_rng(0)
N = 3000
X0, X1, X2 = RNG.normal(size=N), RNG.normal(size=N), RNG.integers(0, 4, N).astype(float)
Y = (RNG.random(N) < 1 / (1 + np.exp(1.0 - 0.8 * X0 - 0.6 * X1 - 0.5 * (X2 == 2)))).astype(float)
HONEST = {"x0": X0, "x1": X1, "x2": X2}


def problem(columns, y=Y, task="binary", classes=2, categories=()):
    features = tuple(
        Feature(name, name, "category", tuple(map(str, range(int(v.max()) + 1))))
        if name in categories
        else Feature(name, name, "number")
        for name, v in columns.items()
    )
    return Problem(np.column_stack(list(columns.values())), y, features, task, classes)


def folds(y, task="binary", classes=2) -> Split:
    labels = tuple(map(str, range(classes))) if task != "value" else ()
    return make_split(Target("t", task, y, np.arange(len(y)), labels, 0), "standard", None, seed=1).folds[:5]


def verdict(made):
    parts = folds(made.y, made.task, made.n_classes)
    found = examine(made, LightGBM(), parts, 1)
    leaks = {one.column for one in found if one.leaks}
    rest = made.only([k for k, f in enumerate(made.features) if f.field not in leaks])
    kept = [one for one in found if one.column not in leaks]
    return leaks, {one.column for one in left_out(rest, kept, LightGBM(), parts, 1)}


def flipped(share):
    return np.where(RNG.random(N) < share, 1 - Y, Y)


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("exact", Y),
        ("upside down", 1 - Y),
        ("a hundredth wrong", flipped(0.01)),
        ("a number with noise", Y + RNG.normal(0, 0.2, N)),
        ("missing for one class", np.where(Y == 1, RNG.normal(size=N), np.nan)),
        ("any of many values", Y * 7 + RNG.integers(0, 7, N)),
    ],
)
def test_a_copy_of_the_target_is_excluded(name, copy):
    assert verdict(problem(HONEST | {"copy": copy}))[0] == {"copy"}


def test_a_copy_as_category_codes_is_excluded():
    made = problem(HONEST | {"copy": Y * 3 + RNG.integers(0, 3, N)}, categories={"copy"})
    assert verdict(made)[0] == {"copy"}


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_a_blurred_copy_is_asked_about(share):
    assert verdict(problem(HONEST | {"blurred": flipped(share)})) == (set(), {"blurred"})


def test_honest_columns_pass():
    assert verdict(problem(HONEST)) == (set(), set())


def test_a_column_of_many_rare_levels_only_memorizes_and_passes():
    ids = np.arange(N) // 2 + 0.0
    assert verdict(problem(HONEST | {"id": ids, "code": RNG.permutation(ids)}, categories={"id", "code"})) == (
        set(),
        set(),
    )


def test_with_noise_alone_nothing_is_asked():
    assert verdict(problem({"a": X0, "b": X1}, y=RNG.permutation(Y))) == (set(), set())


def test_a_column_that_names_the_class_is_excluded_with_several_classes():
    y = RNG.integers(0, 3, N).astype(float)
    told = np.where(RNG.random(N) < 0.01, RNG.integers(0, 3, N), y)
    made = problem(HONEST | {"told": told}, y=y, task="classes", classes=3, categories={"told"})
    assert verdict(made) == ({"told"}, set())


def test_an_amount_under_another_name_is_excluded():
    y = np.exp(RNG.normal(3, 1, N))
    made = problem(HONEST | {"in cents": y * 100}, y=y, task="value")
    assert verdict(made) == ({"in cents"}, set())
