"""A training is told to MLflow where one is set, and stands where it cannot be told."""

from __future__ import annotations

import json
import logging
import os
import socket
from pathlib import Path

import pytest

from ml_services import services, tracking, tuning
from ml_services.base import TrainingOptions
from ml_services.models import ModelVersion
from ml_services.predictors.churn import Churn
from tests.ml_services.synthetic import customers, data
from tests.stored import found

mlflow = pytest.importorskip("mlflow")
OPTIONS = TrainingOptions(target="left", budget_s=30.0)


@pytest.fixture(autouse=True)
def few_settings(monkeypatch):
    monkeypatch.setattr(tuning, "TUNING_SHARE", 0.01)
    monkeypatch.setattr(tuning, "BAGGED", 0)


def train(company):
    return services.train_version(
        predictor=Churn(), company_id=company.pk, data=data(customers(200), "ann.smith.csv"), options=OPTIONS
    )[0]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_a_training_is_a_run_with_parameters_metrics_and_artifacts(alice, tmp_path, monkeypatch):
    address = (tmp_path / "mlruns").as_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    row = train(alice)
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    client = mlflow.MlflowClient(tracking_uri=address)
    place = client.get_experiment_by_name(tracking.EXPERIMENT)
    run = client.search_runs([place.experiment_id])[0]
    assert run.info.status == "FINISHED"
    told = run.data.params
    assert (told["predictor"], told["company"], told["version"]) == ("churn", str(alice.pk), row.version)
    assert (told["rows"], told["seed"], told["data_sha256"]) == ("200", "42", "0" * 64)
    assert told["champion"] == row.card["champion"]
    assert run.data.metrics["roc_auc"] == pytest.approx(row.card["metrics"]["roc_auc"])
    assert f"candidate.{row.card['champion']}.log_loss" in run.data.metrics
    folder = tmp_path / "got"
    folder.mkdir()
    texts = {
        name: Path(client.download_artifacts(run.info.run_id, name, str(folder))).read_text(encoding="utf-8")
        for name in ("card.json", "manifest.json")
    }
    assert json.loads(texts["card.json"])["version"] == row.version
    assert {one["name"] for one in json.loads(texts["manifest.json"])["fields"]} == {"tenure", "plan", "calls"}
    assert "ann.smith" not in "".join(texts.values())
    assert not any("MLflow" in note for note in row.card["notes"])


def test_an_unreachable_server_costs_a_warning_and_a_note(alice, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://user:hunter2@127.0.0.1:{free_port()}")
    with caplog.at_level(logging.WARNING, "ml_services.tracking"):
        row = train(alice)
    assert [one.name for one in caplog.records if one.name == "ml_services.tracking"] == ["ml_services.tracking"]
    kept = found(ModelVersion)[0]
    assert kept.serving and kept.version == row.version
    assert "MLflow was not told" in kept.card["notes"][-1]
    assert "hunter2" not in caplog.text + str(kept.card)


def test_a_server_that_never_answers_is_not_waited_for(alice, monkeypatch):
    monkeypatch.setattr(tracking, "MOST_WAIT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "no answer" in train(alice).card["notes"][-1]


def test_without_a_setting_nobody_is_told(alice, monkeypatch):
    monkeypatch.setattr(tracking, "_log", lambda *given: pytest.fail("told"))
    assert not any("MLflow" in note for note in train(alice).card["notes"])
