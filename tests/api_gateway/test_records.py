"""The records over HTTP: brought, listed, searched, looked up."""

from __future__ import annotations

from typing import Any

import pytest

from platform_core.records.models import Customer
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.stored import found
from users.models import AuditEvent, Company

CUSTOMERS, PAYMENTS = "/api/records/customers/", "/api/records/payments/"


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    usual = {"started_at": "2026-01-05", "source_updated_at": "2026-02-01T00:00:00Z"}
    return [
        {"external_id": f"c{n}", "email": f"c{n}@example.com", "name": f"Ann {n}", **usual, **more}
        for n in range(count)
    ]


def brought(api: ApiClient, path: str, records: list[Any], source: str = "crm") -> Any:
    answer = api.post_json(path, {"source": source, "records": records})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_records_are_brought_counted_and_the_audit_says_by_whom(alice_api: ApiClient) -> None:
    taken = brought(alice_api, CUSTOMERS, [*rows(2), {"external_id": "bad", "started_at": "soon"}])
    assert (taken["created"], taken["updated"], taken["unchanged"], taken["stale"]) == (2, 0, 0, 0)
    told = {"place": 2, "external_id": "bad", "field": "started_at", "value": "soon"}
    assert taken["rejected"] == [{**told, "reason": taken["rejected"][0]["reason"]}]
    assert "ISO 8601" in taken["rejected"][0]["reason"]
    assert brought(alice_api, CUSTOMERS, rows(2))["unchanged"] == 2
    events = found(AuditEvent, act="records.brought")
    assert [(one.subject, one.detail["created"], one.detail["rejected"]) for one in events] == [
        ("records:customers", 2, 1), ("records:customers", 0, 0),
    ]  # fmt: skip


def test_a_list_goes_on_from_its_cursor_to_the_end_and_each_can_be_looked_up(alice_api: ApiClient) -> None:
    brought(alice_api, CUSTOMERS, rows(7, plan="Pro", extra={"nps": 9}))
    link, seen = f"{CUSTOMERS}?page_size=3", []
    while link:
        page = alice_api.get(link).json()
        seen += page["results"]
        link = page["next"]
    assert [row["external_id"] for row in seen] == [f"c{n}" for n in reversed(range(7))]
    one = alice_api.get(f"{CUSTOMERS}{seen[0]['id']}/").json()
    assert one == seen[0]
    assert (one["plan"], one["extra"], one["started_at"][:10]) == ("Pro", {"nps": 9}, "2026-01-05")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"email": "C1@Example.com"}, ["c1"]),
        ({"external_id": "c2"}, ["c2"]),
        ({"source": "shop"}, []),
        ({"search": "ann 1"}, ["c1"]),
        ({"search": "%"}, []),
        ({"from": "2026-01-06"}, []),
        ({"from": "2026-01-05", "to": "2026-01-06", "external_id": "c0"}, ["c0"]),
    ],
)
def test_a_list_is_narrowed(alice_api: ApiClient, query: dict[str, str], expected: list[str]) -> None:
    brought(alice_api, CUSTOMERS, rows(3))
    assert [row["external_id"] for row in alice_api.get(CUSTOMERS, query).json()["results"]] == expected


@pytest.mark.parametrize(
    ("path", "attr"),
    [
        (f"{CUSTOMERS}?customer_ref=c1", "customer_ref"),
        (f"{CUSTOMERS}?email=nobody", "email"),
        (f"{CUSTOMERS}?cursor=0", "cursor"),
        (f"{CUSTOMERS}?cursor={2**70}", "cursor"),
        (f"{CUSTOMERS}?search=", "search"),
        (f"{CUSTOMERS}?from=soon", "from"),
        (f"{CUSTOMERS}?plan=Pro", "plan"),
    ],
)
def test_a_wrong_filter_is_refused(alice_api: ApiClient, path: str, attr: str) -> None:
    assert refused(alice_api.get(path), 400)[0]["attr"] == attr


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ([], "records"),
        ({"records": [{}]}, "records"),
        ({"source": "crm", "records": []}, "records"),
        ({"source": "crm", "records": {}}, "records"),
        ({"source": "crm", "records": [{}] * 1001}, "records"),
        ({"source": "crm", "records": [{}, 7]}, "records.1"),
        ({"source": "crm", "records": [{}], "more": 1}, "records"),
        ({"source": "", "records": [{}]}, "source"),
        ({"source": 7, "records": [{}]}, "source"),
        ({"source": "x" * 41, "records": [{}]}, "source"),
    ],
)
def test_a_wrong_body_is_refused_and_nothing_is_kept(alice_api: ApiClient, body: Any, attr: str) -> None:
    assert refused(alice_api.post_json(CUSTOMERS, body), 400)[0]["attr"] == attr
    assert found(Customer) == []


def test_a_payment_of_a_customer_is_found_by_them(alice_api: ApiClient) -> None:
    paid = {"amount_minor": 1050, "currency": "usd", "status": "succeeded", "paid_at": "2026-02-01T10:00:00+02:00"}
    brought(alice_api, PAYMENTS, [{"external_id": f"p{n}", "customer_ref": f"c{n}", **paid} for n in range(2)])
    (row,) = alice_api.get(PAYMENTS, {"customer_ref": "c1"}).json()["results"]
    assert (row["amount_minor"], row["currency"], row["paid_at"]) == (1050, "USD", "2026-02-01T08:00:00Z")


def test_a_key_without_the_scope_neither_reads_nor_brings(alice: Company) -> None:
    api = ApiClient(alice, ["predict", "models", "upload"])
    refused(api.get(CUSTOMERS), 403)
    refused(api.post_json(CUSTOMERS, {"source": "crm", "records": rows(1)}), 403)


def test_bob_sees_none_of_alices(alice_api: ApiClient, bob_api: ApiClient) -> None:
    brought(alice_api, CUSTOMERS, rows(1))
    mark = alice_api.get(CUSTOMERS).json()["results"][0]["id"]
    assert bob_api.get(CUSTOMERS).json()["results"] == []
    refused(bob_api.get(f"{CUSTOMERS}{mark}/"), 404)
