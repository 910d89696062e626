"""GET /api/audit/: who may read it, its filters and pages, and that a company reads its own chain alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from users import audit, people
from users.models import ApiKey, Company, Membership, Role, User

PATH = "/api/audit/"


@pytest.fixture
def acted(alice: Company, bob: Company) -> None:
    """Three acts at Alice's and one at Bob's."""
    for company, acts in ((alice, ("key.created", "key.revoked", "model.promoted")), (bob, ("key.created",))):
        for act in acts:
            audit.record(act, subject=f"of:{company.slug}", company_id=company.pk)


def acts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [line["act"] for line in answer.json()["results"]]


def test_it_reads_from_the_newest_back(alice_api: ApiClient, acted: None) -> None:
    answer = alice_api.get(PATH)
    assert acts(answer)[:3] == ["model.promoted", "key.revoked", "key.created"]
    places = [line["sequence"] for line in answer.json()["results"]]
    assert places == sorted(places, reverse=True)


def test_bob_reads_nothing_of_alices(bob_api: ApiClient, acted: None) -> None:
    answer = bob_api.get(PATH)
    assert b"of:alice" not in answer.content
    assert acts(answer).count("key.created") == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"act": "key.revoked"}, ["key.revoked"]),
        ({"act": "key"}, ["key.revoked", "key.created"]),
        ({"act": "connection"}, []),
        ({"act": "key", "page_size": "1"}, ["key.revoked"]),
        ({"act": "key", "page_size": "1", "page": "2"}, ["key.created"]),
        ({"act": "key", "from": "2000-01-01"}, ["key.revoked", "key.created"]),
        ({"act": "key", "from": "2999-01-01T00:00:00Z"}, []),
        ({"act": "key", "to": "2000-01-01T00:00:00+02:00"}, []),
        ({"act": "key", "asker": "key:999999999999"}, []),
    ],
)
def test_filters(alice_api: ApiClient, acted: None, asked: dict[str, str], found: list[str]) -> None:
    assert acts(alice_api.get(PATH, asked)) == found


def test_a_time_is_taken_to_the_microsecond(alice: Company, alice_api: ApiClient, acted: None) -> None:
    with company_in_force(alice.pk):
        event = audit.AuditEvent.objects.filter(act="key.revoked").get()
    assert acts(alice_api.get(PATH, {"act": "key", "from": event.at.isoformat()})) == ["key.revoked"]
    assert acts(alice_api.get(PATH, {"act": "key", "to": event.at.isoformat()})) == ["key.created"]
    later = (event.at + timedelta(microseconds=1)).isoformat()
    assert acts(alice_api.get(PATH, {"act": "key", "to": later})) == ["key.revoked", "key.created"]


WRONG = [
    {"act": "nothing"}, {"act": ""}, {"act": "key."}, {"act": "key.created\0"},
    {"asker": "ann"}, {"asker": "person:"}, {"asker": "key:1 OR 1=1"}, {"asker": "key:" + "9" * 40}, {"asker": ""},
    {"from": "yesterday"}, {"from": ""}, {"to": "2026-13-01"}, {"to": "2026-01-01T25:00:00Z"}, {"from": "-1"},
    {"to": "2026-01-01T10:60:00Z"}, {"from": "٢٠٢٦-01-01"}, {"page": "0"}, {"page": "x"}, {"page_size": "501"},
    {"ordering": "company"}, {"company": "1"},
]  # fmt: skip


@pytest.mark.parametrize("asked", WRONG, ids=lambda asked: "-".join(*asked.items())[:30])
def test_what_cannot_be_filtered_by_is_refused(alice_api: ApiClient, acted: None, asked: dict[str, str]) -> None:
    errors = refused(alice_api.get(PATH, asked), 400)
    assert errors[0]["attr"] == next(iter(asked))


def test_head_takes_what_get_takes_and_other_methods_are_405(alice_api: ApiClient, acted: None) -> None:
    assert alice_api.head(PATH, {"page_size": "1"}).status_code == 200
    refused(alice_api.delete(f"{PATH}?page_size=1"), 405)


def test_a_page_that_is_not_there_is_404(alice_api: ApiClient, acted: None) -> None:
    refused(alice_api.get(PATH, {"page": "9999"}), 404)


def test_marks_are_told_by_name_while_there_is_one(alice: Company, alice_api: ApiClient) -> None:
    person = User.objects.get(email="alice@example.com")
    with company_in_force(alice.pk):
        key = ApiKey.objects.order_by("-pk").values_list("pk", "name").first()
    assert key is not None
    people.record_for(person, audit.Event.SIGNED_IN)
    audit.record("key.created", subject=f"key:{key[0]}", company_id=alice.pk)
    audit.record("member.removed", subject="person:999999", company_id=alice.pk)
    gone, made, signed_in = alice_api.get(PATH).json()["results"][:3]
    assert (signed_in["asker"], signed_in["asker_label"]) == (f"person:{person.pk}", person.email)
    assert made["subject_label"] == key[1]
    assert (gone["subject"], gone["subject_label"]) == ("person:999999", None)


def test_names_of_other_companies_keys_are_not_told(alice: Company, bob: Company, alice_api: ApiClient) -> None:
    bobs = ApiClient(bob, ["predict"])
    assert bobs.get("/api/models/").status_code == 403
    with company_in_force(bob.pk):
        key = ApiKey.objects.latest("pk")
    audit.record("key.created", subject=f"key:{key.pk}", company_id=alice.pk)
    assert alice_api.get(PATH).json()["results"][0]["subject_label"] is None


def queries(api: ApiClient) -> int:
    api.get(PATH)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert api.get(PATH, {"page_size": "500"}).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow_with_events(alice: Company, alice_api: ApiClient, acted: None) -> None:
    people.record_for(User.objects.get(email="alice@example.com"), audit.Event.SIGNED_IN)
    audit.record("key.created", subject="key:1", company_id=alice.pk)
    few = queries(alice_api)
    for number in range(60):
        audit.record("key.created", subject=f"key:{number}", company_id=alice.pk)
    assert queries(alice_api) == few


@pytest.mark.parametrize("role", Role.values)
def test_only_owners_and_admins_read_it(alice: Company, role: str) -> None:
    with company_in_force(alice.pk):
        Membership.objects.update(role=role)
    from django.test import Client
    from rest_framework_simplejwt.tokens import AccessToken

    token = str(AccessToken.for_user(User.objects.get(email="alice@example.com")))
    answer = Client().get(PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (200 if role in {"owner", "admin"} else 403)


@pytest.mark.parametrize("scope", ["predict", "upload", "records", "models", "connectors"])
def test_a_key_needs_the_scope_admin(alice: Company, scope: str) -> None:
    refused(ApiClient(alice, [scope]).get(PATH), 403, "permission_denied")
