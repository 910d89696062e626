"""Settings of a predictor, bands and money over the API: checked field by field, audited, and each company's own."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services import serving
from ml_services.models import PredictorSetting
from tests.api_gateway.asking import refused
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.ml_services.decisions.versions import judged, version
from tests.stored import found
from users.events import AuditEvent
from users.models import Company

SETTINGS, BANDS, CAPACITY = (f"/api/models/churn/{name}/" for name in ("settings", "bands", "capacity"))
JSON = "application/json"
FULL: dict[str, Any] = {
    "cuts": [0.3, 0.6], "horizon_days": 90, "changeable": ["plan"], "value_per_win": "120.50",
    "cost_per_action": "4.00", "capacity": 200, "shadow_share": 0.25,
    "retraining": {"enabled": True, "cron": "0 3 * * 1", "new_outcomes": 500, "on_drift": True, "on_new_rows": None,
                   "min_days": 14},
}  # fmt: skip


def put(client: ApiClient, given: Any) -> Any:
    return client.patch(SETTINGS, given, content_type=JSON)


def test_nothing_said_is_told_as_such(alice_api: ApiClient) -> None:
    told = alice_api.get(SETTINGS).json()
    assert (told["cuts"], told["bands"], told["horizon_days"], told["shadow_version"]) == (None, [], None, "")
    assert told["band_names"] == ["low", "medium", "high"]
    assert told["retraining"]["enabled"] is False


def test_what_is_set_is_kept_audited_and_the_companys_own(
    alice: Company, alice_api: ApiClient, bob_api: ApiClient
) -> None:
    version(alice, "v1")
    told = put(alice_api, FULL)
    assert told.status_code == 200, told.content
    assert (
        {name: told.json()[name] for name in FULL}
        == FULL
        == {name: alice_api.get(SETTINGS).json()[name] for name in FULL}
    )
    assert put(alice_api, {"capacity": None, "retraining": {"on_drift": False}}).status_code == 200
    again = alice_api.get(SETTINGS).json()
    assert (again["capacity"], again["value_per_win"]) == (None, "120.50")
    assert again["retraining"] == {**FULL["retraining"], "on_drift": False}
    details = [row.detail for row in found(AuditEvent, act="model.settings_changed")]
    assert set(details[0]) == set(FULL)
    assert details[1]["capacity"] == {"before": 200, "after": None}
    assert bob_api.get(SETTINGS).json()["cuts"] is None


def test_the_same_again_changes_and_records_nothing(alice: Company, alice_api: ApiClient) -> None:
    version(alice, "v1")
    put(alice_api, FULL)
    put(alice_api, FULL)
    assert len(found(PredictorSetting)[0].bands) == 1
    assert len(found(AuditEvent, act="model.settings_changed")) == 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "too few cuts": ({"cuts": [0.5]}, "cuts"),
    "cuts that descend": ({"cuts": [0.6, 0.3]}, "cuts"),
    "two equal cuts": ({"cuts": [0.3, 0.3]}, "cuts"),
    "a cut of nothing": ({"cuts": [0, 0.5]}, "cuts"),
    "a cut of all": ({"cuts": [0.5, 1]}, "cuts"),
    "a text for a cut": ({"cuts": ["0.3", 0.6]}, "cuts.0"),
    "no list of cuts": ({"cuts": 0.5}, "cuts"),
    "no days": ({"horizon_days": 0}, "horizon_days"),
    "too many days": ({"horizon_days": 3651}, "horizon_days"),
    "a field that is not there": ({"changeable": ["plan", "price"]}, "changeable.1"),
    "a debt for a win": ({"value_per_win": "-1"}, "value_per_win"),
    "a word for money": ({"cost_per_action": "much"}, "cost_per_action"),
    "three decimals": ({"cost_per_action": "0.125"}, "cost_per_action"),
    "half an action": ({"capacity": 1.5}, "capacity"),
    "a shadow that is not there": ({"shadow_version": "nothing"}, "shadow_version"),
    "a shadow of itself": ({"shadow_version": "v1"}, "shadow_version"),
    "more than all": ({"shadow_share": 1.5}, "shadow_share"),
    "a yes for a share": ({"shadow_share": True}, "shadow_share"),
    "a turn that never comes": ({"retraining": {"cron": "0 3 31 2 *"}}, "retraining.cron"),
    "no such trigger": ({"retraining": {"on_full_moon": True}}, "retraining.on_full_moon"),
    "outcomes of none": ({"retraining": {"new_outcomes": 0}}, "retraining.new_outcomes"),
    "nothing": ({}, ""),
    "an unknown setting": ({"colour": "red"}, "colour"),
}


@pytest.mark.parametrize(("given", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_is_refused_by_name(
    alice: Company, alice_api: ApiClient, given: dict[str, Any], named: str
) -> None:
    version(alice, "v1")
    assert (refused(put(alice_api, given), 400)[0]["attr"] or "") == named
    assert found(PredictorSetting) == []


def test_settings_that_do_not_fit_the_predictor_are_refused(alice_api: ApiClient) -> None:
    path = "/api/models/clv/settings/"
    for given in ({"cuts": [0.1, 0.2]}, {"value_per_win": "1"}, {"capacity": 5}):
        refused(alice_api.patch(path, given, content_type=JSON), 400)
    assert alice_api.patch(path, {"horizon_days": 365}, content_type=JSON).json()["horizon_days"] == 365
    given = {"retraining": {"enabled": True}}
    (problem,) = refused(alice_api.patch("/api/models/segment/settings/", given, content_type=JSON), 400)
    assert problem["attr"] == "retraining.enabled"
    refused(alice_api.get("/api/models/nothing/settings/"), 404)


def test_a_shadow_whose_artifact_is_gone_is_refused(alice: Company, alice_api: ApiClient, tmp_path: Any) -> None:
    version(alice, "v1")
    version(alice, "v2", promote=False)
    (tmp_path / "models" / str(alice.pk) / "churn" / "v2" / "manifest.json").unlink()
    assert "cannot be loaded" in str(refused(put(alice_api, {"shadow_version": "v2"}), 400)[0]["detail"])


def test_bands_are_told_with_their_rates(alice: Company, alice_api: ApiClient, bob_api: ApiClient) -> None:
    version(alice, "v1", judged=judged({0.1: (100, 8), 0.6: (50, 30)}))
    put(alice_api, {"cuts": [0.3, 0.55]})
    told = alice_api.get(BANDS).json()
    assert (told["version"], told["cuts"], told["level"]) == ("v1", [0.3, 0.55], 0.95)
    assert [one["judged"]["rows"] for one in told["bands"]] == [100, 0, 50]
    for number in range(4):
        mark = predicted(alice, version_company=alice.pk, output={"probability": 0.6, "risk": "high"}).pk
        alice_api.post_json("/api/outcomes/", {"prediction_id": str(mark), "outcome": number < 3})
    high = alice_api.get(BANDS).json()["bands"][2]["outcomes"]
    assert (high["rows"], high["wins"], high["observed"], high["as_foreseen"]) == (4, 3, 0.75, True)
    put(alice_api, {"horizon_days": 30})
    assert alice_api.get(BANDS).json()["bands"][2]["outcomes"] == {}, "their horizon has not closed"
    refused(bob_api.get(BANDS), 503, "no_model")


def test_who_may_only_look_changes_nothing(alice: Company) -> None:
    version(alice, "v1")
    refused(put(ApiClient(alice, ["predict", "upload"]), {"capacity": 1}), 403)
    assert serving.find(alice.pk, "churn").shadow is None


def test_alices_version_is_no_shadow_of_bobs(alice: Company, bob: Company, bob_api: ApiClient) -> None:
    version(bob, "b1")
    for name in ("v1", "v2"):
        version(alice, name)
    mine, nobodys = (refused(put(bob_api, {"shadow_version": name}), 400)[0] for name in ("v1", "vx"))
    assert str(mine["detail"]).replace("v1", "vx") == nobodys["detail"]
