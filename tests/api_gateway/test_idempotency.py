"""One Idempotency-Key, one effect: what is answered again, what is refused, what is not kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response

from api_gateway import idempotency, people
from api_gateway.endpoint import Endpoint
from api_gateway.models import IdempotentAnswer
from api_gateway.views.predictions import PredictView
from file_uploads import training
from ml_services.models import TrainingRun
from platform_core.errors import Conflict, NoModel
from platform_core.tenancy import current_company
from tests.api_gateway.asking import CHURN, GOOD, refused
from tests.conftest import ApiClient
from tests.stored import changed, found
from users.models import Company

pytestmark = pytest.mark.usefixtures("churn_serves")


def ask(api: ApiClient, key: str, body: Any = GOOD, path: str = CHURN) -> Any:
    return api.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def test_the_second_gets_the_firsts_answer(alice_api: ApiClient) -> None:
    first, second = ask(alice_api, "a"), ask(alice_api, "a")
    assert first.status_code == second.status_code == 200
    assert first.content == second.content, "the prediction's id is in it"
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second["Content-Type"] == "application/json"
    assert ask(alice_api, "b").content != first.content


def test_the_order_of_a_bodys_keys_means_nothing(alice_api: ApiClient) -> None:
    first = ask(alice_api, "a", '{"tenure_months": 3, "contract": "monthly"}')
    assert ask(alice_api, "a", '{"contract":"monthly","tenure_months":3}').content == first.content


@pytest.mark.parametrize(("body", "path"), [({**GOOD, "tenure_months": 4}, CHURN), (GOOD, CHURN + "?explain=false")])
def test_a_key_is_one_requests(alice_api: ApiClient, body: Any, path: str) -> None:
    ask(alice_api, "a")
    refused(ask(alice_api, "a", body, path), 409, "idempotency_key_reused")


def test_keys_of_others_are_others(alice: Company, alice_api: ApiClient, bob_api: ApiClient) -> None:
    answers = [ask(api, "same") for api in (alice_api, bob_api, ApiClient(alice, ["predict"]))]
    assert len({answer.content for answer in answers}) == 3
    assert not any("Idempotency-Replayed" in answer for answer in answers)


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "tab\tin"])
def test_a_key_is_visible_ascii(alice_api: ApiClient, key: str) -> None:
    assert refused(ask(alice_api, key), 400)[0]["attr"] == "Idempotency-Key"


def test_on_open_paths_it_does_nothing(alice: Company) -> None:
    asked = {"email": "alice@example.com", "password": "a-Long-pass-1"}
    pairs = [ask(Client(), "a", asked, "/api/auth/token/").json() for _ in range(2)]
    assert pairs[0]["refresh"] != pairs[1]["refresh"]
    assert not found(IdempotentAnswer)


def test_a_refusal_is_an_answer_and_stays(alice_api: ApiClient) -> None:
    wrong = {**GOOD, "contract": "weekly"}
    first = ask(alice_api, "a", wrong)
    refused(first, 400)
    second = ask(alice_api, "a", wrong)
    assert second.content == first.content
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("problem", [NoModel(), RuntimeError("a bug")])
def test_what_may_go_better_next_time_is_not_kept(
    alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: Any) -> Any:
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(PredictView, "post", fail)
        assert ask(alice_api, "a").status_code >= 500
    assert not found(IdempotentAnswer)
    assert ask(alice_api, "a").status_code == 200


def test_what_a_refused_request_did_is_undone(alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(*_: Any) -> Any:
        TrainingRun.objects.create(company_id=current_company(), predictor="churn")
        raise Conflict

    monkeypatch.setattr(PredictView, "post", half)
    assert ask(alice_api, "a").status_code == 409
    assert not found(TrainingRun)


def test_it_is_kept_for_a_day(alice_api: ApiClient) -> None:
    first = ask(alice_api, "a")
    changed(IdempotentAnswer, {}, created_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert idempotency.prune_expired(10) == 0
    assert ask(alice_api, "a").content == first.content
    changed(IdempotentAnswer, {}, created_at=timezone.now() - timedelta(hours=24))
    later = ask(alice_api, "a", {**GOOD, "tenure_months": 9})
    assert later.status_code == 200
    assert later.content != first.content


def test_old_answers_go_in_small_batches(alice_api: ApiClient) -> None:
    for key in "abc":
        ask(alice_api, key)
    changed(IdempotentAnswer, {}, created_at=timezone.now() - timedelta(hours=25))
    assert [idempotency.prune_expired(2), idempotency.prune_expired(2)] == [2, 1]


def test_a_secret_is_shown_once(alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoint, "shown_once", True)
    assert ask(alice_api, "a").status_code == 200
    assert bytes(found(IdempotentAnswer)[0].body) == b""
    refused(ask(alice_api, "a"), 409, "conflict")


def test_an_erased_answer_is_not_given_and_its_request_not_done_again(alice_api: ApiClient, bob_api: ApiClient) -> None:
    first, others = ask(alice_api, "a"), ask(bob_api, "a")
    receipt = alice_api.delete("/api/records/people/?email=ann@example.com").json()
    assert receipt["erased"][people.PLACE.name] == {"answers": 1}
    refused(ask(alice_api, "a"), 409)
    assert first.content not in {bytes(row.body) for row in found(IdempotentAnswer)}
    assert ask(bob_api, "a").content == others.content


def test_a_kept_answer_that_names_a_person_is_in_their_export(
    alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PredictView, "post", lambda *_: Response({"to": "Ann@Example.com"}))
    ask(alice_api, "a")
    held = {
        name: alice_api.get(f"/api/records/people/?email={name}@example.com").json()["held"][people.PLACE.name]
        for name in ("ann", "eve")
    }
    assert [one["answer"] for one in held["ann"]] == [{"to": "Ann@Example.com"}]
    assert held["eve"] == []


def test_old_answers_go_by_themselves(alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(alice_api, "a")
    changed(IdempotentAnswer, {}, created_at=timezone.now() - timedelta(hours=25))
    monkeypatch.setattr(idempotency, "PRUNE_EVERY", 1)
    ask(alice_api, "b")
    assert [row.key for row in found(IdempotentAnswer)] == ["b"]


def test_a_replay_costs_a_request_and_no_prediction(alice_api: ApiClient, settings: Any) -> None:
    settings.LIMITS = {"LIMIT_KEY_MINUTE": 1, "LIMIT_REQUESTS_MINUTE": 2}
    assert [ask(alice_api, "a").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask(alice_api, "b").status_code == 429


def test_files_count_by_what_is_in_them(alice: Company, alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def start(*, company_id: int, predictor: str, file: Any, options: Any) -> TrainingRun:
        started.append(b"".join(file.chunks()))
        run: TrainingRun = TrainingRun.objects.create(company_id=company_id, predictor=predictor)
        return run

    def send(content: bytes) -> Any:
        form = {"file": SimpleUploadedFile("sent.csv", content), "target": "left"}
        return alice_api.post("/api/models/churn/train/", form, headers={"Idempotency-Key": "f"})

    monkeypatch.setattr(training, "start", start)
    first = send(b"a,left\n1,2\n")
    assert first.status_code == 202, first.content
    assert send(b"a,left\n1,2\n").content == first.content
    refused(send(b"a,left\n1,3\n"), 409, "idempotency_key_reused")
    assert started == [b"a,left\n1,2\n"]
