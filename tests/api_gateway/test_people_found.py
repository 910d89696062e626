"""Which predictions are a person's: by what was redacted, by what texts say, by the ids that only they have."""

from __future__ import annotations

import json

import pytest

from request_logs.models import Prediction
from tests.api_gateway.persons import ANN, churn, erase, export, ids, said
from tests.conftest import ApiClient
from tests.stored import found

pytestmark = pytest.mark.usefixtures("email_asked")


@pytest.mark.parametrize("spelling", ["Ann@Example.com", "ANN@EXAMPLE.COM", "ａｎｎ@example.com"])
def test_what_was_redacted_is_found_in_any_spelling(alice_api: ApiClient, spelling: str) -> None:
    mark = churn(alice_api, email=spelling)
    churn(alice_api, email="bea@example.com")
    document = export(alice_api)
    assert ids(document) == {mark}
    assert document["email"] == ANN
    assert ids(export(alice_api, spelling)) == {mark}


@pytest.mark.parametrize("asked", ["ann@müller.example", "ann@xn--mller-kva.example", "Ann@MÜLLER.example"])
@pytest.mark.parametrize("kept", ["ann@müller.example", "ann@xn--mller-kva.example"])
def test_an_international_domain_is_found_in_both_its_dresses(alice_api: ApiClient, kept: str, asked: str) -> None:
    assert ids(export(alice_api, asked)) == set()
    mark = churn(alice_api, email=kept)
    assert ids(export(alice_api, asked)) == {mark}


def test_the_ledger_holds_no_address_in_clear(alice_api: ApiClient) -> None:
    churn(alice_api, email=ANN)
    assert ANN not in json.dumps([row.input for row in found(Prediction)])


TEXTS = [
    "write to ann@example.com", "ANN@Example.com.", "<ann@example.com>", "mailto:ann@example.com?x",
    "a\nann@example.com\nb", '"ann@example.com"', "ann@example.com, bea@example.com",
]  # fmt: skip
OTHERS = [
    "joann@example.com", "ann@example.com.au", "ann@example.community", "x.ann@example.com", "ann-ann@example.com",
    "ann@exampleXcom", "ann at example.com", "ann@example.com-pany.de",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_an_address_within_a_text_is_found(alice_api: ApiClient, text: str) -> None:
    mark = said(alice_api, text)
    assert ids(export(alice_api)) == {mark}
    assert erase(alice_api)["erased"]["ledger"] == {"predictions": 1}
    assert "ann" not in json.dumps([row.input for row in found(Prediction)]).lower()


@pytest.mark.parametrize("text", OTHERS)
def test_another_address_is_not_hers(alice_api: ApiClient, text: str) -> None:
    said(alice_api, text)
    assert ids(export(alice_api)) == set()
    assert erase(alice_api)["erased"]["ledger"] == {"predictions": 0}


@pytest.mark.parametrize("address", ["jörg@müller.example", "j+ö_%.x@example.com", "a'b@example.com"])
def test_odd_addresses_are_found_in_texts_too(alice_api: ApiClient, address: str) -> None:
    mark = said(alice_api, f"from {address} today")
    assert ids(export(alice_api, address)) == {mark}


def test_an_address_as_external_id_is_found_and_taken_out(alice_api: ApiClient) -> None:
    mark = churn(alice_api, external_id="Ann@example.com")
    assert ids(export(alice_api)) == {mark}
    erase(alice_api)
    assert [row.external_id for row in found(Prediction)] == [""]


def test_what_has_her_external_id_is_hers(alice_api: ApiClient) -> None:
    marks = {churn(alice_api, email=ANN, external_id="C1"), churn(alice_api, external_id="C1")}
    churn(alice_api, external_id="C2")
    document = export(alice_api)
    assert document["identifiers"] == ["C1"]
    assert ids(document) == marks


def test_an_external_id_that_several_share_is_nobodys(alice_api: ApiClient) -> None:
    mark = churn(alice_api, email=ANN, external_id="web")
    churn(alice_api, email="bea@example.com", external_id="web")
    churn(alice_api, external_id="web")
    document = export(alice_api)
    assert document["identifiers"] == []
    assert ids(document) == {mark}
