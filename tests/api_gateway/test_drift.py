"""The verdict on drift over the API: whose, of which days, and kept or made now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from file_uploads import drift_watch
from ml_services import drift
from platform_core.tenancy import company_in_force
from tests.api_gateway.asking import refused
from tests.conftest import ApiClient
from tests.ml_services.drift import windows
from tests.ml_services.drift.windows import fill, records, scores, version
from users.models import Company

PATH = "/api/models/churn/drift/"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "NOW", datetime.now(windows.UTC))


def test_a_company_sees_its_own_verdict(alice: Company, bob: Company, alice_api: ApiClient, bob_api: ApiClient) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6, lower=6.0))
    told = alice_api.get(PATH).json()
    assert (told["verdict"], told["version"], told["window"]["rows"]) == ("drift", "v1", 300)
    assert told["stored"] is False
    other = bob_api.get(PATH).json()
    assert (other["verdict"], other["version"], other["window"]["rows"]) == ("unknown", None, 0)


def test_the_nights_verdict_answers_unless_other_days_are_asked_for(alice: Company, alice_api: ApiClient) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6))
    with company_in_force(alice.pk):
        drift_watch.keep(drift.verdict("churn"))
    fill(alice, records(300, 5), scores(300, 6))
    kept, now = alice_api.get(PATH).json(), alice_api.get(f"{PATH}?days=1").json()
    assert (kept["stored"], kept["window"]["rows"]) == (True, 300)
    assert (now["stored"], now["window"]["rows"], now["window"]["days"], now["verdict"]) == (False, 0, 1, "unknown")


@pytest.mark.parametrize("days", ["0", "-1", "abc", "1.5", "367", "", "9" * 50])
def test_days_that_cannot_be_are_refused_by_name(alice_api: ApiClient, days: str) -> None:
    assert refused(alice_api.get(PATH, {"days": days}), 400)[0]["attr"] == "days"


def test_an_unknown_predictor_is_404(alice_api: ApiClient) -> None:
    refused(alice_api.get("/api/models/nothing/drift/"), 404, "not_found")


def test_a_key_that_may_only_predict_sees_nothing(alice: Company) -> None:
    refused(ApiClient(alice, ["predict"]).get(PATH), 403)


def test_every_predictor_has_an_answer(alice_api: ApiClient) -> None:
    found: dict[str, Any] = {one["predictor"]: one for one in alice_api.get("/api/models/").json()["results"]}
    for name in found:
        told = alice_api.get(f"/api/models/{name}/drift/").json()
        assert (told["verdict"], bool(told["reasons"])) == ("unknown", True)
