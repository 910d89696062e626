"""A person's data: the export shows all that is held; the erasure reaches it, says what it did, and nothing of others
is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError

from platform_core.tenancy import company_in_force
from request_logs.models import Outcome, Prediction
from tests.api_gateway.asking import refused
from tests.api_gateway.persons import ANN, PATH, churn, erase, export, ids
from tests.conftest import ApiClient
from tests.stored import found
from users.models import AuditEvent, Company, ErasureReceipt, Invitation, Role, User
from users.privacy import digest

pytestmark = pytest.mark.usefixtures("email_asked")


def test_an_erased_prediction_keeps_its_numbers_and_nothing_that_leads_to_her(
    alice: Company, alice_api: ApiClient
) -> None:
    mark = churn(alice_api, email=ANN, external_id="C1")
    before = found(Prediction)[0]
    receipt = erase(alice_api)
    row = found(Prediction)[0]
    assert receipt["erased"]["ledger"] == {"predictions": 1}
    assert (row.input, row.redacted, row.reasons, row.external_id) == ({}, ["*"], None, "")
    assert (str(row.pk), row.version, row.raw, row.created_at) == (mark, before.version, before.raw, before.created_at)
    assert row.output["probability"] == before.output["probability"]
    kept = json.dumps([row.input, row.output, row.reasons, row.external_id])
    assert digest(alice.pk, ANN) not in kept


def test_outcomes_are_shown_with_what_they_are_of(alice: Company, alice_api: ApiClient) -> None:
    mark = churn(alice_api, email=ANN)
    with company_in_force(alice.pk):
        Outcome.objects.create(
            company=alice, prediction_id=mark, value=True, occurred_at=found(Prediction)[0].created_at, current=True,
            asker_kind="key", asker_id=1,
        )  # fmt: skip
    shown = export(alice_api)["held"]["ledger"]["predictions"][0]
    assert [one["value"] for one in shown["outcomes"]] == [True]


def test_what_lists_words_of_a_text_is_taken_out_of_the_output(alice_api: ApiClient) -> None:
    answer = alice_api.post_json("/api/nlp/tag/", {"text": "Ann <ann@example.com> wants her parcel"})
    assert answer.status_code == 200, answer.content
    erase(alice_api)
    assert "tags" not in found(Prediction)[0].output


def test_erasing_again_changes_nothing_and_leaves_one_more_receipt(alice_api: ApiClient) -> None:
    churn(alice_api, email=ANN, external_id="C1")
    first, rows = erase(alice_api), found(Prediction)
    second = erase(alice_api)
    assert second["erased"]["ledger"] == {"predictions": 0}
    assert first["person"] == second["person"]
    assert [row.output for row in found(Prediction)] == [row.output for row in rows]
    assert [one["id"] for one in export(alice_api)["receipts"]] == [second["id"], first["id"]]


def test_somebody_unknown_gets_a_receipt_of_nothing(alice_api: ApiClient) -> None:
    receipt = erase(alice_api, "nobody@example.com")
    assert receipt["erased"] == {
        "account": {"invitations": 0}, "answers": {"answers": 0}, "files": {"batch_jobs": 0},
        "ledger": {"predictions": 0}, "models": {},
        "records": {"customers": 0, "leads": 0, "orders": 0, "payments": 0, "tickets": 0},
    }  # fmt: skip
    assert (receipt["kept"], receipt["model_versions"]) == ({}, [])


def test_a_receipt_holds_no_data(alice_api: ApiClient) -> None:
    churn(alice_api, email=ANN, external_id="C-777")
    erase(alice_api)
    row = found(ErasureReceipt)[0]
    kept = json.dumps([row.person, row.asker, row.erased, row.kept, row.model_versions])
    assert "ann" not in kept
    assert "C-777" not in kept


def test_bobs_customers_of_that_name_stay(alice_api: ApiClient, bob: Company, bob_api: ApiClient) -> None:
    churn(alice_api, email=ANN)
    mark = churn(bob_api, email=ANN, external_id=ANN)
    erase(alice_api)
    assert export(alice_api)["held"]["ledger"]["predictions_held"] == 0
    assert ids(export(bob_api)) == {mark}
    assert export(bob_api)["receipts"] == []


def test_invitations_go_and_a_member_stays(alice: Company, alice_api: ApiClient) -> None:
    with company_in_force(alice.pk):
        Invitation.objects.create(
            company=alice, email="Ann@example.com", role=Role.VIEWER, nonce="n", expires_at=alice.created_at
        )
    assert len(export(alice_api)["held"]["account"]["invitations"]) == 1
    assert erase(alice_api)["erased"]["account"] == {"invitations": 1}
    assert found(Invitation) == []
    receipt = erase(alice_api, "alice@example.com")
    assert [one["what"] for one in receipt["kept"]["account"]] == ["membership"]
    assert User.objects.filter(email="alice@example.com").exists()


def test_a_member_sees_their_place_and_what_the_audit_says_of_them(alice: Company, alice_api: ApiClient) -> None:
    held = export(alice_api, "alice@example.com")["held"]["account"]
    assert held["membership"]["role"] == "owner"
    assert held["audit_events"] == len(held["audit"])


def test_export_and_erasure_are_in_the_audit_without_the_address(alice: Company, alice_api: ApiClient) -> None:
    export(alice_api)
    receipt = erase(alice_api)
    rows = found(AuditEvent, company_id=alice.pk)[-2:]
    assert [row.act for row in rows] == ["data.person_exported", "data.person_erased"]
    assert {row.subject for row in rows} == {f"digest:{digest(alice.pk, ANN)}"}
    assert rows[1].detail["receipt"] == receipt["id"]
    assert rows[1].asker.startswith("key:")


def test_what_the_audit_cannot_take_is_not_erased(alice_api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    churn(alice_api, email=ANN)

    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr("users.audit._append", full)
    refused(alice_api.delete(f"{PATH}?email={ANN}"), 503)
    monkeypatch.undo()
    assert export(alice_api)["held"]["ledger"]["predictions_held"] == 1


WRONG = ["", "email=", "email=ann", "email=a@b@c", "email=%00@example.com", "email=ann@example.com%0d%0aX:y"]


@pytest.mark.parametrize("query", [*WRONG, "email=" + "a" * 300 + "@example.com", "mail=ann@example.com"])
def test_what_is_no_address_is_refused(alice_api: ApiClient, query: str) -> None:
    for ask in (alice_api.get, alice_api.delete):
        errors = refused(ask(f"{PATH}?{query}"), 400)
        assert errors[0]["attr"] in {"email", "mail"}
    assert found(ErasureReceipt) == []


@pytest.mark.parametrize("scope", ["predict", "upload", "models", "connectors"])
def test_a_key_needs_the_scope_of_records(alice: Company, scope: str) -> None:
    for ask in (ApiClient(alice, [scope]).get, ApiClient(alice, [scope]).delete):
        refused(ask(f"{PATH}?email={ANN}"), 403, "permission_denied")
    assert ApiClient(alice, ["records"]).get(PATH, {"email": ANN}).status_code == 200
