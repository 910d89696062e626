"""The scoreboard over the API."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from api_gateway.scoreboard_schemas import COMPONENTS, SCOREBOARD
from ml_services import registry
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.ml_services.scoreboard.ledgers import came, horizon, predicted, version
from users.models import Company

PATH = "/api/models/{}/scoreboard/"
BOARD = PATH.format("churn")


def fits(found: dict[str, Any]) -> None:
    """As the document says."""
    whole = DRAFT202012.create_resource({"components": {"schemas": COMPONENTS}, **SCOREBOARD})
    Draft202012Validator({"$ref": "urn:all"}, registry=Registry().with_resource("urn:all", whole)).validate(found)


@pytest.mark.parametrize("name", list(registry.all_predictors()))
def test_nothing_asked_yet_is_unknown_and_no_error(name: str, alice_api: ApiClient) -> None:
    answer = alice_api.get(PATH.format(name))
    assert answer.status_code == 200, answer.content
    found = answer.json()
    fits(found)
    assert (found["versions"], found["verdict"]["status"], found["verdict"]["version"]) == ([], "unknown", None)


def test_a_board_is_as_the_document_says(alice: Company, alice_api: ApiClient) -> None:
    horizon(alice)
    version(alice, card={"metrics": {"roc_auc": 0.8, "roc_auc_low": 0.7, "roc_auc_high": 0.9}})
    for number in range(40):
        came(predicted(alice, 0, number / 40), number > 20, 3)
    found = alice_api.get(BOARD).json()
    fits(found)
    (one,) = found["versions"]
    assert one["metrics"]["roc_auc"]["value"] == 1.0
    assert one["promised"][0]["promised"] == 0.8
    assert [band["band"] for band in one["bands"]] == ["low", "medium", "high"]
    assert one["over_time"][0]["month"] == "2024-01"
    assert found["verdict"]["version"] == "v1"
    early = alice_api.get(BOARD, {"until": "2024-01-20T00:00:00Z"}).json()["versions"][0]
    assert (early["predictions"]["open"], early["coverage"]["value"]) == (40, None)


def test_a_version_that_is_not_there_or_anothers_is_not_found(
    alice: Company, alice_api: ApiClient, bob_api: ApiClient
) -> None:
    predicted(alice, 0, version="alices")
    assert len(alice_api.get(BOARD, {"version": "alices"}).json()["versions"]) == 1
    refused(alice_api.get(BOARD, {"version": "nobodys"}), 404, "not_found")
    refused(bob_api.get(BOARD, {"version": "alices"}), 404, "not_found")
    assert bob_api.get(BOARD).json()["versions"] == []
    refused(alice_api.get(PATH.format("no-such")), 404, "not_found")


def test_a_version_that_never_answered_has_an_empty_board(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "silent")
    predicted(alice, 0)
    found = alice_api.get(BOARD, {"version": "silent"}).json()
    assert (found["versions"], found["verdict"]["status"]) == ([], "unknown")


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("until=soon", "until"),
        ("until=2999-01-01", "until"),
        ("until=", "until"),
        ("version=", "version"),
        ("x=1", "x"),
    ],
)
def test_a_wrong_question_is_refused_by_name(alice_api: ApiClient, query: str, attr: str) -> None:
    assert refused(alice_api.get(f"{BOARD}?{query}"), 400)[0]["attr"] == attr


def test_the_beginning_of_time_is_a_time(alice: Company, alice_api: ApiClient) -> None:
    predicted(alice, 0)
    assert alice_api.get(BOARD, {"until": "0001-01-01"}).json()["versions"] == []


def test_a_key_without_the_scope_sees_nothing(alice: Company) -> None:
    refused(ApiClient(alice, ["upload"]).get(BOARD), 403)
