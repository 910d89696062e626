"""The predictor's page says whether the model still meets what it learned from."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from tests.ml_services.drift import windows
from tests.ml_services.drift.windows import fill, records, scores, version
from users.models import Company

CHURN = "/predictors/churn/"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "NOW", datetime.now(windows.UTC))


def test_without_predictions_the_page_says_that_nothing_is_known(alice: Company, browser: Client) -> None:
    version(alice)
    page = browser.get(CHURN).content.decode()
    assert "not known yet" in page
    assert "at least 200 are needed" in page


def test_a_moved_column_is_shown_before_and_after(alice: Company, browser: Client) -> None:
    version(alice)
    fill(alice, [{**one, "plan": "pro"} for one in records(300, 5)], scores(300, 6))
    page = browser.get(CHURN).content.decode()
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
    assert "not known yet" in browser.get(CHURN).content.decode()
    fill(alice, records(300, 5), scores(300, 6, lower=9.0))
    page = browser.get(CHURN).content.decode()
    assert "train again on newer data" in page
    assert "Scores moved" in page


def test_a_forecast_has_no_such_part(browser: Client) -> None:
    assert "Does it still meet" not in browser.get("/predictors/sales-forecast/").content.decode()
