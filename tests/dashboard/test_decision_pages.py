"""The pages of decisions: bands, money and its curve, who moves, and the settings of a predictor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from ml_services import past_models
from ml_services.models import PredictorSetting
from request_logs.models import Outcome
from tests.api_gateway.test_ledger import predicted
from tests.dashboard.test_views import text_of
from tests.ml_services.decisions.versions import PRO, judged, version
from tests.stored import found, made
from tests.users.people import member
from users.models import Company, Role

PAGE, SETTINGS, PLAN, MOVERS = (
    f"/predictors/churn/{path}" for path in ("", "settings/", "plan/", "versions/v2/movers/")
)
GIVEN = {
    "cuts": "0.3, 0.55", "value_per_win": "120,50", "cost_per_action": "4", "capacity": "20", "horizon_days": "90",
    "changeable": "plan", "shadow_version": "", "shadow_share": "0", "cron": "",
}  # fmt: skip


@pytest.fixture
def signed_in(alice: Company) -> Iterator[Client]:
    client = Client()
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    version(alice, "v1", judged=judged({0.1: (100, 8), 0.6: (50, 30)}))
    version(alice, "v2", PRO, promote=False)
    yield client
    past_models.forget()


def test_the_page_shows_the_bands_with_what_came(signed_in: Client) -> None:
    page = text_of(signed_in.get(PAGE))
    assert "60.0 %</b>" in page
    assert "20.0 % to 50.0 %" in page
    assert "Say what a win is worth" in page
    assert page.count(">v2<") == 1, "each version stands once"
    assert 'href="/predictors/churn/versions/v2/movers/"' in page


def test_settings_are_saved_and_the_curve_is_drawn(signed_in: Client) -> None:
    assert signed_in.post(SETTINGS, GIVEN)["Location"] == PAGE
    row = found(PredictorSetting)[0]
    assert (row.bands[-1]["cuts"], str(row.value_per_win), row.capacity) == ([0.3, 0.55], "120.50", 20)
    answer = signed_in.get(PAGE)
    page = text_of(answer)
    assert "Saved." in page
    points = re.search(r'class="curve" points="([^"]+)"', page)
    assert points is not None
    assert all(0 <= float(number) <= 300 for number in re.split("[ ,]", points[1]))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", answer.content.decode())


def test_saving_again_what_is_shown_changes_no_cuts(signed_in: Client) -> None:
    signed_in.post(SETTINGS, GIVEN)
    signed_in.post(SETTINGS, {**GIVEN, "cuts": "0.3, 0.55", "capacity": ""})
    row = found(PredictorSetting)[0]
    assert (len(row.bands), row.capacity) == (1, None)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("cuts", "0.5"), ("cuts", "a, b"), ("capacity", "many"), ("cost_per_action", "-4"), ("cron", "at noon")],
)
def test_a_wrong_setting_is_told_beside_its_control_and_kept(signed_in: Client, name: str, typed: str) -> None:
    answer = signed_in.post(SETTINGS, {**GIVEN, name: typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {name}
    assert f'value="{typed}"' in text_of(answer)
    assert found(PredictorSetting) == []


def test_a_plan_for_the_records_of_the_last_weeks(signed_in: Client, alice: Company) -> None:
    for said in (0.9, 0.6, 0.01):
        predicted(alice, output={"probability": said, "risk": "low"})
    page = text_of(signed_in.get(PLAN, {"value_per_win": "100", "cost_per_action": "20", "capacity": ""}))
    assert "Act on <b>2</b> of 3 records" in page
    assert "from a probability of <b>60.0 %</b>" in page
    refused = text_of(signed_in.get(PLAN, {"value_per_win": "0", "cost_per_action": "20"}))
    assert "Must be above 0" in refused
    assert text_of(signed_in.get(PLAN)).count("Act on") == 0
    assert "gives no probability" in text_of(signed_in.get("/predictors/clv/plan/", {"value_per_win": "1"}))


def test_who_moves_is_shown_before_promotion(signed_in: Client, alice: Company) -> None:
    assert "Ask for some predictions first" in text_of(signed_in.get(MOVERS))
    for number in range(3):
        predicted(alice, input={"plan": "basic"}, external_id=f"crm-{number}")
    page = text_of(signed_in.get(MOVERS))
    assert "3 of 3 records change their band" in page
    assert "crm-1" in page
    assert "60.0 % high" in page


def test_whose_artifact_is_gone_is_told(signed_in: Client, alice: Company, tmp_path: Any) -> None:
    (tmp_path / "models" / str(alice.pk) / "churn" / "v2" / "manifest.json").unlink()
    assert "is missing" in text_of(signed_in.get(MOVERS))


def test_bob_finds_nothing_of_alices(signed_in: Client, bob: Company) -> None:
    client = Client()
    assert client.login(username="bob@example.com", password="b-Long-pass-2")
    assert client.get(MOVERS).status_code == 404
    made(PredictorSetting, company=bob, predictor="clv")
    assert "v2" not in text_of(client.get(PAGE))


def test_who_may_only_look_sees_no_form_and_changes_nothing(signed_in: Client, alice: Company) -> None:
    viewer = member(alice, Role.VIEWER, "v@alice.example")
    client = Client()
    client.force_login(viewer.user)
    assert "Say it in the settings" not in text_of(client.get(PAGE))
    assert client.post(SETTINGS, GIVEN).status_code == 403
    assert "An owner or admin can change these" in text_of(client.get(SETTINGS))
    assert found(PredictorSetting) == []


def test_predictors_without_bands_have_no_such_sections(browser: Client) -> None:
    page = text_of(browser.get("/predictors/clv/"))
    assert "Money and capacity" not in page
    assert "Bands" not in page


def test_every_setting_stands_in_one_group_of_the_form(signed_in: Client) -> None:
    form = signed_in.get(SETTINGS).context["form"]
    shown = [control.name for _, _, controls in form.groups() for control in controls]
    assert sorted(shown) == sorted(form.fields)
    page = text_of(signed_in.get("/predictors/clv/settings/"))
    assert "Learning again" in page
    assert "Money and capacity" not in page


def test_the_page_leads_to_the_sections_that_it_has(signed_in: Client) -> None:
    page = text_of(signed_in.get(PAGE))
    links = re.findall(r'<a href="#([a-z]+)">', page)
    assert links == ["try", "bands", "money", "versions", "drift", "card", "program"]
    assert all(page.count(f'id="{one}"') == 1 for one in links)


def test_the_newest_outcomes_are_enough_for_the_page(
    signed_in: Client, alice: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        row = predicted(alice, version="v1", version_company=alice.pk, output={"probability": 0.1, "risk": "low"})
        made(Outcome, company=alice, prediction=row, value=True, current=True, occurred_at=row.created_at,
             asker_kind="person", asker_id=1)  # fmt: skip
    assert "Outcomes since: the newest" not in text_of(signed_in.get(PAGE))
    monkeypatch.setattr("dashboard.decision_pages.PAGE_OUTCOMES", 2)
    page = text_of(signed_in.get(PAGE))
    assert "100.0 % of 2" in page
    assert "Outcomes since: the newest 2" in page
