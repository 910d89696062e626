"""The pages of what was predicted: the list, one prediction, what happened, and usage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from ml_services import registry
from platform_core.tenancy import company_in_force
from request_logs import access
from request_logs.models import Outcome, Prediction
from tests.api_gateway.asking import CHURN, GOOD
from tests.api_gateway.conftest import FIELDS, let_serve
from tests.api_gateway.test_ledger import predicted
from tests.conftest import ApiClient
from tests.dashboard.test_views import text_of
from tests.stored import found
from users.models import Company, Membership

LIST = "/predictions/"
FORM = {"f0": "3", "f1": "monthly"}


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


def as_role(company: Company, role: str) -> None:
    with company_in_force(company.pk):
        Membership.objects.filter(company=company).update(role=role)


def test_what_was_asked_on_a_page_is_in_the_history_with_its_reasons(browser: Client) -> None:
    let_serve(registry.predictor("churn"), FIELDS)
    asked = browser.post("/predictors/churn/", FORM)
    rows = found(Prediction)
    assert len(rows) == 1, text_of(asked)
    assert (rows[0].asker_kind, rows[0].predictor) == ("person", "churn")
    assert f"/predictions/{rows[0].pk}/" in text_of(asked)
    listed = text_of(browser.get(LIST))
    assert "probability 50.0 %" in listed
    assert "alice@example.com" in listed
    page = text_of(browser.get(f"{LIST}{rows[0].pk}/"))
    assert "lowers it" in page
    assert "monthly" in page


def test_the_list_is_narrowed_and_goes_on(alice: Company, browser: Client) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(55):
        predicted(alice, start + timedelta(hours=number), external_id=f"crm-{number}")
    first = text_of(browser.get(LIST))
    assert first.count("<tr>") == 51
    older = first.split('href="?')[-1].split('"')[0]
    assert text_of(browser.get(f"{LIST}?{older}")).count("<tr>") == 6
    assert text_of(browser.get(LIST, {"external_id": "crm-3"})).count("<tr>") == 2
    assert text_of(browser.get(LIST, {"since": "2026-03-01", "to": "", "until": "2026-03-01"})).count("<tr>") == 25
    assert "Nothing fits" in text_of(browser.get(LIST, {"predictor": "clv"}))


@pytest.mark.parametrize(
    "query", ["predictor=x", "since=soon", "cursor=5", "until=9999-12-31", "external_id=" + "x" * 300]
)
def test_a_wrong_filter_is_no_error(alice: Company, browser: Client, query: str) -> None:
    assert browser.get(f"{LIST}?{query}").status_code == 200


def test_nothing_yet_says_what_to_do(browser: Client) -> None:
    assert "Try a predictor" in text_of(browser.get(LIST))
    assert "Try a predictor" in text_of(browser.get("/usage/"))


def test_another_companys_prediction_is_not_there(bob: Company, browser: Client) -> None:
    row = predicted(bob)
    assert browser.get(f"{LIST}{row.pk}/").status_code == 404
    assert browser.post(f"{LIST}{row.pk}/", {"outcome": "true"}).status_code == 404
    assert browser.get(f"{LIST}{uuid4()}/").status_code == 404
    assert str(row.pk) not in text_of(browser.get(LIST))


@pytest.mark.parametrize(
    ("predictor", "output", "said", "shown"),
    [
        ("churn", {"probability": 0.5, "risk": "low"}, "true", "yes"),
        ("clv", {"value": 5}, "1240.5", "1240.5"),
        ("segment", {"segment": "s1"}, "s2", "s2"),
        ("sentiment", {"label": "positive"}, "negative", "negative"),
    ],
)
def test_what_happened_can_be_told(
    alice: Company, browser: Client, predictor: str, output: dict[str, Any], said: str, shown: str
) -> None:
    row = predicted(alice, predictor=predictor, output=output)
    answer = browser.post(f"{LIST}{row.pk}/", {"outcome": said}, follow=True)
    assert "Noted" in text_of(answer)
    assert f"<b>{shown}</b>" in text_of(answer)
    assert "Known already" in text_of(browser.post(f"{LIST}{row.pk}/", {"outcome": said}, follow=True))
    assert len(found(Outcome)) == 1


def test_what_cannot_have_happened_is_said(alice: Company, browser: Client) -> None:
    row = predicted(alice)
    assert "true or false" in text_of(browser.post(f"{LIST}{row.pk}/", {"outcome": "perhaps"}, follow=True))
    assert found(Outcome) == []


def test_a_viewer_sees_but_tells_and_asks_nothing(alice: Company, browser: Client) -> None:
    row = predicted(alice)
    as_role(alice, "viewer")
    assert 'name="outcome"' not in text_of(browser.get(f"{LIST}{row.pk}/"))
    assert browser.post(f"{LIST}{row.pk}/", {"outcome": "true"}).status_code == 403
    assert browser.get("/usage/").status_code == 403
    let_serve(registry.predictor("churn"), FIELDS)
    assert "may look" in text_of(browser.post("/predictors/churn/", FORM))


def test_a_prediction_is_computed_again(browser: Client) -> None:
    let_serve(registry.predictor("churn"), FIELDS)
    browser.post("/predictors/churn/", FORM)
    (row,) = found(Prediction)
    assert "the same to the last digit" in text_of(browser.post(f"{LIST}{row.pk}/", {"again": "1"}))


def test_a_prediction_of_a_version_that_is_gone_says_so(alice: Company, browser: Client) -> None:
    row = predicted(alice, version="long-gone", version_company=alice.pk)
    assert "cannot compute again" in text_of(browser.post(f"{LIST}{row.pk}/", {"again": "1"}))


def test_a_row_of_a_predictor_that_is_gone_is_still_shown(alice: Company, browser: Client) -> None:
    row = predicted(alice, predictor="old-one", input={"a": "<b>"}, redacted=["a"])
    assert "old-one" in text_of(browser.get(LIST))
    assert "not kept: personal" in text_of(browser.get(f"{LIST}{row.pk}/"))


def test_usage_adds_up_what_was_asked(alice: Company, alice_api: ApiClient, browser: Client) -> None:
    let_serve(registry.predictor("churn"), FIELDS)
    alice_api.post_json(CHURN, {"records": [GOOD] * 3})
    alice_api.post_json(CHURN, {})
    access.flush()
    page = text_of(browser.get("/usage/", {"days": "7"}))
    assert "last 7 days" in page
    assert "<b>3</b><span>predictions</span>" in page
    assert "<b>2</b><span>requests</span>" in page
    assert registry.predictor("churn").title in page
    assert browser.get("/usage/", {"days": "x"}).status_code == 200


def test_more_rows_cost_no_more_queries(alice: Company, browser: Client, django_assert_num_queries: Any) -> None:
    counts = []
    for count in (1, 20):
        for _ in range(count):
            predicted(alice)
        with django_assert_num_queries(counts[0] if counts else 8, exact=False) as asked:
            browser.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]
