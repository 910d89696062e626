"""Bob brings records with Alice's own ids in them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from platform_core.records.kinds import KINDS
from tests.conformance.alices_world import World
from tests.conftest import ApiClient


@pytest.mark.parametrize("kind", KINDS)
def test_bobs_record_with_alices_ids_is_his_own_and_changes_nothing_of_hers(
    kind: str, bob_api: ApiClient, world: World
) -> None:
    now = "2026-01-01T00:00:00Z"
    needed = {"amount_minor": 7, "currency": "EUR", "status": "failed", "customer_ref": "alices-record"}
    names = {column.name for column in KINDS[kind].columns}
    row = {"external_id": "alices-record", KINDS[kind].moment: now} | {k: v for k, v in needed.items() if k in names}
    path = reverse(kind)
    taken = bob_api.post_json(path, {"source": "alices-crm", "records": [row]}).json()
    assert (taken["created"], taken["rejected"]) == (1, [])
    mine = bob_api.get(path).json()["results"][0]
    assert bob_api.get(f"{path}{world.ids[KINDS[kind].name]}/").status_code == 404
    hers = world.api.get(path).json()["results"]
    assert [one["id"] for one in hers] == [world.ids[KINDS[kind].name]]
    assert mine["id"] != hers[0]["id"]
    assert hers[0]["email"] == "alices-lead@example.com"
