"""The shadow answers a share unseen: nothing of it reaches a client, and what it said can be compared."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from ml_services import services, serving
from ml_services.decisions import shadow_queue
from ml_services.models import ModelVersion, PredictorSetting, ShadowPrediction
from request_logs.identifiers import time_ordered
from request_logs.models import Prediction
from tests.api_gateway.asking import CHURN
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.ml_services.decisions.conftest import SETTINGS, ask, committing
from tests.ml_services.decisions.versions import Rated, version
from tests.stored import changed, found, made
from users.models import Company


def test_only_the_champions_answer_is_returned_and_the_shadows_is_kept(alice_api: ApiClient, shadowed: None) -> None:
    answer = ask(alice_api)
    assert (answer["probability"], answer["model"]["version"]) == (0.6, "v1")
    assert "v2" not in str(answer)
    assert shadow_queue.flush() == 1
    row = found(ShadowPrediction)[0]
    assert (str(row.prediction_id), row.version, row.probability) == (answer["prediction_id"], "v2", 0.3)
    assert row.output == {"probability": 0.3, "risk": "medium"}
    assert [one.version for one in found(Prediction)] == ["v1"], "the ledger knows nothing of it"


def test_many_at_once_are_all_offered_but_the_refused(alice_api: ApiClient, shadowed: None) -> None:
    with committing():
        answers = alice_api.post_json(CHURN, {"records": [{"plan": "basic"}, {"plan": 5}, {"plan": "pro"}]}).json()
    assert shadow_queue.flush() == 2
    kept = {str(row.prediction_id) for row in found(ShadowPrediction)}
    assert kept == {one["prediction_id"] for one in answers["results"] if "prediction_id" in one}


def test_without_a_shadow_nothing_waits(alice: Company, bob: Company, alice_api: ApiClient, shadowed: None) -> None:
    version(bob, "b1")
    ask(ApiClient(bob, ["predict"]))
    alice_api.patch(SETTINGS, {"shadow_version": ""}, content_type="application/json")
    ask(alice_api)
    assert serving.find(alice.pk, "churn").shadow is None
    assert shadow_queue.flush() == 0


def test_the_share_is_drawn_by_the_predictions_id() -> None:
    marks = [time_ordered() for _ in range(4000)]
    first = [shadow_queue.drawn(mark, 0.25) for mark in marks]
    assert first == [shadow_queue.drawn(mark, 0.25) for mark in marks]
    assert 0.21 < sum(first) / len(first) < 0.29
    assert all(shadow_queue.drawn(mark, 1.0) for mark in marks)
    assert not any(shadow_queue.drawn(mark, 0.0) for mark in marks)


def test_a_shadow_that_fails_is_heard_of_in_the_log_alone(
    alice_api: ApiClient, shadowed: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = ask(alice_api)

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Rated, "answers", broken)
    assert shadow_queue.flush() == 0
    assert "ZeroDivisionError" in caplog.text
    assert ask(alice_api)["probability"] == first["probability"]


def test_what_is_too_much_or_gone_is_lost_without_a_word(
    alice: Company, alice_api: ApiClient, shadowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = serving.find(alice.pk, "churn")
    with committing():
        shadow_queue.offer(slot, alice.pk, [(UUID(int=1), {"plan": "basic"})])
    shadow_queue.flush()
    assert found(ShadowPrediction) == [], "a prediction that is not there has no shadow"

    def away(_: Any) -> None:
        raise DatabaseError

    ask(alice_api)
    monkeypatch.setattr(shadow_queue, "_write", away)
    assert shadow_queue.flush() == 0


def test_it_goes_when_the_prediction_goes(alice_api: ApiClient, shadowed: None) -> None:
    ask(alice_api)
    shadow_queue.flush()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('app.company_id', '*', true); DELETE FROM request_logs_prediction")
    assert found(ShadowPrediction) == []


def test_it_ends_when_it_is_promoted(alice: Company, alice_api: ApiClient, shadowed: None) -> None:
    services.promote(version=found(ModelVersion, version="v2")[0])
    assert alice_api.get(SETTINGS).json()["shadow_version"] == ""
    assert serving.find(alice.pk, "churn").shadow is None


def test_a_shadow_whose_artifact_is_gone_leaves_the_champion_alone(
    alice: Company, alice_api: ApiClient, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    version(alice, "v1")
    made(PredictorSetting, company=alice, predictor="churn", shadow_version="gone", shadow_share=1.0)
    serving.refresh()
    serving.refresh()
    assert ask(alice_api)["probability"] == 0.6
    assert caplog.text.count("shadow refused") == 1


@pytest.mark.django_db(transaction=True)
def test_a_thread_answers_what_waits_within_a_second(alice: Company, shadowed: None) -> None:
    stop = shadow_queue.watch()
    try:
        shadow_queue.offer(serving.find(alice.pk, "churn"), alice.pk, [(predicted(alice).pk, {"plan": "basic"})])
        until = time.monotonic() + 10
        while not (rows := found(ShadowPrediction)) and time.monotonic() < until:
            time.sleep(0.05)
        assert [row.probability for row in rows] == [0.3]
    finally:
        stop.set()
        for thread in threading.enumerate():
            if thread.name == "shadow":
                thread.join(10)


def test_changed_cuts_are_the_shadows_too(alice: Company, alice_api: ApiClient, shadowed: None) -> None:
    alice_api.patch(SETTINGS, {"cuts": [0.25, 0.28]}, content_type="application/json")
    ask(alice_api)
    shadow_queue.flush()
    assert found(ShadowPrediction)[0].output["risk"] == "high"
    assert changed(PredictorSetting, {}, shadow_share=0.0) == 1
    serving.refresh()
    assert serving.find(alice.pk, "churn").shadow is None
