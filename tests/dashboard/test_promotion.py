"""Versions on a predictor's page: how they compare, and who may let them serve."""

from __future__ import annotations

import pytest
from django.test import Client

from ml_services import artifacts, services
from ml_services.models import ModelVersion
from platform_core.tenancy import installation_wide
from tests.dashboard.test_views import CHURN, text_of
from tests.ml_services.fakes import trained
from tests.stored import found, made
from users.events import AuditEvent
from users.models import Company, Membership, Role

COMPARED = {
    "verdict": "equal", "promotes": True, "reason": "ROC AUC 0.81 against 0.80 <of> what serves.", "metric": "roc_auc",
    "champion": 0.8, "challenger": 0.81, "difference": 0.01, "low": -0.004, "high": 0.024, "rows": 1234,
    "on": "locked hold-out", "calibration": {"champion": 0.01, "challenger": 0.02, "holds": True}, "against": "v1",
    "way": "both unseen", "notes": ["Less data than before."],
}  # fmt: skip


@pytest.fixture
def versions(alice: Company) -> None:
    """v1 served, v2 serves."""
    for name, comparison in (("v1", None), ("v2", COMPARED)):
        artifacts.save(company_id=alice.pk, predictor="churn", version=name, trained=trained())
        row = made(
            ModelVersion,
            company=alice,
            predictor="churn",
            version=name,
            evidence="full",
            card={},
            comparison=comparison,
        )
        services.promote(version=row)


def serves(company: Company) -> list[str]:
    return [row.version for row in found(ModelVersion, company=company, serving=True)]


def test_the_page_compares_with_the_version_before(browser: Client, versions: None) -> None:
    page = text_of(browser.get(CHURN))
    for told in ("Compared with the version before", "0.810", "1,234", "-0.004 to 0.024", "Less data than before."):
        assert told in page
    assert "<of>" not in browser.get(CHURN).content.decode(), "escaped"


def test_one_goes_back_with_a_reason(alice: Company, browser: Client, versions: None) -> None:
    assert "Go back to it" in text_of(browser.get(CHURN))
    answer = browser.post(f"{CHURN}versions/v1/promote/", {"reason": "Complaints.", "expected": "v2"}, follow=True)
    assert "v1 serves now" in text_of(answer)
    assert serves(alice) == ["v1"]
    assert found(AuditEvent, act="model.promoted")[-1].detail["reason"] == "Complaints."


def test_a_page_shown_before_another_came_first_says_so(alice: Company, browser: Client, versions: None) -> None:
    answer = browser.post(f"{CHURN}versions/v1/promote/", {"expected": "v0"}, follow=True)
    assert "Version v2 of churn serves now" in text_of(answer)
    assert serves(alice) == ["v2"]


def test_a_reason_too_long_is_told(alice: Company, browser: Client, versions: None) -> None:
    answer = browser.post(f"{CHURN}versions/v1/promote/", {"reason": "x" * 501}, follow=True)
    assert "more than 500 characters" in text_of(answer)
    assert serves(alice) == ["v2"]


def test_who_may_only_look_has_no_button_and_no_way(alice: Company, browser: Client, versions: None) -> None:
    with installation_wide():
        Membership.objects.update(role=Role.VIEWER)
    assert "Go back to it" not in text_of(browser.get(CHURN))
    assert browser.post(f"{CHURN}versions/v1/promote/").status_code == 403
    assert serves(alice) == ["v2"]


def test_another_companys_version_is_404(bob: Company, browser: Client, versions: None) -> None:
    made(ModelVersion, company=bob, predictor="churn", version="b1", evidence="full", card={})
    assert browser.post(f"{CHURN}versions/b1/promote/").status_code == 404
    assert "b1" not in text_of(browser.get(CHURN))
