"""Is it alive, is it ready: what a balancer is told when a part is away, and what the operator's numbers say."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client

from api_gateway import measures, readiness
from api_gateway.limits import gate
from ml_services import census, serving
from ml_services.models import ModelVersion, TrainingRun
from platform_core.tenancy import installation_wide
from tests.api_gateway.asking import refused
from users.models import Company


class Away:
    """A database that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        raise OperationalError(f"cannot {name} host db.internal.example as app")


def parts_refused() -> list[str | None]:
    answer = Client().get("/readyz/")
    errors = refused(answer, 503)
    assert int(answer["Retry-After"]) > 0
    assert "internal" not in answer.content.decode()
    return [error["attr"] for error in errors]


def test_alive_asks_no_database(settings: Any) -> None:
    # Without the `db` fixture any query fails the test; a limit of addresses would ask for its counter.
    settings.LIMITS = {"LIMIT_ADDRESS_MINUTE": 1}
    for _ in range(3):
        assert Client().get("/healthz/").json() == {"status": "ok"}


def test_ready_names_each_part(db: None, settings: Any) -> None:
    cache = "ok" if settings.CACHE_URL else "not used"  # CI runs this with a Redis too
    parts = {"database": "ok", "migrations": "ok", "cache": cache, "artifacts": "ok"}
    assert Client().get("/readyz/").json() == {"status": "ready", "parts": parts}


def test_without_the_database_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "connection", Away())
    assert parts_refused() == ["database"]


def test_with_a_migration_to_come_it_is_not_ready(db: None) -> None:
    MigrationRecorder(connection).record_unapplied("ml_services", "0001_initial")
    assert parts_refused() == ["migrations"]


def test_without_the_cache_that_the_settings_name_it_is_not_ready(db: None, settings: Any) -> None:
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    gate.forget()
    assert parts_refused() == ["cache"]


def test_a_shared_model_that_cannot_be_loaded_is_told_and_a_companys_own_is_not(alice: Company) -> None:
    with installation_wide():
        ModelVersion.across_companies.create(
            company=alice, predictor="clv", version="gone", evidence="full", serving=True
        )
    serving.refresh()
    assert Client().get("/readyz/").status_code == 200
    with installation_wide():
        ModelVersion.across_companies.create(predictor="churn", version="gone", evidence="full", serving=True)
    serving.refresh()
    assert parts_refused() == ["artifacts"]
    assert "churn" in Client().get("/readyz/").content.decode()


def test_the_operators_numbers_are_of_all_companies_and_name_none(alice: Company, bob: Company) -> None:
    with installation_wide():
        for company in (alice, bob):
            TrainingRun.across_companies.create(company=company, predictor="churn")
        ModelVersion.across_companies.create(
            company=bob, predictor="churn", version="v1", evidence="full", serving=True
        )
        ModelVersion.across_companies.create(predictor="churn", version="v0", evidence="full", serving=True)
    assert census.runs_by_state() == {"queued": 2, "running": 0, "done": 0, "failed": 0, "cancelled": 0}
    said = measures.text().decode()
    assert 'platform_training_runs{state="queued"} 2.0' in said
    assert 'platform_model_info{evidence="full",owner="company",predictor="churn",version="v1"} 1.0' in said
    assert 'owner="shared",predictor="churn",version="v0"' in said
    assert "platform_database_up 1.0" in said
    assert 'platform_queue_jobs{queue="batch",status="todo"} 0.0' in said
    assert "platform_worker_processes 0.0" in said
    assert "alice" not in said.lower()
    assert "bob" not in said.lower()


def test_numbers_without_a_database_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise OperationalError

    monkeypatch.setattr(census, "versions_that_serve", away)
    said = measures.text().decode()
    assert "platform_database_up 0.0" in said
    assert "platform_model_info" not in said
