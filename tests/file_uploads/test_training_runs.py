"""Training by the API: the file is kept, a run is opened, a worker carries it out."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import TestCase

from connectors.models import Delivery
from file_uploads import training_runs
from file_uploads.batch import store
from ml_services import serving
from ml_services.models import RunState
from platform_core.errors import NotFound
from platform_core.management.training import carry_out
from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.file_uploads.trainings import Queue, begun, changed_urls, files, post, trained
from tests.platform_core.test_commands import customers
from tests.stored import found
from users.models import Company

pytestmark = pytest.mark.usefixtures("own_store")


def test_a_run_is_opened_carried_out_and_its_version_serves(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    answer = post(alice_api, tmp_path)
    assert answer.status_code == 202, answer.content
    run = answer.json()
    assert run["status"] == "queued"
    assert [(one["task"], one["queue"], one["lock"]) for one in queue] == [
        ("file_uploads.train", "training", f"training:{alice.pk}")
    ]
    trained(alice, run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert (done["status"], done["progress"]) == ("done", 1.0)
    assert done["candidates"] and done["columns"]
    assert serving.find(alice.pk, "churn").info["version"] == done["version"]
    assert files(alice) == [], "the file was left behind"


def test_a_file_that_teaches_nothing_fails_the_run_with_the_reason(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    rows = [[*row[:4], "no"] for row in customers()]
    run = post(alice_api, tmp_path, rows).json()
    trained(alice, run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert done["status"] == "failed"
    assert "left" in done["error"]


def test_only_what_a_worker_has_begun_is_carried_out(alice_api: ApiClient, queue: Queue, tmp_path: Path) -> None:
    run = post(alice_api, tmp_path).json()
    with pytest.raises(NotFound):
        carry_out(run["id"])


def test_a_training_that_another_has_taken_over_changes_nothing_more(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    late = begun(alice, run["id"])
    begun(alice, run["id"])
    with company_in_force(alice.pk):
        assert not training_runs.note(late, stage="fitting")
        assert not training_runs.end(run_id=late.pk, state=RunState.DONE, attempt=late.attempt)
    assert files(alice)


def test_a_training_whose_worker_is_lost_twice_fails_and_says_so(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    for _ in range(training_runs.MOST_ATTEMPTS):
        begun(alice, run["id"])
    with company_in_force(alice.pk), TestCase.captureOnCommitCallbacks(execute=True):
        assert training_runs.begin(run_id=run["id"]) is None
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert done["status"] == "failed"
    assert "Start it again" in done["error"]
    assert files(alice) == []


def test_a_cancelled_training_does_not_serve_and_leaves_no_file(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    path = f"/api/models/churn/runs/{run['id']}/cancel/"
    begun(alice, run["id"])
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert alice_api.post(path).json()["status"] == "cancelled"
    assert files(alice) == []
    refused(alice_api.post(path), 409)
    with pytest.raises(NotFound):
        carry_out(run["id"])


def test_bob_cannot_cancel_alices_training(
    alice_api: ApiClient, bob_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    refused(bob_api.post(f"/api/models/churn/runs/{run['id']}/cancel/"), 404)


@pytest.mark.parametrize("lesson", [customers(), [[*row[:4], "no"] for row in customers()]], ids=["done", "failed"])
def test_the_end_is_told(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path, lesson: list[list[Any]]
) -> None:
    changed_urls(alice)
    run = post(alice_api, tmp_path, lesson).json()
    trained(alice, run["id"])
    told = json.loads(found(Delivery)[0].body)
    assert told["type"] == f"training.{told['data']['status']}"
    assert told["data"]["id"] == run["id"]
    assert (told["data"]["version"] is None) == (told["data"]["error"] is not None)


def test_runs_that_the_queue_has_lost_are_put_back(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    queue.clear()
    assert training_runs.resume() == 1
    assert [one["run_id"] for one in queue] == [run["id"]]


def test_files_without_an_open_run_are_removed_once_they_are_old(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    post(alice_api, tmp_path)
    open_one = files(alice)
    for age_s, name in ((0, "training-fresh"), (training_runs.LEFT_S + 60, "training-old")):
        with store.writing(store.key(alice.pk, name, "data.csv")) as path:
            path.write_text("a")
        kept = store.local(store.key(alice.pk, name, "data.csv"))
        assert kept is not None
        os.utime(kept, (time.time() - age_s,) * 2)
    assert training_runs.clean() == 1
    assert files(alice) == sorted([*open_one, "training-fresh"])


def test_bob_does_not_see_alices_run(alice_api: ApiClient, bob_api: ApiClient, queue: Queue, tmp_path: Path) -> None:
    run = post(alice_api, tmp_path).json()
    assert bob_api.get(f"/api/models/churn/runs/{run['id']}/").status_code == 404
