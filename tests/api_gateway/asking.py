"""How the tests of the API ask, and what they demand of every refusal."""

from __future__ import annotations

from typing import Any

import msgspec
from django.test import Client

CHURN = "/api/predict/churn/"
GOOD = {"tenure_months": 3, "contract": "monthly"}


def refused(response: Any, status: int, code: str | None = None) -> list[dict[str, Any]]:
    """The errors of an answer, after a look at its shape."""
    assert response.status_code == status, response.content[:300]
    assert response["Content-Type"] == "application/json"
    assert response["X-Request-ID"]
    body = msgspec.json.decode(response.content)
    assert set(body) == {"type", "errors"}
    assert body["type"] in ({"server_error"} if status >= 500 else {"client_error", "validation_error"})
    assert body["errors"]
    for problem in body["errors"]:
        assert set(problem) == {"code", "detail", "attr"}
        assert problem["code"]
        assert problem["detail"]
    if code:
        assert body["errors"][0]["code"] == code
    return list(body["errors"])


def post(client: Client, raw: bytes | str, content_type: str = "application/json", **more: Any) -> Any:
    return client.generic("POST", CHURN, raw, content_type=content_type, **more)
