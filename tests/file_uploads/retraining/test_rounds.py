"""Rounds: what they learn from, what they report, and that the same again is the same."""

from __future__ import annotations

from typing import Any

import pytest

from file_uploads import training_runs
from file_uploads.retraining import rounds
from file_uploads.retraining.triggers import Trigger
from ml_services import artifacts, datasets, services
from ml_services.models import ModelVersion, TrainingRun
from platform_core.tenancy import company_in_force
from tests.conftest import ApiClient
from tests.file_uploads.retraining.conftest import AS_OF, Rounds
from tests.stored import changed, found
from users.models import AuditEvent, Company


def answers(company: Company, version: str) -> list[float]:
    """What a version says of today's customers, to the last bit."""
    model = artifacts.load(company_id=company.pk, predictor="churn", version=version)
    with company_in_force(company.pk):
        table = datasets.scoring_rows("churn", as_of=AS_OF)
    return list(model.answer_table(table, explain=False).columns["probability"].to_pylist())


def test_a_first_round_makes_the_first_version_and_it_serves(alice: Company, a_round: Rounds) -> None:
    run = a_round()
    assert (run.state, run.error) == ("done", "")
    report = run.report
    assert report["trigger"] == {"name": "schedule", "detail": "a test"}
    assert (report["source"], report["as_of"]) == ("records", AS_OF.isoformat())
    with company_in_force(alice.pk):
        whole = datasets.frame("churn", as_of=AS_OF)
    assert report["inputs"] == {
        "sha256": whole.sha256, "rows": whole.table.num_rows, "columns": whole.table.num_columns, "champion": None,
    }  # fmt: skip
    assert report["stages"][0]["stage"] == "reading"
    assert len(report["stages"]) > 3
    assert (report["verdict"]["verdict"], report["verdict"]["promotes"]) == ("first", True)
    assert run.version is not None and run.version.serving


def test_the_same_data_again_makes_no_model(a_round: Rounds) -> None:
    first, again = a_round(), a_round()
    assert again.state == "done"
    assert again.version is None
    assert first.version is not None
    assert first.version.version in again.report["said"]
    assert len(found(ModelVersion, predictor="churn")) == 1


def test_the_same_round_again_gives_the_same_model_to_the_last_bit(alice: Company, a_round: Rounds) -> None:
    first = a_round()
    # As if it had never been: what is compared with is part of what a round learns from.
    changed(ModelVersion, {"predictor": "churn"}, serving=False)
    changed(TrainingRun, {"pk": first.pk}, report={})
    second = a_round()
    assert first.version and second.version and first.version.pk != second.version.pk
    assert answers(alice, first.version.version) == answers(alice, second.version.version)


def test_what_runs_by_itself_keeps_what_serves_where_nothing_can_be_compared(
    alice: Company, a_round: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_round()
    monkeypatch.setattr(
        "ml_services.champions.rival.Rival.other_target", lambda self, target: "another target", raising=False
    )
    assert first.version is not None
    changed(ModelVersion, {"pk": first.version.pk}, card={**first.version.card, "columns": []})
    later = a_round(days=40)
    assert later.version is not None
    assert later.report["verdict"]["verdict"] == "not_comparable"
    assert not found(ModelVersion, pk=later.version.pk)[0].serving
    assert found(ModelVersion, pk=first.version.pk)[0].serving


def test_too_few_records_are_told_and_leave_nothing(alice: Company, a_round: Rounds) -> None:
    run = a_round(days=-390)
    assert run.state == "failed"
    assert "customers" in run.error
    assert found(ModelVersion, predictor="churn") == []


def test_what_somebody_decided_of_the_training_before_holds_on(alice: Company, a_round: Rounds) -> None:
    first = a_round()
    asked = {**first.asked, "options": {**first.asked["options"], "exclude": ["country", "gone"], "seed": 7}}
    changed(TrainingRun, {"pk": first.pk}, asked=asked)
    later = a_round(days=40)
    assert later.asked["options"]["exclude"] == ["country", "gone"]
    assert later.version is not None
    used = {one["name"]: one["used"] for one in later.version.card["columns"]}
    assert used["country"] is False
    assert later.version.card["seed"] == 7


def test_a_round_is_told_to_webhooks_and_administrators(alice: Company, a_round: Rounds, monkeypatch: Any) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    letters: list[dict[str, Any]] = []
    monkeypatch.setattr(training_runs.deliveries, "tell", lambda *, company_id, event, data: told.append((event, data)))
    monkeypatch.setattr(training_runs.alerts, "tell", lambda **values: letters.append(values))
    a_round()
    event, facts = told[0]
    assert event == "training.done"
    assert facts["trigger"]["name"] == "schedule"
    assert facts["verdict"]["promotes"] is True
    assert "churn has learned again" in letters[0]["what"]


def test_a_lost_worker_leaves_no_half_version_and_the_round_goes_on(
    alice: Company, a_round: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(services.artifacts, "save", lambda **values: (_ for _ in ()).throw(OSError("the disk is away")))
        first = a_round()
    assert first.state == "queued"
    assert found(ModelVersion, predictor="churn") == []
    with company_in_force(alice.pk):
        begun = training_runs.begin(run_id=first.pk)
    assert begun is not None and begun.attempt == 2
    from platform_core.management.training import carry_out

    carry_out(first.pk)
    done = found(TrainingRun, pk=first.pk)[0]
    assert done.state == "done"
    assert len(found(ModelVersion, predictor="churn", serving=True)) == 1


def test_the_audit_says_what_set_it_off(alice: Company, a_round: Rounds) -> None:
    run = a_round("drift")
    with company_in_force(alice.pk):
        event = AuditEvent.objects.filter(act="training.started", subject=f"training:{run.pk}").get()
    assert event.detail["trigger"] == "drift"


def test_the_api_shows_a_round_to_its_company_alone(
    alice: Company, a_round: Rounds, alice_api: ApiClient, bob_api: ApiClient
) -> None:
    run = a_round()
    path = f"/api/models/churn/runs/{run.pk}/"
    shown = alice_api.get(path).json()
    assert shown["report"]["trigger"]["name"] == "schedule"
    assert bob_api.get(path).status_code == 404
    listed = alice_api.get("/api/models/churn/runs/").json()["results"]
    assert [one["id"] for one in listed] == [run.pk]
    assert bob_api.get("/api/models/churn/runs/").json()["results"] == []


def test_the_last_round_is_the_newest_that_was_not_cancelled(alice: Company, a_round: Rounds) -> None:
    first = a_round()
    with company_in_force(alice.pk):
        later = rounds.open_round(predictor="churn", trigger=Trigger("rows", "more"), as_of=AS_OF, source="records")
        assert rounds.last_round("churn") == later
        training_runs.end(run_id=later.pk, state=TrainingRun._meta.get_field("state").choices[4][0])
        assert rounds.last_round("churn") == first
        assert rounds.last_round("clv") is None
