"""`retrain_models`: one round now, what is left alone, and what is refused before anything is begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import BaseCommand

from file_uploads import training_runs
from file_uploads.at_hand import at_hand, is_at_hand
from file_uploads.retraining import rounds
from file_uploads.retraining.triggers import Trigger
from ml_services import drift
from ml_services.models import ModelVersion, RunState, TrainingRun
from platform_core.errors import InputInvalid, NotFound, PlatformError
from platform_core.management.commands import retrain_models
from platform_core.tenancy import company_in_force
from tests.file_uploads.conftest import own_store
from tests.file_uploads.retraining.conftest import AS_OF, Queued, Rounds, a_round, queued
from tests.stored import found, made
from users.models import Company

__all__ = ["a_round", "own_store", "queued"]  # fixtures


def retrain(*arguments: str) -> str:
    """What was printed."""
    out = StringIO()
    call_command("retrain_models", *arguments, stdout=out)
    return out.getvalue()


def test_a_first_round_from_records_serves_and_the_same_again_has_nothing_new(alice: Company, a_round: Rounds) -> None:
    asked = ("churn", "--company", "alice", "--as-of", AS_OF.isoformat())
    told = retrain(*asked)
    version = found(ModelVersion, predictor="churn")[0]
    assert told.startswith(f"alice churn: {version.version} serves now.")
    assert found(TrainingRun)[0].report["trigger"] == {"name": "person", "detail": "retrain_models"}
    assert f"the same data made version {version.version}" in retrain(*asked)
    assert len(found(ModelVersion, predictor="churn")) == 1


def test_where_none_is_named_only_who_has_something_to_learn_from_is_asked(
    alice: Company, bob: Company, a_round: Rounds
) -> None:
    made(ModelVersion, company=bob, predictor="segment", version="s1", evidence="full", serving=True)
    told = retrain("--as-of", AS_OF.isoformat())
    assert "bob" not in told
    assert {run.predictor for run in found(TrainingRun)} == {"churn", "clv"}
    assert retrain("--company", "bob") == "Nothing was to be learned again.\n"


def test_a_named_one_that_cannot_learn_ends_the_command_with_an_error(bob: Company) -> None:
    out = StringIO()
    with pytest.raises(PlatformError, match="1 of 1 could not learn again"):
        call_command("retrain_models", "churn", "--company", "bob", stdout=out)
    assert "bob churn: not done: " in out.getvalue()
    assert found(ModelVersion, company=bob) == []


@pytest.mark.parametrize("verdict", ["none", "note", "unknown"])
def test_only_where_it_drifted(alice: Company, monkeypatch: pytest.MonkeyPatch, verdict: str) -> None:
    monkeypatch.setattr(drift, "verdict", lambda name: {"verdict": verdict, "reasons": ["?"]})
    told = retrain("churn", "--company", "alice", "--if-drifted")
    assert f"alice churn: left alone, its drift is {verdict}." in told
    assert found(TrainingRun) == []


def test_drift_sets_a_round_off_and_the_round_says_so(
    alice: Company, a_round: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "verdict", lambda name: {"verdict": "drift", "reasons": ["Scores moved: up."]})
    retrain("churn", "--company", "alice", "--if-drifted", "--as-of", AS_OF.isoformat())
    assert found(TrainingRun)[0].report["trigger"] == {"name": "drift", "detail": "Scores moved: up."}


def test_one_round_of_a_predictor_at_a_time(alice: Company, a_round: Rounds) -> None:
    with company_in_force(alice.pk):
        run = rounds.open_round(predictor="churn", trigger=Trigger("rows", "more"), as_of=AS_OF, source="records")
    assert "left alone, a round of it is at work" in retrain("churn", "--company", "alice")
    assert [one.pk for one in found(TrainingRun)] == [run.pk]


@pytest.mark.parametrize("moment", ["soon", "2026-13-01", "2026-02-30T00:00:00Z", "12"])
def test_an_as_of_that_is_no_time_is_refused(alice: Company, moment: str) -> None:
    with pytest.raises(InputInvalid, match="--as-of takes a time such as"):
        retrain("churn", "--company", "alice", "--as-of", moment)
    assert found(TrainingRun) == []


def test_an_as_of_in_the_future_is_refused(alice: Company) -> None:
    """Horizons would count as closed that are open: nobody would have left yet, and all would be taken for staying."""
    with pytest.raises(InputInvalid, match="in the future"):
        retrain("churn", "--as-of", (datetime.now(UTC) + timedelta(hours=1)).isoformat())


def test_who_and_what_is_not_there_is_refused(alice: Company) -> None:
    with pytest.raises(NotFound):
        retrain("nothing")
    with pytest.raises(NotFound):
        retrain("churn", "--company", "nobody")
    with pytest.raises(InputInvalid, match="segment learns from files alone"):
        retrain("segment", "--company", "alice")


def test_what_a_command_carries_out_is_taken_up_by_a_worker_only_when_the_command_is_gone(
    alice: Company, queued: Queued
) -> None:
    run: Any = made(TrainingRun, company=alice, predictor="churn", asked={"trigger": {}}, state=RunState.RUNNING)
    with at_hand(run):
        assert is_at_hand(run)
        assert training_runs.resume() == 0
    assert training_runs.resume() == 1
    assert [one["run_id"] for one in queued] == [run.pk]


def test_a_round_that_fails_is_not_told_as_learned(bob: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    letters: list[dict[str, Any]] = []
    monkeypatch.setattr(training_runs.alerts, "tell", lambda **values: letters.append(values))
    with pytest.raises(PlatformError):
        retrain("churn", "--company", "bob")
    assert letters[0]["what"].startswith("The model of churn could not learn again")


def test_as_a_program_it_first_steps_behind_the_web_server(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setattr(retrain_models, "stand_behind", lambda: done.append("behind"))
    monkeypatch.setattr(BaseCommand, "run_from_argv", lambda _, argv: done.append(argv))
    retrain_models.Command().run_from_argv(["manage.py", "retrain_models"])
    assert done == ["behind", ["manage.py", "retrain_models"]]
