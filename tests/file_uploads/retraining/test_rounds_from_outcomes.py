"""A model of a company's own file learns again from what became of its predictions, and is compared with itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from file_uploads.retraining import rounds
from file_uploads.retraining.sources import source_of
from file_uploads.retraining.triggers import Trigger
from ml_services.models import ModelVersion, TrainingRun
from platform_core.management.training import carry_out_here
from platform_core.tenancy import company_in_force
from request_logs.models import Outcome, Prediction
from tests.file_uploads.retraining.conftest import Queued
from tests.ml_services.champions.test_outcomes import told_later
from tests.ml_services.champions.versions import few_settings, rows, train
from tests.stored import changed, found
from users.models import Company


@pytest.fixture
def champion(alice: Company, own_store: Any, queued: Queued, monkeypatch: pytest.MonkeyPatch) -> ModelVersion:
    """Learned from a file; six hundred customers of another time were scored over months, and became what they did."""
    few_settings(monkeypatch)
    monkeypatch.setattr(rounds, "BUDGET_S", 2.0)
    row = train(alice, rows(n=600))
    for month in range(6):
        made_at = timezone.now() - timedelta(days=300 - 30 * month)
        told_later(row, rows(50 + month, n=100), created_at=made_at)
        marks = [one.pk for one in found(Prediction, created_at=made_at)]
        changed(Outcome, {"prediction__in": marks}, occurred_at=made_at + timedelta(days=20))
    return row


def again(company: Company) -> TrainingRun:
    with company_in_force(company.pk):
        run = rounds.open_round(
            predictor="churn", trigger=Trigger("outcomes", "a test"), as_of=timezone.now(), queued=False
        )
        return carry_out_here(run)


def test_it_is_compared_with_what_serves_target_ids_and_labels_alike(alice: Company, champion: ModelVersion) -> None:
    with company_in_force(alice.pk):
        assert source_of("churn") == "outcomes"
    run = again(alice)
    assert (run.state, run.error) == ("done", "")
    assert run.report["inputs"]["rows"] == 600
    verdict = run.report["verdict"]
    assert verdict["verdict"] in ("better", "equal", "worse"), verdict["reason"]
    assert (verdict["against"], verdict["rows"] > 0) == (champion.version, True)
    assert run.version is not None
    assert run.version.serving is verdict["promotes"]
    assert run.version.card["target"]["name"] == champion.card["target"]["name"] == "left"
    assert run.version.card["target"]["labels"] == champion.card["target"]["labels"]


def test_what_it_has_learned_from_outcomes_it_learns_from_again(alice: Company, champion: ModelVersion) -> None:
    first = again(alice)
    assert first.version is not None
    changed(ModelVersion, {"pk": champion.pk}, serving=False)
    changed(ModelVersion, {"pk": first.version.pk}, serving=True)
    with company_in_force(alice.pk):
        assert source_of("churn") == "outcomes"
    second = again(alice)
    assert second.version is None, "nothing has come in since"
    assert first.version.version in second.report["said"]
