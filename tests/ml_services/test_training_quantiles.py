"""The manifest holds what the training rows looked like."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ml_services import artifacts, registry, training_quantiles
from ml_services.base import TrainingOptions
from ml_services.encoding import Feature
from ml_services.predictors.churn import Churn
from ml_services.training_quantiles import SHARES
from platform_core.samples.tables import sample_data
from tests.ml_services.synthetic import customers, data

FEATURES = (Feature("age", "age", "number"), Feature("plan", "plan", "category", ("basic", "pro")))
X = np.column_stack([np.arange(1001.0), np.repeat([0.0, 1.0, np.nan], [600, 200, 201])])


def test_numbers_have_quantiles_and_categories_shares_and_both_what_is_missing() -> None:
    found = training_quantiles.training_quantiles(X, FEATURES, 1, np.linspace(0, 1, 101))
    assert found["features"]["age"]["quantiles"] == [round(1000 * share, 3) for share in SHARES]
    assert found["features"]["plan"] == {
        "field": "plan", "missing": pytest.approx(0.2, abs=0.001), "levels": {"basic": 0.75, "pro": 0.25},
    }  # fmt: skip
    assert found["answers"] == [pytest.approx(list(SHARES))]


def test_a_number_that_nobody_has_says_so() -> None:
    found = training_quantiles.training_quantiles(np.full((5, 1), np.nan), FEATURES[:1], 1)
    bins = {"edges": [], "counts": [0], "mean": None, "deviation": None}
    assert found["features"]["age"] == {"field": "age", "missing": 1.0, "quantiles": [], "bins": bins}


def test_bins_count_every_value_and_lie_between_values() -> None:
    bins = training_quantiles.binned(np.array([0.0] * 60 + [1.0] * 30 + [7.0] * 10 + [np.nan]))
    assert (bins["edges"], bins["counts"]) == ([0.5, 4.0], [60, 30, 10])
    assert sum(training_quantiles.binned(np.arange(1000.0))["counts"]) == 1000
    assert training_quantiles.binned(np.full(9, 3.0))["counts"] == [9]


def test_what_is_said_and_learned_is_counted_by_name() -> None:
    said = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    found = training_quantiles.training_quantiles(
        X[:3], FEATURES, 1, said, target=np.array([0.0, 1.0, 1.0]), labels=("basic", "pro")
    )
    assert found["named"] == {"basic": 2, "pro": 1}
    assert found["target"] == {"labels": [("basic", 1), ("pro", 2)]}
    assert sum(found["said"]["counts"]) == 3


def test_many_rows_are_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_quantiles, "MOST_ROWS", 200)
    found = training_quantiles.training_quantiles(X, FEATURES, 1)
    assert found["rows"] == 200
    assert found["features"]["age"]["quantiles"][7] == pytest.approx(500, abs=120)


def test_a_training_leaves_them_in_the_manifest_and_not_on_the_card() -> None:
    trained = Churn().train(data(customers(400)), TrainingOptions(target="left", budget_s=1.0))
    assert {"tenure", "plan", "calls"} <= set(json.loads(json.dumps(trained.card["quantiles"]))["features"])
    artifacts.save(company_id=1, predictor="churn", version="v1", trained=trained)
    kept = artifacts.quantiles(company_id=1, predictor="churn", version="v1")
    assert len(kept["features"]["tenure"]["quantiles"]) == len(SHARES)
    assert sum(kept["features"]["plan"]["levels"].values()) == pytest.approx(1.0, abs=1e-5)
    assert 0 <= kept["answers"][0][0] <= kept["answers"][0][-1] <= 1
    assert "quantiles" not in trained.card


def test_segments_have_them_too() -> None:
    predictor = registry.predictor("segment")
    trained = predictor.train(sample_data(predictor), predictor.sample_options())
    assert trained.card["quantiles"]["features"]
