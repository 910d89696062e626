"""The table of who may do what, cell by cell, over the real endpoints: every route of the API, asked by every role, by
a key of every scope, and by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.users.people import NEW, PersonClient, invited, member, owner_of
from users.models import Company, Membership, Role, Scope
from users.roles import ALLOWED, Act, role_may, scopes_may

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "ROLES.md"
METHODS = ("get", "post", "put", "patch", "delete")
DUMMIES: dict[str, Any] = {
    "predictor": "churn",
    "IntConverter": 987654321,
    "SlugConverter": "nothing",
    "StringConverter": "nothing",
    "UUIDConverter": UUID(int=987654321),
}
"""What stands in a path: for a variable of that name, else of that kind, something that is not there."""
NO_ROUTE_OF_ITS_OWN = {Act.LEAVE, Act.MANAGE_OWNERS}
"""Acts that depend on the row: asked for by tests of their own, below."""


class Route(NamedTuple):
    """One method of one path, and what it is in the table."""

    method: str
    path: str
    act: Act | None


def routes() -> Iterator[Route]:
    """Every method of every path of the API that is not open to all."""
    for pattern in patterns(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        if view is None or not hasattr(view, "acts") or pattern.name is None:
            continue
        if [one.__name__ for one in view.permission_classes] != ["InCompany"]:
            continue
        values = {
            name: DUMMIES.get(name, DUMMIES[type(kind).__name__]) for name, kind in pattern.pattern.converters.items()
        }
        for method in METHODS:
            if hasattr(view, method):
                yield Route(method, reverse(pattern.name, kwargs=values), view.acts.get(method))


def patterns(found: Any) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns) if "admin" not in str(one.pattern) else ()
        else:
            yield one


ROUTES = sorted(routes(), key=lambda route: (route.path, route.method))
Askers = dict[str, Client]


@pytest.fixture
def people(alice: Company) -> Askers:
    """A member of each role."""
    places = {role: owner_of(alice) if role == Role.OWNER else member(alice, role) for role in Role.values}
    return {role: PersonClient(place) for role, place in places.items()}


def ask(client: Client, route: Route) -> int:
    answer = getattr(client, route.method)(route.path, {} if route.method == "get" else "{}", "application/json")
    if answer.status_code in {401, 403}:
        refused(answer, answer.status_code)
    return int(answer.status_code)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_cell_of_the_table(alice: Company, people: Askers, route: Route) -> None:
    assert route.act is not None, "a method without an act is closed to all"
    expected = {role: role_may(role, route.act) for role in Role.values}
    askers: Askers = {**people}
    for scope in Scope.values:
        askers[f"key of {scope}"] = ApiClient(alice, [scope])
        expected[f"key of {scope}"] = scopes_may(frozenset({scope}), route.act)
    askers["key of all scopes but those of the table"] = ApiClient(
        alice, sorted(set(Scope.values) - ALLOWED[route.act].scopes)
    )
    expected["key of all scopes but those of the table"] = False
    found = {name: ask(client, route) for name, client in askers.items()}
    assert {name: status != 403 for name, status in found.items()} == expected
    assert 401 not in found.values()
    assert ask(Client(), route) == 401


def test_every_act_is_asked_for_somewhere() -> None:
    asked = {route.act for route in ROUTES}
    assert set(Act) == set(ALLOWED)
    assert set(Act) - asked == NO_ROUTE_OF_ITS_OWN


@pytest.mark.parametrize("role", Role.values)
def test_everybody_leaves_and_nobody_else_ends_it_so(alice: Company, people: Askers, role: str) -> None:
    member(alice, Role.OWNER, "second@alice.example")
    with company_in_force(alice.pk):
        own = Membership.objects.filter(role=role).earliest("pk")
    path = f"/api/company/members/{own.pk}/"
    refused(ApiClient(alice, sorted(set(Scope.values) - {Scope.ADMIN})).delete(path), 403)
    refused(Client().delete(path), 401)
    assert people[role].delete(path).status_code == (204 if role_may(role, Act.LEAVE) else 403)


@pytest.mark.parametrize("asker", [*Role.values, "key"])
def test_only_who_may_makes_and_unmakes_owners(alice: Company, people: Askers, asker: str) -> None:
    client: Any = ApiClient(alice, list(Scope.values)) if asker == "key" else people[asker]
    allowed = asker != "key" and role_may(asker, Act.MANAGE_OWNERS)
    assert not ALLOWED[Act.MANAGE_OWNERS].scopes
    viewer = member(alice, Role.VIEWER, "v@alice.example")
    second = member(alice, Role.OWNER, "second@alice.example")

    def may(method: str, path: str, body: Any, good: int) -> None:
        status = getattr(client, method)(path, body, content_type="application/json").status_code
        assert status == (good if allowed else 403), (method, path)

    may("patch", f"/api/company/members/{viewer.pk}/", {"role": "owner"}, 200)
    may("patch", f"/api/company/members/{second.pk}/", {"role": "viewer"}, 200)
    third = member(alice, Role.OWNER, "third@alice.example")
    may("delete", f"/api/company/members/{third.pk}/", {}, 204)
    may("post", "/api/company/invitations/", {"email": NEW, "role": "owner"}, 201)


def test_the_roles_count_in_the_company_in_force_only(alice: Company, bob: Company) -> None:
    both = member(alice, Role.VIEWER, "bob@example.com")
    row = invited(alice)
    as_viewer, as_owner = PersonClient(both), PersonClient(owner_of(bob))
    refused(as_viewer.get("/api/keys/"), 403)
    assert as_owner.get("/api/keys/").status_code == 200
    refused(as_owner.delete(f"/api/company/invitations/{row.pk}/"), 404)
    refused(as_owner.patch_json(f"/api/company/members/{both.pk}/", {"role": "owner"}), 404)


def table() -> str:
    """The table as docs/ROLES.md shows it."""
    lines = [f"| act | {' | '.join(Role.values)} | key with |", f"| --- |{' --- |' * len(Role.values)} --- |"]
    for rule in ALLOWED.values():
        cells = ["yes" if role in rule.roles else "" for role in Role.values]
        scopes = ", ".join(f"`{scope}`" for scope in Scope.values if scope in rule.scopes) or "people only"
        lines.append(f"| {rule.about} | {' | '.join(cells)} | {scopes} |")
    return "\n".join(lines)


def test_the_document_shows_the_same_table() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), f"docs/ROLES.md must hold\n{table()}"
