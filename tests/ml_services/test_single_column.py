"""The rule of one column is judged as the model is, with the same figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ml_services.encoding import Feature
from ml_services.families import Problem
from ml_services.single_column import single_column_rule
from ml_services.splitting import Split

N = 4000
RNG = np.random.default_rng(0)
LEVEL, NOISE = RNG.integers(0, 3, N).astype(float), RNG.normal(size=N)
FEATURES = (
    Feature("level", "level", "category", ("a", "b", "c")),
    Feature("when_age", "when", "number"),
    Feature("when_month", "when", "number"),
)
X = np.column_stack([LEVEL, NOISE, LEVEL])
ROWS = np.arange(N)
LEARNED, HELD = ROWS[: N // 2], ROWS[N // 2 :]
FOLDS = ((LEARNED[::2], LEARNED[1::2]), (LEARNED[1::2], LEARNED[::2]))
HELD_OUT, CROSSED = Split("stratified", LEARNED, HELD, FOLDS), Split("repeated", LEARNED, HELD[:0], FOLDS)
SHARES = np.array([0.1, 0.3, 0.8])
LEFT = (RNG.random(N) < SHARES[LEVEL.astype(int)]).astype(float)


def rule(y: Any, task: Any = "binary", column: str = "level", split: Split = HELD_OUT) -> Any:
    return single_column_rule(Problem(X, np.asarray(y), FEATURES, task, 3 if task == "classes" else 2), split, column)


@pytest.mark.parametrize("split", [HELD_OUT, CROSSED], ids=["held out", "out of fold"])
def test_a_level_answers_with_its_share(split: Split) -> None:
    found = rule(LEFT, split=split)
    entropy = -np.mean([p * np.log(p) + (1 - p) * np.log(1 - p) for p in SHARES])
    assert found["column"] == "level"
    assert found["log_loss"] == pytest.approx(entropy, abs=0.02)
    assert found["ece"] < 0.03
    assert {"roc_auc", "pr_auc", "brier", "lift_top_decile"} <= set(found)
    assert "roc_auc_low" not in found


def test_of_a_column_of_several_parts_the_telling_one_speaks() -> None:
    assert rule(LEFT, column="when")["log_loss"] == pytest.approx(rule(LEFT)["log_loss"], abs=1e-3)


def test_classes_and_amounts_have_their_own_figures() -> None:
    assert rule(LEVEL, "classes")["accuracy"] == 1.0
    amounts = rule(10.0 * LEVEL + 1.0 + RNG.random(N), "value")
    assert amounts["spearman"] > 0.9
    assert amounts["mae"] < 0.5
    assert "interval_coverage" not in amounts
