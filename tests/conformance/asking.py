"""How the tests of isolation ask: a program sends JSON, a browser its forms."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

BODIES: dict[str, Any] = {"member": {"role": "viewer"}}
FORMS: dict[str, Any] = {"company-member": {"remove": "1"}}
"""What a page's form sends."""
NOBODYS = "01890000-0000-7000-8000-000000000000"
ELSEWHERE = {"prediction": NOBODYS, "delivery": NOBODYS, "upload": NOBODYS, "version": "nobodys", "run": 2**40}
"""Ids that nobody has, in the form that the path wants; 2**40 for the others."""


def ask(client: Client, method: str, name: str, values: dict[str, Any]) -> Any:
    path = reverse(name, kwargs=values)
    if not path.startswith("/api/"):
        return getattr(client, method)(path, FORMS.get(name, {}))
    if method in {"get", "delete"}:
        return getattr(client, method)(path)
    return getattr(client, method)(path, BODIES.get(name, {}), content_type="application/json")


def text_of(answer: Any) -> str:
    """An answer without the mark that each form has anew."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", answer.content.decode())
