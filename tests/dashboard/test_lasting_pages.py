"""A prediction's page long after it: why it changed, past cases like it, what if."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from ml_services import past_models
from ml_services.lasting.questions import SEARCH_COST
from tests.conftest import ApiClient
from tests.dashboard.test_ledger_pages import as_role
from tests.dashboard.test_views import text_of
from tests.ml_services.lasting.kinds import model, records
from tests.ml_services.lasting.serving_kinds import asked, changeable, happened, serves
from users.models import Company


@pytest.fixture(autouse=True)
def _no_model_of_the_past() -> Iterator[None]:
    yield
    past_models.forget()


@pytest.fixture
def marks(alice: Company, alice_api: ApiClient, browser: Client) -> list[str]:
    """Two predictions about one customer, by two versions."""
    serves(alice, "v1", model("lightgbm", seed=1))
    first = asked(alice_api, records(2)[0] | {"external_id": "crm-7"})
    serves(alice, "v2", model("lightgbm", seed=2))
    return [first, asked(alice_api, records(2)[1] | {"external_id": "crm-7"})]


def page(browser: Client, mark: str, query: str = "") -> str:
    return text_of(browser.get(f"/predictions/{mark}/{query}"))


def test_why_it_changed_is_offered_and_then_drawn_in_steps(browser: Client, marks: list[str]) -> None:
    assert "Say what changed since" in page(browser, marks[1])
    told = page(browser, marks[1], "?why=1")
    assert "v1 → v2" in told
    assert told.count("points</b>") >= 2
    assert "add up exactly" in told
    assert "spend" in told


def test_what_has_no_earlier_one_says_why(browser: Client, marks: list[str], alice_api: ApiClient) -> None:
    assert "first prediction about" in page(browser, marks[0], "?why=1")
    assert "without an id of yours" in page(browser, asked(alice_api, records(1)[0]), "?why=1")


def test_cases_are_offered_counted_and_listed(browser: Client, marks: list[str], alice_api: ApiClient) -> None:
    assert "Find them" in page(browser, marks[1])
    assert "0 past predictions have an outcome" in page(browser, marks[1], "?cases=1")
    for k, record in enumerate(records(12)):
        happened(alice_api, asked(alice_api, record | {"external_id": f"past-{k}"}), True)
    told = page(browser, marks[1], "?cases=1")
    assert "nearest of 12 past predictions" in told
    assert told.count("<b>yes</b>") == 5


def test_a_what_if_says_where_to_mark_fields_until_some_are(alice: Company, browser: Client, marks: list[str]) -> None:
    assert "/api/models/churn/settings/" in page(browser, marks[1])
    changeable(alice, "plan", "spend")
    assert 'name="w0"' in page(browser, marks[1])


def test_a_what_if_is_answered_and_labelled(alice: Company, browser: Client, marks: list[str]) -> None:
    changeable(alice, "plan", "spend")
    path = f"/predictions/{marks[1]}/"
    named = text_of(browser.post(path, {"if": "named", "w0": "2", "w1": "10"}))
    assert "would be" in named
    assert "Association, not cause." in named
    best = text_of(browser.post(path, {"if": "best"}))
    assert "<h4>Lower</h4>" in best
    assert "→" in best


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"w1": "999999"}, "outside what this version saw"),
        ({"w1": "much"}, "number"),
        ({"w0": "nine"}, "outside what this version saw"),
        ({}, "Change at least one field"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_form(
    form: dict[str, str], said: str, alice: Company, browser: Client, marks: list[str]
) -> None:
    changeable(alice, "plan", "spend")
    assert said in text_of(browser.post(f"/predictions/{marks[1]}/", {"if": "named", **form}))


def test_who_may_only_look_is_offered_no_what_if(alice: Company, browser: Client, marks: list[str]) -> None:
    changeable(alice, "plan")
    as_role(alice, "viewer")
    assert "What if" not in page(browser, marks[1])
    assert "would be" not in text_of(browser.post(f"/predictions/{marks[1]}/", {"if": "named", "w0": "2"}))
    assert "add up exactly" in page(browser, marks[1], "?why=1")


def test_what_is_worked_out_on_the_page_costs_as_over_the_api(
    alice: Company, browser: Client, marks: list[str], settings: Any
) -> None:
    changeable(alice, "plan")
    settings.LIMITS = {"LIMIT_USER_MINUTE": SEARCH_COST + 2}
    path = f"/predictions/{marks[1]}/"
    assert browser.post(path, {"if": "best"}).status_code == 200
    assert [browser.get(path, {"why": "1"}).status_code for _ in range(2)] == [200, 429]
    assert browser.get(path).status_code == 200
