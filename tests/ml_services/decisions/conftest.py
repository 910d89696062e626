"""A company whose version has a shadow, and how its questions are asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from ml_services.decisions import shadow_queue, shadows
from tests.api_gateway.asking import CHURN
from tests.conftest import ApiClient
from tests.ml_services.decisions.versions import PRO, version
from users.models import Company

SETTINGS, REPORT = "/api/models/churn/settings/", "/api/models/churn/shadow/"


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    shadow_queue.forget()
    shadows._refused.clear()
    yield
    shadow_queue.forget()


@pytest.fixture
def shadowed(alice: Company, alice_api: ApiClient) -> None:
    """v1 serves Alice; v2 stands beside every answer."""
    version(alice, "v1")
    version(alice, "v2", PRO, promote=False)
    answer = alice_api.patch(SETTINGS, {"shadow_version": "v2", "shadow_share": 1}, content_type="application/json")
    assert answer.status_code == 200, answer.content


def ask(client: ApiClient, plan: str = "basic", **more: Any) -> dict[str, Any]:
    with committing():
        answer = client.post(CHURN, {"plan": plan}, content_type="application/json", **more)
    return dict(answer.json())


class committing:  # noqa: N801 - reads as a word
    """Runs what waits for a commit at the end of the block, as if it came."""

    def __enter__(self) -> None:
        self.before = len(connection.run_on_commit)

    def __exit__(self, *_: Any) -> None:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _, function, _ in waiting[self.before :]:
            function()
