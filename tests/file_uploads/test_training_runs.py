"""Training by the API: the file is kept, a run is opened, a process of its own carries it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import TestCase

from file_uploads import training
from ml_services import serving
from ml_services.models import RunState, TrainingRun
from platform_core.errors import NotFound
from platform_core.management.training import carry_out
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.platform_core.test_commands import customers, write
from tests.stored import changed, found
from users.models import ApiKey, AuditEvent, Company

Started = list[list[str]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """The commands that would have been started; each test carries them out itself, on the test's database."""
    commands: Started = []
    monkeypatch.setattr("platform_core.env.home", lambda: tmp_path / "home")
    monkeypatch.setattr("file_uploads.training.subprocess.Popen", lambda command, **_: commands.append(command))
    return commands


def post(api: ApiClient, tmp_path: Path, rows: list[list[Any]] | None = None) -> Any:
    content = write(tmp_path / "sent.csv", customers() if rows is None else rows).read_bytes()
    form = {"file": SimpleUploadedFile("sent.csv", content), "target": "left", "budget_s": "3"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return api.post("/api/models/churn/train/", form)


def test_a_run_is_opened_carried_out_and_its_version_serves(
    alice: Company, alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    answer = post(alice_api, tmp_path)
    assert answer.status_code == 202, answer.content
    run = answer.json()
    assert run["status"] == "queued"
    assert started[0][-2:] == ["--run", str(run["id"])]
    carry_out(run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert (done["status"], done["progress"]) == ("done", 1.0)
    assert done["candidates"] and done["columns"]
    assert serving.find(alice.pk, "churn").info["version"] == done["version"]
    assert not list(training.folder().iterdir()), "the file was left behind"


def test_a_file_that_teaches_nothing_fails_the_run_with_the_reason(
    alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    rows = [[*row[:4], "no"] for row in customers()]
    run = post(alice_api, tmp_path, rows).json()
    carry_out(run["id"])
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert done["status"] == "failed"
    assert "left" in done["error"]


def test_a_run_is_carried_out_once(alice_api: ApiClient, started: Started, tmp_path: Path) -> None:
    run = post(alice_api, tmp_path).json()
    changed(TrainingRun, {"pk": run["id"]}, state=RunState.RUNNING)
    with pytest.raises(NotFound):
        carry_out(run["id"])


def test_bob_does_not_see_alices_run(
    alice_api: ApiClient, bob_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    assert bob_api.get(f"/api/models/churn/runs/{run['id']}/").status_code == 404


def test_runs_whose_process_is_gone_are_closed_at_the_next_start(
    alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    assert training.fail_abandoned() == 1
    done = alice_api.get(f"/api/models/churn/runs/{run['id']}/").json()
    assert done["status"] == "failed"
    assert "Start the training again" in done["error"]


def acts(company: Company) -> list[tuple[str, str, str]]:
    """What the audit says of models and training: act, asker, subject."""
    rows = found(AuditEvent, company_id=company.pk)
    return [(row.act, row.asker, row.subject) for row in rows if row.act.split(".")[0] in {"training", "model"}]


def test_the_audit_says_who_had_it_trained(
    alice: Company, alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path).json()
    key = f"key:{found(ApiKey, company_id=alice.pk)[-1].pk}"
    carry_out(run["id"])
    version = f"model:churn/{serving.find(alice.pk, 'churn').info['version']}"
    assert acts(alice) == [
        ("training.started", key, f"training:{run['id']}"),
        ("model.trained", key, version),
        ("model.promoted", key, version),
    ]


def test_the_audit_says_that_a_training_failed(
    alice: Company, alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path, [[*row[:4], "no"] for row in customers()]).json()
    carry_out(run["id"])
    assert [act for act, *_ in acts(alice)] == ["training.started", "training.failed"]


def test_an_act_that_the_audit_cannot_take_does_not_happen(
    alice: Company, alice_api: ApiClient, started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr("users.audit._append", full)
    refused(post(alice_api, tmp_path), 503)
    assert found(TrainingRun, company_id=alice.pk) == []
    assert started == []


def test_files_of_runs_that_were_left_are_removed_at_the_next_start(
    alice_api: ApiClient, started: Started, tmp_path: Path
) -> None:
    post(alice_api, tmp_path)
    assert list(training.folder().iterdir())
    training.fail_abandoned()
    assert not list(training.folder().iterdir())
