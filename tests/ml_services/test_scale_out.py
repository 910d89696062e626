"""Training on a real cluster of two worker processes: the same answers as here, or a clear refusal."""

from __future__ import annotations

import socket
import sys
import threading
import time

import numpy as np
import pytest

from ml_services import dask_connection, dask_worker, learning, tuning
from ml_services.base import TrainingOptions
from ml_services.boosting import LightGBM, XGBoost
from ml_services.evaluation import roc_auc
from ml_services.families import cross_validate
from ml_services.forest import Forest
from ml_services.learning import learn_each
from ml_services.linear import Logistic
from ml_services.predictors.churn import Churn
from ml_services.scale_out import opened, session
from ml_services.training import train_tabular
from platform_core import env
from platform_core.errors import SettingInvalid, TrainingRefused
from tests.ml_services.dask_cluster import two_workers
from tests.ml_services.synthetic import customers, data
from tests.ml_services.test_families import BINARY, CLASSES, FOLDS, N, X

pytest.importorskip("distributed")
OPTIONS = TrainingOptions(target="left")
FAMILIES = [LightGBM(), XGBoost(), Forest(), Logistic()]


@pytest.fixture(scope="module")
def cluster():
    with two_workers() as made:
        yield made


@pytest.fixture
def address(cluster, monkeypatch):
    place = cluster.scheduler_address.removeprefix("tcp://")
    monkeypatch.setenv("TRAINING_BACKEND", f"dask://{place}")
    monkeypatch.setattr(tuning, "TUNING_SHARE", 0.03)
    monkeypatch.setattr(tuning, "BAGGED", 1)
    return place


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("problem", [BINARY, CLASSES], ids=["binary", "classes"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_folds_learned_elsewhere_score_bit_for_bit_as_here(address, family, problem):
    params = family.settings(problem)[0]
    here = cross_validate(family, problem, params, FOLDS, 1)
    with opened():
        there = cross_validate(family, problem, params, FOLDS, 1)
    assert there.rounds == here.rounds
    assert np.array_equal(there.raw, here.raw)
    assert there.seconds > 0


def test_a_whole_training_gives_the_same_model_and_says_what_it_cost(address, monkeypatch):
    there = train_tabular(Churn(), data(customers(600)), OPTIONS)
    monkeypatch.delenv("TRAINING_BACKEND")
    here = train_tabular(Churn(), data(customers(600)), OPTIONS)
    table = data(customers(200, seed=5)).table
    said = [one.model.answer_table(table, explain=False).columns["probability"].to_pylist() for one in (here, there)]
    assert said[0] == said[1]
    assert there.card["metrics"] == here.card["metrics"]
    assert there.card["settings_tried"] == here.card["settings_tried"]
    assert here.card["backend"] == {"name": "local", "workers": 1, "transfers": 0, "bytes": 0, "seconds": 0.0}
    cost = there.card["backend"]
    assert (cost["name"], cost["workers"], cost["rows"]) == ("dask", 2, "whole fits")
    assert cost["fits"] > 20
    assert cost["transfers"] > 2 * cost["fits"]
    assert cost["bytes"] > 100_000
    assert cost["seconds"] > 0


def test_the_same_data_is_sent_once(address):
    with opened() as report:
        params = Logistic().settings(BINARY)[0]
        cross_validate(Logistic(), BINARY, params, FOLDS, 1)
        first = report()["bytes"]
        again = BINARY.part(np.arange(N))  # other arrays that hold the same
        cross_validate(Logistic(), again, params, FOLDS, 1)
        second = report()["bytes"] - first
    assert first - second == 2 * (BINARY.X.nbytes + BINARY.y.nbytes)


def test_a_lost_worker_costs_time_and_nothing_else(address, cluster):
    here = cross_validate(XGBoost(), BINARY, XGBoost().settings(BINARY)[0], FOLDS * 4, 1)
    with opened():
        worker = next(iter(cluster.workers.values()))
        killer = threading.Timer(0.05, worker.process.process._process.kill)
        killer.start()
        there = cross_validate(XGBoost(), BINARY, XGBoost().settings(BINARY)[0], FOLDS * 4, 1)
        killer.join()
    assert np.array_equal(there.raw, here.raw)
    deadline = time.monotonic() + 30
    while len(cluster.scheduler_info["workers"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)  # its nanny starts another for the tests that come


def test_rows_spread_over_workers_give_nearly_the_same_model(address, monkeypatch):
    monkeypatch.setenv("TRAINING_BACKEND", f"dask://{address}?rows=partitioned")
    monkeypatch.setattr(learning, "FEWEST_BY_ROWS", N - 1)
    everyone = [np.arange(N)]
    for family in (XGBoost(), LightGBM()):
        trial = cross_validate(family, BINARY, family.settings(BINARY)[0], FOLDS, 1)
        here = learn_each(BINARY, trial, [family], everyone, 1)[0].raw(X)
        with opened() as report:
            there = learn_each(BINARY, trial, [family], everyone, 1)[0].raw(X)
            assert report()["fitted_by_rows"] == [family.name]
        assert abs(roc_auc(BINARY.y, here) - roc_auc(BINARY.y, there)) < 0.02
        assert np.corrcoef(here, there)[0, 1] > 0.98


def test_rows_that_one_worker_learns_soon_enough_are_not_spread(address, monkeypatch):
    monkeypatch.setenv("TRAINING_BACKEND", f"dask://{address}?rows=partitioned")
    trial = cross_validate(XGBoost(), BINARY, XGBoost().settings(BINARY)[0], FOLDS, 1)
    here = learn_each(BINARY, trial, [XGBoost()], [np.arange(N)], 1)[0].raw(X)
    with opened() as report:
        there = learn_each(BINARY, trial, [XGBoost()], [np.arange(N)], 1)[0].raw(X)
        assert report()["fitted_by_rows"] == []
    assert np.array_equal(here, there)


def test_an_unreachable_scheduler_refuses_before_anything_begins(monkeypatch):
    monkeypatch.setenv("TRAINING_BACKEND", f"dask://127.0.0.1:{free_port()}")
    monkeypatch.setattr(dask_connection, "CONNECT_S", 0.5)
    told = []
    with pytest.raises(TrainingRefused, match=r"Nothing answers at TRAINING_BACKEND.*dask scheduler"):
        train_tabular(Churn(), data(customers(100)), OPTIONS, lambda *stage: told.append(stage))
    assert told == []
    assert session() is None


def test_a_worker_with_other_versions_is_named(address, monkeypatch):
    real = dask_worker.what_runs_here()
    monkeypatch.setattr(dask_connection, "what_runs_here", lambda: {**real, "xgboost-cpu": "0.1"})
    with pytest.raises(TrainingRefused, match=r"has xgboost-cpu .*; here it is 0\.1"), opened():
        pass


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setenv("TRAINING_BACKEND", "dask://127.0.0.1:8786")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TrainingRefused, match=r"not installed.*the extra .scale"), opened():
        pass


@pytest.mark.parametrize("wrong", ["tcp://a:1", "dask://", "dask://host", "dask://host:1?rows=all", "ray://h:1"])
def test_a_backend_that_is_none_stops_the_start(monkeypatch, wrong):
    monkeypatch.setenv("TRAINING_BACKEND", wrong)
    with pytest.raises(SettingInvalid, match="TRAINING_BACKEND"):
        env.get("TRAINING_BACKEND")
