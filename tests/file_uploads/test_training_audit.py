"""What the audit says of trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from ml_services import serving
from ml_services.models import TrainingRun
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.file_uploads.trainings import Queue, files, post, trained
from tests.platform_core.test_commands import customers
from tests.stored import found
from users.models import ApiKey, AuditEvent, Company

pytestmark = pytest.mark.usefixtures("own_store")


def acts(company: Company) -> list[tuple[str, str, str]]:
    """What the audit says of models and training: act, asker, subject."""
    rows = found(AuditEvent, company_id=company.pk)
    return [(row.act, row.asker, row.subject) for row in rows if row.act.split(".")[0] in {"training", "model"}]


def test_the_audit_says_who_had_it_trained(alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path) -> None:
    run = post(alice_api, tmp_path).json()
    key = f"key:{found(ApiKey, company_id=alice.pk)[-1].pk}"
    trained(alice, run["id"])
    version = f"model:churn/{serving.find(alice.pk, 'churn').info['version']}"
    assert acts(alice) == [
        ("training.started", key, f"training:{run['id']}"),
        ("model.trained", key, version),
        ("model.promoted", key, version),
    ]


def test_the_audit_says_that_a_training_failed(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path
) -> None:
    run = post(alice_api, tmp_path, [[*row[:4], "no"] for row in customers()]).json()
    trained(alice, run["id"])
    assert [act for act, *_ in acts(alice)] == ["training.started", "training.failed"]


def test_an_act_that_the_audit_cannot_take_does_not_happen(
    alice: Company, alice_api: ApiClient, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr("users.audit._append", full)
    refused(post(alice_api, tmp_path), 503)
    assert found(TrainingRun, company_id=alice.pk) == []
    assert queue == []
    assert files(alice) == []
