"""joblib's Dask backend in a training: what is done through joblib is done by the workers, counted, and never here."""

from __future__ import annotations

import os

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from ml_services import dask_session
from ml_services.scale_out import opened, session, spread
from platform_core.errors import TrainingRefused
from tests.ml_services.dask_cluster import two_workers
from tests.ml_services.test_families import BINARY, N

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with two_workers() as made:
        yield made


@pytest.fixture(autouse=True)
def backend(cluster, monkeypatch):
    place = cluster.scheduler_address.removeprefix("tcp://")
    monkeypatch.setenv("TRAINING_BACKEND", f"dask://{place}")


def process_of(model, X, y):
    return os.getpid()


def process_of_fit(problem, item):
    return os.getpid(), item


def end(problem, item):
    """Brings its worker down."""
    os._exit(1)


def wrong(problem, item):
    raise ValueError(f"{item} is wrong")


@pytest.fixture
def workers(cluster):
    return {worker.process.pid for worker in cluster.workers.values()}


def test_a_forest_of_scikit_learn_grows_its_trees_on_the_workers(workers):
    X, y = np.nan_to_num(BINARY.X), BINARY.y
    here = RandomForestClassifier(12, n_jobs=2, random_state=3).fit(X, y).predict_proba(X)
    with opened() as report:
        there = RandomForestClassifier(12, n_jobs=-1, random_state=3).fit(X, y)
        cost = report()
    assert np.array_equal(there.predict_proba(X), here)
    assert cost["transfers"] >= 4  # two batches of trees at least, there and back
    assert X.nbytes < cost["bytes"] < 6 * X.nbytes + 500_000  # not with each tree again
    assert cost["seconds"] > 0


def test_cross_validation_of_scikit_learn_runs_on_the_workers(workers):
    X, y = np.nan_to_num(BINARY.X), BINARY.y
    with opened():
        found = cross_val_score(RandomForestClassifier(3), X, y, cv=4, scoring=process_of)
    assert set(found) <= workers
    after = cross_val_score(RandomForestClassifier(3), X, y, cv=2, scoring=process_of)
    assert set(after) == {os.getpid()}


def test_with_one_thread_left_nothing_is_fitted_here(monkeypatch, workers):
    from joblib._dask import DaskDistributedBackend

    monkeypatch.setattr(DaskDistributedBackend, "effective_n_jobs", lambda *_: 1)
    with opened():
        found = spread(process_of_fit, BINARY, [1, 2, 3])
    assert [item for _, item in found] == [1, 2, 3]
    assert {process for process, _ in found} <= workers


def test_a_fit_that_fails_says_why(workers):
    with opened() as report:
        with pytest.raises(ValueError, match="2 is wrong"):
            spread(wrong, BINARY, [2])
        assert [item for _, item in spread(process_of_fit, BINARY, [5])] == [5]
        assert report()["begun_again"] == 0


def test_items_too_large_for_the_scheduler_are_sent_to_a_worker(workers):
    large = np.zeros(dask_session.LARGE_ITEM // 4)
    with opened() as report:
        found = spread(process_of_fit, BINARY, [large])[0][1]
        assert report()["bytes"] > 2 * large.nbytes  # there and back
    assert np.array_equal(found, large)


def test_a_call_for_which_nobody_is_left_ends(monkeypatch):
    monkeypatch.setattr(dask_session, "NOBODY_S", 0.2)
    with opened():
        monkeypatch.setattr(session().client, "nthreads", dict)
        monkeypatch.setattr(session().client, "wait_for_workers", _nobody)
        with pytest.raises(TrainingRefused, match=r"No worker of TRAINING_BACKEND is left.*dask worker"):
            spread(process_of_fit, BINARY, [np.arange(N)])


def _nobody(count, timeout):
    raise TimeoutError(f"{count} workers after {timeout}")


def test_a_fit_that_brings_its_workers_down_ends_the_training(cluster, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    monkeypatch.setattr(dask_session, "TRIES", 2)
    with opened() as report, pytest.raises(TrainingRefused, match="lost 2 times"):
        spread(end, BINARY, [1])
    assert report()["begun_again"] == 2
