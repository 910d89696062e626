"""Training from a table to a model and its card."""

import json

import numpy as np
import pytest

from ml_services import tuning
from ml_services.base import TrainingOptions
from ml_services.calibration import log_loss
from ml_services.card import render
from ml_services.predictors.churn import Churn
from ml_services.training import train_tabular
from platform_core.errors import TrainingRefused
from tests.ml_services.synthetic import customers, data

OPTIONS = TrainingOptions(target="left")


@pytest.fixture(scope="module", autouse=True)
def few_settings():
    """Little is planned and the clock is far off, so that a busy machine gives the same model too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "TUNING_SHARE", 0.03)
        yield


@pytest.fixture(scope="module")
def trained(few_settings):
    return train_tabular(Churn(), data(customers(900)), OPTIONS)


def test_the_card_has_every_figure_that_is_promised(trained):
    card = json.loads(json.dumps(trained.card))
    assert {"predictor", "version", "evidence", "data", "columns", "champion", "candidates", "holdout", "metrics",
            "seconds", "seed"} <= card.keys()  # fmt: skip
    assert {"roc_auc", "roc_auc_low", "roc_auc_high", "pr_auc", "log_loss", "brier", "ece",
            "lift_top_decile"} <= card["metrics"].keys()  # fmt: skip
    assert {one["name"] for one in card["candidates"]} >= {
        "logistic_regression",
        "random_forest",
        "xgboost",
        "lightgbm",
    }
    assert card["data"]["rows"] == 900
    assert card["holdout"] == {"rows": 180, "split": "stratified"}
    assert trained.evidence == "full"


def test_every_column_is_reported_with_its_use(trained):
    used = {one["name"]: one["used"] for one in trained.card["columns"]}
    assert used == {"customer_id": False, "tenure": True, "plan": True, "calls": True, "left": False}


def test_the_model_beats_guessing_and_the_best_column(trained):
    card = trained.card
    assert card["metrics"]["log_loss"] < card["guessing"]["log_loss"]
    assert card["metrics"]["roc_auc"] > card["single_column_rule"]["roc_auc"]


def test_the_model_answers_rows_it_never_saw(trained):
    fresh = customers(400, seed=9)
    answer = trained.model.answer_table(data(fresh).table.drop_columns(["left"]), explain=False)
    said = np.asarray(answer.columns["probability"])
    truth = np.asarray(fresh["left"]) == "yes"
    assert said[truth].mean() > said[~truth].mean() + 0.15


def test_the_same_seed_gives_the_same_model(trained):
    again = train_tabular(Churn(), data(customers(900)), OPTIONS)
    record = {"tenure": 5, "plan": "pro", "calls": 2}
    assert again.model.answer(record, explain=False) == trained.model.answer(record, explain=False)
    assert again.card["metrics"] == trained.card["metrics"]


def test_the_card_is_readable_in_a_hundred_columns(trained):
    page = render(trained.card)
    assert max(map(len, page.splitlines())) <= 100
    assert "roc_auc" in page
    assert "customer_id" in page
    assert f"scikit-learn {trained.card['libraries']['scikit-learn']}" in page


def test_a_planted_copy_is_excluded_named_and_not_asked_for():
    columns = customers(600)
    columns["outcome"] = ["gone" if v == "yes" else "here" for v in columns["left"]]
    trained = train_tabular(Churn(), data(columns), OPTIONS)
    assert [one["column"] for one in trained.card["excluded"]] == ["outcome"]
    assert "outcome" not in {field.name for field in trained.model.fields}
    assert "--allow-leaky" in next(c["reason"] for c in trained.card["columns"] if c["name"] == "outcome")


def test_an_allowed_leaky_column_is_put_back_and_asked_about():
    columns = customers(600)
    columns["outcome"] = ["gone" if v == "yes" else "here" for v in columns["left"]]
    options = TrainingOptions(target="left", allow_leaky=("outcome",))
    trained = train_tabular(Churn(), data(columns), options)
    assert trained.card["excluded"] == []
    assert [one["column"] for one in trained.card["asked_about"]] == ["outcome"]


@pytest.mark.parametrize(("n", "level"), [(60, "provisional"), (160, "standard")])
def test_little_data_gives_a_lower_level_and_a_wider_interval(n, level):
    trained = train_tabular(Churn(), data(customers(n)), OPTIONS)
    assert trained.evidence == trained.card["evidence"] == level
    assert trained.card["holdout"]["rows"] == 0
    assert trained.card["metrics"]["roc_auc_high"] - trained.card["metrics"]["roc_auc_low"] > 0.05


def test_without_any_signal_it_is_never_much_worse_than_the_class_shares():
    trained = train_tabular(Churn(), data(customers(500, strength=0.0)), OPTIONS)
    fresh = customers(4000, seed=9, strength=0.0)
    said = np.asarray(trained.model.answer_table(data(fresh).table, explain=False).columns["probability"])
    truth = (np.asarray(fresh["left"]) == "yes").astype(float)
    assert log_loss(truth, said) < log_loss(truth, np.full(4000, truth.mean())) + 0.005
    assert any("Weak signal" in note for note in trained.card["notes"])


def test_a_file_without_any_usable_column_is_refused():
    columns = customers(200)
    with pytest.raises(TrainingRefused, match="No column is left"):
        train_tabular(Churn(), data({k: columns[k] for k in ("customer_id", "left")}), OPTIONS)


def test_progress_is_told_from_start_to_end():
    told = []
    train_tabular(
        Churn(), data(customers(200)), OPTIONS, lambda stage, fraction, detail: told.append((stage, fraction))
    )
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
    assert told[0][1] == 0.0
    assert told[-1] == ("done", 1.0)
