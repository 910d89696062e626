"""The predictor's page says whether the model still meets what it learned from."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from ml_services import drift
from ml_services.drift import checks
from platform_core.tenancy import company_in_force
from tests.ml_services.drift import windows
from tests.ml_services.drift.windows import fill, records, scores, version
from users.models import Company

CHURN = "/predictors/churn/"
NOW = f"{CHURN}?drift=now"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "NOW", datetime.now(windows.UTC))


def test_without_predictions_the_page_says_that_nothing_is_known(alice: Company, browser: Client) -> None:
    version(alice)
    page = browser.get(NOW).content.decode()
    assert "not known yet" in page
    assert "at least 200 are needed" in page


def test_a_moved_column_is_shown_before_and_after(alice: Company, browser: Client) -> None:
    version(alice)
    fill(alice, [{**one, "plan": "pro"} for one in records(300, 5)], scores(300, 6))
    page = browser.get(NOW).content.decode()
    assert "inputs have moved" in page
    assert "300 predictions of this version" in page
    assert "strong shift" in page
    assert 'width="100.00"' in page


def test_drift_says_what_to_do_and_shows_nothing_of_another_company(
    alice: Company, bob: Company, browser: Client
) -> None:
    version(alice)
    version(bob)
    fill(bob, records(300, 5), scores(300, 6, lower=9.0))
    assert "not known yet" in browser.get(NOW).content.decode()
    fill(alice, records(300, 5), scores(300, 6, lower=9.0))
    page = browser.get(NOW).content.decode()
    assert "train again on newer data" in page
    assert "Scores moved" in page


def test_opening_the_page_computes_nothing_and_shows_what_the_night_found(
    alice: Company, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6, lower=9.0))
    with company_in_force(alice.pk):
        told = drift.verdict("churn")
    monkeypatch.setattr("ml_services.drift.verdict", lambda *args, **options: pytest.fail("computed"))
    page = browser.get(CHURN).content.decode()
    assert "Not checked yet" in page
    assert 'name="drift" value="now"' in page
    with company_in_force(alice.pk):
        checks.keep(told)
    page = browser.get(CHURN).content.decode()
    assert "train again on newer data" in page
    assert "as every night" in page
    assert 'name="drift" value="now"' in page


def test_a_forecast_has_no_such_part(browser: Client) -> None:
    assert "Does it still meet" not in browser.get("/predictors/sales-forecast/").content.decode()
