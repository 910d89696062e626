"""Bob tries everything of Alice's, on every path there is. A path that is added without being covered fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from platform_core.records.kinds import KINDS
from tests.api_gateway.asking import CHURN, GOOD
from tests.api_gateway.people import BOB, send
from tests.conformance import alices_world
from tests.conformance.alices_world import EXTERNAL_ID, VERSION, World, person
from tests.conformance.asking import ELSEWHERE, ask, text_of
from tests.conformance.routes import ALL, WITH_IDS, WITHOUT, methods, parameters
from tests.conftest import ApiClient
from users.models import Company

NOTHING_IN_IT = {
    "healthz", "readyz", "metrics", "schema", "swagger", "redoc", "redoc-script",
    "token", "token-refresh", "token-verify", "logout", "register", "password-forgot", "password-reset",
    "password-change", "invitation-accept", "sign-in", "sign-out", "model-schema", "webhook-secret",
}  # fmt: skip
"""Paths that tell of no company, or that ask for what only Alice knows (a password, a letter's token)."""
NO_IDS_IN_BODY = NOTHING_IN_IT | {"me", "company", "invitations", "keys", "model-train", "model-rollback"}

TRIED_WITH_IDS = {
    "outcomes", "switch", "token", "uploads", "schedules", "model-settings", "model-capacity", *KINDS,
}  # fmt: skip
"""Paths whose body may name what somebody has; tests below, in test_isolation_of_records, test_decisions and
test_money try Alice's."""
FILTERS = {
    "predictions": [{"external_id": EXTERNAL_ID}, {"version": VERSION}, {"predictor": "churn"}],
    "outcomes": [{"external_id": EXTERNAL_ID}, {"predictor": "churn"}],
    "logs": [{"predictor": "churn"}, {"method": "POST"}, {"status": "200"}],
    "usage": [{"predictor": "churn"}],
    "uploads": [{"predictor": "churn"}, {"status": "done"}],
    **{name: [{"external_id": "alices-record"}, {"search": "alices"}, {"source": "alices-crm"}] for name in KINDS},
    "audit": [{"act": "key"}, {"asker": "person:1"}],
}


@pytest.fixture(params=["key", "person"])
def bobs(request: pytest.FixtureRequest, bob: Company, bob_api: ApiClient, world: World) -> Client:
    """Bob, by a key that may do everything, and as his company's owner."""
    return bob_api if request.param == "key" else person(BOB)


@pytest.fixture
def browser(bob: Company) -> Client:
    """Bob in a browser."""
    client = Client()
    assert client.post("/sign-in/", {"username": BOB["email"], "password": BOB["password"]}).status_code == 302
    return client


def test_every_path_with_an_id_has_one_of_alices(world: World) -> None:
    named = {one for _, path, _ in ALL for one in parameters(path)}
    assert named - {"predictor", "name"} - set(world.ids) == set(), "add one to alices_world.build"


@pytest.mark.parametrize(("name", "view"), WITH_IDS, ids=[name for name, _ in WITH_IDS])
def test_alices_ids_lead_bob_nowhere(name: str, view: Any, bobs: Client, browser: Client, world: World) -> None:
    path = next(path for one, path, _ in ALL if one == name)
    bobs = bobs if path.startswith("api/") else browser
    values = {one: world.ids.get(one, "churn") for one in parameters(path)}
    nobodys = {one: ELSEWHERE.get(one, 2**40) if one in world.ids else values[one] for one in values}
    for method in methods(view):
        answer, other = ask(bobs, method, name, values), ask(bobs, method, name, nobodys)
        if answer.status_code == 403 and isinstance(bobs, ApiClient):
            assert other.status_code == 403  # not for keys at all
            continue
        if answer.status_code == 405 and bobs is browser:
            assert other.status_code == 405  # a form's address is no page
            continue
        assert answer.status_code == 404, (method, name, answer.content[:200])
        given = {str(values[one]): str(nobodys[one]) for one in values if bobs is not browser}
        text = text_of(answer)
        for mine, theirs in given.items():
            text = text.replace(mine, theirs)
        assert text == text_of(other), "what another company has answers as what nobody has"
    assert [name for name, held in alices_world.held(world).items() if not held] == [], "gone, or changed"


def pages_of(name: str) -> list[str]:
    """The paths of a route without ids of anybody's."""
    path = next(path for one, path, _ in ALL if one == name)
    return [reverse(name, kwargs=dict.fromkeys(parameters(path), "churn"))]


@pytest.mark.parametrize(("name", "view"), WITHOUT, ids=[name for name, _ in WITHOUT])
def test_nothing_of_alices_is_in_what_bob_reads(name: str, view: Any, bobs: Client, world: World) -> None:
    if name in NOTHING_IN_IT or "get" not in methods(view):
        return
    for path in pages_of(name):
        for query in [{}, *FILTERS.get(name, [])]:
            text = bobs.get(path, query).content.decode()
            assert {mark for mark in world.marks if mark in text} == set(), (path, query)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_filters_by_alices_values_find_and_count_nothing(name: str, bob_api: ApiClient, world: World) -> None:
    for query in FILTERS[name]:
        mine = [row for row in bob_api.get(reverse(name), query).json()["results"] if EXTERNAL_ID in str(row)]
        assert mine == []
    assert world.api.get("/api/predictions/", {"external_id": EXTERNAL_ID}).json()["results"]


def test_bob_sees_as_many_as_before_alice_came(bob: Company, bob_api: ApiClient, request: Any) -> None:
    lists = [name for name, path, view in ALL if name in FILTERS or name in {"keys", "members", "invitations"}]

    def counted() -> dict[str, int]:
        return {name: len(bob_api.get(reverse(name)).json()["results"]) for name in lists if name != "logs"}

    counted()
    before = counted()
    request.getfixturevalue("world")
    assert counted() == before


def test_browser_pages_show_bob_nothing_of_alices(bob: Company, world: World, client: Client) -> None:
    assert client.post("/sign-in/", {"username": BOB["email"], "password": BOB["password"]}).status_code == 302
    for name, path, _ in ALL:
        if path.startswith(("api/", "redoc", "swagger", "metrics")) or name in {"sign-out", "healthz", "readyz"}:
            continue
        values = {one: world.ids.get(one, "churn") for one in parameters(path)}
        answer = client.get(reverse(name, kwargs=values))
        if set(values) & set(world.ids):
            assert answer.status_code in {404, 405}, path
        text = answer.content.decode()
        assert {mark for mark in world.marks - {VERSION} if mark in text} == set(), path


@pytest.mark.parametrize("by", ["prediction_id", "external_id"])
def test_an_outcome_of_alices_prediction_is_not_bobs_to_tell(by: str, bob_api: ApiClient, world: World) -> None:
    about = {"prediction_id": world.ids["prediction"]} if by == "prediction_id" else {
        "external_id": EXTERNAL_ID, "predictor": "churn"
    }  # fmt: skip
    single = bob_api.post_json("/api/outcomes/", about | {"outcome": False})
    assert single.status_code == 404
    many = bob_api.post_json("/api/outcomes/", {"outcomes": [about | {"outcome": False}]})
    assert "errors" in many.json()["results"][0]
    kept = world.api.get(f"/api/predictions/{world.ids['prediction']}/").json()
    assert len(kept["outcomes"]) == 1


def test_bob_cannot_sign_in_to_alices_company(bob: Company, world: World) -> None:
    tokens = send("token", BOB).json()
    for named in ("alice", world.company.pk):
        assert send("token", {**BOB, "company": named}).status_code in {401, 404}
        assert send("switch", {"company": named}, tokens["access"]).status_code == 404


def test_bob_cannot_schedule_alices_file(bob_api: ApiClient, world: World) -> None:
    asked = {"name": "n", "upload": world.ids["upload"], "cron": "0 2 * * *"}
    assert bob_api.post_json("/api/schedules/", asked).status_code == 404


def test_alices_idempotency_key_is_not_bobs(bob_api: ApiClient, world: World) -> None:
    answer = bob_api.post(
        CHURN, GOOD | {"external_id": EXTERNAL_ID}, content_type="application/json", headers={"Idempotency-Key": "one"}
    )
    assert answer.status_code == 200
    assert answer.json()["prediction_id"] != world.ids["prediction"]
    assert "Idempotency-Replayed" not in answer.headers


def test_alice_herself_is_shown_what_bob_is_not(world: World) -> None:
    seen = " ".join(world.api.get(reverse(name)).content.decode() for name in (*FILTERS, "keys", "members", "company"))
    seen += world.api.get(reverse("model-versions", kwargs={"predictor": "churn"})).content.decode()
    assert {mark for mark in world.marks if mark not in seen} == set()


def test_every_route_that_takes_a_body_says_whose_ids_may_stand_in_it() -> None:
    taking = {
        name for name, view in WITHOUT if {"post", "put", "patch"} & set(methods(view)) and "predict-" not in name
    }
    pages = {name for name, path, _ in ALL if not path.startswith("api/")}
    assert taking - pages - NO_IDS_IN_BODY - TRIED_WITH_IDS == set(), "say so above, or try Alice's ids in its body"


def test_every_route_is_covered() -> None:
    names = {name for name, _, _ in ALL}
    assert None not in names
    assert NOTHING_IN_IT - names == set(), "no longer there"
    assert set(FILTERS) - names == set(), "no longer there"
