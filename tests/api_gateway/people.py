"""How the tests of sign-in ask, and the people they ask as."""

from __future__ import annotations

from typing import Any

from django.test import Client

from platform_core.tenancy import company_in_force
from users.models import Company, Membership, Role, User

ALICE = {"email": "alice@example.com", "password": "a-Long-pass-1"}
BOB = {"email": "bob@example.com", "password": "b-Long-pass-2"}
GOOD = "tr0ub4dor-and-Staple"


def send(path: str, body: Any, token: str = "", method: str = "post", **more: Any) -> Any:
    """A request below /api/auth/, as nobody or with an access token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    ask = getattr(Client(headers=headers, **more), method)
    return ask(f"/api/auth/{path}/", body, content_type="application/json")


def pair(who: dict[str, str] = ALICE, **more: Any) -> dict[str, str]:
    """Tokens of a person."""
    answer = send("token", {**who, **more})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def me(token: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/auth/me/")


def join(email: str, company: Company, role: str = Role.VIEWER) -> User:
    """Makes a person a member of one more company."""
    person = User.objects.get(email=email)
    with company_in_force(company.pk):
        Membership.objects.create(company=company, user=person, role=role)
    return person


def leave(email: str, company: Company) -> None:
    """Ends a membership."""
    with company_in_force(company.pk):
        Membership.objects.filter(user__email=email).delete()
