"""Keys over the API: shown once, listed, ended."""

from __future__ import annotations

import pytest

from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.users.people import PersonClient, member, owner_of
from users import key_use, keys
from users.models import Company, Role

KEYS = "/api/keys/"


@pytest.fixture
def owner(alice: Company) -> PersonClient:
    """Alice, by token."""
    return PersonClient(owner_of(alice))


def test_a_key_is_shown_once_and_works(owner: PersonClient) -> None:
    made = owner.post_json(KEYS, {"name": "shop", "scopes": ["models"]})
    assert made.status_code == 201
    secret = made.json().pop("key")
    assert made.json()["prefix"] == secret[:10]
    assert made.json()["created_by"]["label"] == "alice@example.com"
    listed = owner.get(KEYS)
    assert secret not in listed.content.decode()
    assert "hash" not in listed.json()["results"][0]
    assert owner.get("/api/models/", headers={"X-API-Key": secret, "Authorization": ""}).status_code == 200


def test_a_revoked_key_stops_and_stays_in_the_list(
    owner: PersonClient, alice: Company, django_capture_on_commit_callbacks: object
) -> None:
    client = ApiClient(alice, ["models"])
    assert client.get("/api/models/").status_code == 200
    row = owner.get(KEYS).json()["results"][0]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert owner.delete(f"{KEYS}{row['id']}/").status_code == 204
    refused(client.get("/api/models/"), 401, "invalid_key")
    assert owner.get(KEYS).json()["results"][0]["revoked_at"]
    assert owner.delete(f"{KEYS}{row['id']}/").status_code == 204


def test_the_last_use_is_shown(owner: PersonClient, alice: Company) -> None:
    ApiClient(alice, ["models"]).get("/api/models/")
    assert owner.get(KEYS).json()["results"][0]["last_used_at"] is None
    key_use.flush()
    assert owner.get(KEYS).json()["results"][0]["last_used_at"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "scopes": ["predict"]},
        {"name": "x", "scopes": ["king"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["predict"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "scopes": ["predict"], "key": "pk_mine"},
        [],
    ],
)
def test_a_wrong_key_is_not_made(owner: PersonClient, body: object) -> None:
    refused(owner.post_json(KEYS, body), 400)
    assert owner.get(KEYS).json()["count"] == 0


def test_another_companys_keys_are_404_and_unseen(owner: PersonClient, bob: Company, bob_api: ApiClient) -> None:
    other = PersonClient(owner_of(bob)).get(KEYS).json()["results"][0]
    refused(owner.delete(f"{KEYS}{other['id']}/"), 404)
    assert owner.get(KEYS).json()["count"] == 0
    assert bob_api.get(KEYS).status_code == 200


def test_an_analyst_makes_no_keys(alice: Company) -> None:
    client = PersonClient(member(alice, Role.ANALYST))
    refused(client.post_json(KEYS, {"name": "x", "scopes": ["predict"]}), 403, "permission_denied")
    refused(client.get(KEYS), 403)


def test_a_key_of_little_makes_no_keys_and_one_of_admin_does(alice: Company) -> None:
    body = {"name": "x", "scopes": ["predict"]}
    refused(ApiClient(alice, ["predict", "models"]).post_json(KEYS, body), 403)
    made = ApiClient(alice, ["admin"]).post_json(KEYS, body)
    assert made.status_code == 201
    assert made.json()["created_by"] == {"kind": "key", "id": made.json()["id"] - 1, "label": "test"}


@pytest.mark.parametrize("given", ["pk_" + "x" * 5000, "pk_", "pk_\t", "pk_" + "é" * 40])
def test_a_malformed_or_oversized_key_is_refused(alice: Company, given: str) -> None:
    keys.create(company=alice, name="x", scopes=["admin"])
    refused(ApiClient(alice, ["admin"]).get(KEYS, headers={"X-API-Key": given}), 401, "invalid_key")
