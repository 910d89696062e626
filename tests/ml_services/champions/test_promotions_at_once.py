"""Two promotions at one moment, on connections of their own: one wins, both are told, one version serves."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ml_services import services
from tests.conftest import ApiClient
from tests.ml_services.champions.test_promotions import serves, version
from tests.stored import found
from users.events import AuditEvent
from users.models import Company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


@pytest.mark.parametrize("expected", [{}, {"expected": "v1"}], ids=["nothing expected", "v1 expected"])
def test_one_wins_and_both_are_told(
    alice: Company, alice_api: ApiClient, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    services.promote(version=version(alice, "v1", 3.0))
    for name, factor in (("v2", 5.0), ("v3", 7.0)):
        version(alice, name, factor)
    before, both, prove = len(found(AuditEvent, act="model.promoted")), threading.Barrier(2), services._prove

    def proved(row: object, stays: str) -> None:
        prove(row, stays)  # type: ignore[arg-type]
        both.wait(20)  # both have seen v1 serve, and neither has taken its place

    monkeypatch.setattr(services, "_prove", proved)

    def promote(name: str) -> tuple[int, str, str]:
        try:
            answer = alice_api.post_json(f"/api/models/churn/versions/{name}/promote/", expected)
            return answer.status_code, name, str(answer.json())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        (won, winner, _), (lost, loser, told) = sorted(pool.map(promote, ["v2", "v3"]))
    assert (won, lost) == (200, 409)
    assert serves(alice) == winner
    assert f"Version {winner} of churn serves now, no longer v1: {loser} was not promoted" in told
    assert len(found(AuditEvent, act="model.promoted")) == before + 1
