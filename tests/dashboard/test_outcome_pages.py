"""The page of how answers turned out, and what it says where nothing is known."""

from __future__ import annotations

import pytest
from django.test import Client

from ml_services import registry
from tests.dashboard.test_views import text_of
from tests.ml_services.scoreboard.ledgers import came, horizon, predicted, version
from users.models import Company

PAGE = "/predictors/churn/outcomes/"


@pytest.mark.parametrize("name", list(registry.all_predictors()))
def test_nothing_yet_says_what_to_do(browser: Client, name: str) -> None:
    page = text_of(browser.get(f"/predictors/{name}/outcomes/"))
    assert "Look at its parts" in page if name == "comprehensive" else "Nothing was predicted yet" in page
    assert f"/predictors/{name}/outcomes/" in text_of(browser.get(f"/predictors/{name}/"))


def test_what_is_open_says_when_it_closes_and_how_to_report(browser: Client, alice: Company) -> None:
    horizon(alice, 30_000)
    predicted(alice, 0)
    page = text_of(browser.get(PAGE))
    assert "Nothing has closed yet" in page
    assert "2106" in page
    assert "/api/outcomes/" in page


def test_what_closed_unreported_asks_for_outcomes(browser: Client, alice: Company) -> None:
    horizon(alice)
    predicted(alice, 0)
    page = text_of(browser.get(PAGE))
    assert "Say what came" in page
    assert "silence means no" in page


def test_bands_months_and_promises_are_shown(browser: Client, alice: Company) -> None:
    horizon(alice)
    version(alice, card={"metrics": {"roc_auc": 0.8, "roc_auc_low": 0.7, "roc_auc_high": 0.9}})
    for number in range(120):
        came(predicted(alice, number / 3, 0.15), number % 2 == 0, number / 3 + 5)
    page = text_of(browser.get(PAGE))
    assert "Not as it was said" in page
    assert "more than was said" in page
    assert "15.0 %" in page and "50.0 %" in page
    assert "2024-02" in page
    assert "0.700 to 0.900" in page
    assert "style=" not in page


def test_another_companys_version_is_not_there(browser: Client, bob: Company) -> None:
    predicted(bob, 0, version="bobs")
    assert browser.get(PAGE, {"version": "bobs"}).status_code == 404
    assert "Nothing was predicted yet" in text_of(browser.get(PAGE))
    assert browser.get("/predictors/no-such/outcomes/").status_code == 404
