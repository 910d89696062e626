"""The page of the audit: who may see it, what it says, how it is filtered and paged."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard import audit as page
from platform_core.tenancy import company_in_force
from users import asking, audit
from users.event_names import Event
from users.models import Company, Membership, Role, User

PATH = "/audit/"


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def rows(answer: Any) -> list[str]:
    return [text for text in re.findall(r"<b>([^<]+)</b>", answer.content.decode()) if text in page.SAID.values()]


@pytest.fixture
def acted(alice: Company, bob: Company) -> int:
    """Alice made a key, somebody failed to sign in, a command trained; Bob did something too. Alice's id."""
    person = User.objects.get(email="alice@example.com")
    known = asking.now_asking.set(asking.of(person, alice.pk))
    audit.record(Event.KEY_CREATED, subject="key:77", detail={"scopes": ["predict"]}, company_id=alice.pk)
    asking.now_asking.reset(known)
    audit.record(Event.SIGN_IN_FAILED, subject=f"person:{person.pk}", company_id=alice.pk)
    audit.record(Event.MODEL_TRAINED, subject="model:churn/<b>v1</b>", company_id=alice.pk)
    audit.record(Event.KEY_REVOKED, subject="key:of-bob", company_id=bob.pk)
    return person.pk


def test_every_act_has_its_words_and_every_noun_its_name() -> None:
    assert set(page.SAID) == set(Event)
    assert set(page.ABOUT) == {name.partition(".")[0] for name in Event}


def test_it_says_who_did_what(browser: Client, acted: int) -> None:
    said = text_of(browser.get(PATH))
    assert "alice@example.com person:" in said
    assert "made a key key:77 scopes: predict" in said
    assert "trained a model model:churn/<b>v1</b>" in said
    assert "of-bob" not in said


def test_it_is_filtered_by_kind_by_asker_and_by_day(browser: Client, acted: int) -> None:
    assert rows(browser.get(PATH, {"about": "key"})) == ["made a key"]
    assert rows(browser.get(PATH, {"asker": f"person:{acted}", "about": "key"})) == ["made a key"]
    assert rows(browser.get(PATH, {"asker": "key:5"})) == []
    assert rows(browser.get(PATH, {"until": "2001-01-01"})) == []
    assert "made a key" in rows(browser.get(PATH, {"since": "2001-01-01"}))


def test_details_are_read_as_words() -> None:
    detail = {"erased": {"ledger": {"predictions": 3}, "models": {}}, "before": ["v1", "v2"], "note": "", "data": None}
    assert list(page.told(detail)) == [("erased ledger predictions", "3"), ("before", "v1, v2")]


@pytest.mark.parametrize("given", ["about=x", "asker='", "since=never", "until=2026-99-99", "page=x", "page=99", "x=1"])
def test_a_wrong_filter_is_no_error(browser: Client, acted: int, given: str) -> None:
    assert "made a key" in rows(browser.get(f"{PATH}?{given}"))


def test_days_are_those_of_the_company(browser: Client, alice: Company, acted: int) -> None:
    with company_in_force(alice.pk):
        alice.time_zone = "Pacific/Kiritimati"
        alice.save()
        made = audit.AuditEvent.objects.get(act="key.created", subject="key:77")
    day = made.at.astimezone(page.ZoneInfo("Pacific/Kiritimati")).date()
    assert rows(browser.get(PATH, {"about": "key", "since": day, "until": day})) == ["made a key"]


def test_pages_lead_to_each_other(browser: Client, alice: Company, acted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_SIZE", 1)
    first = browser.get(PATH, {"about": "key"})
    assert 'rel="next"' not in first.content.decode()
    audit.record(Event.KEY_REVOKED, company_id=alice.pk)
    first = browser.get(PATH, {"about": "key"})
    assert rows(first) == ["revoked a key"]
    older = re.search(r'href="([^"]+)" rel="next"', first.content.decode())
    assert older is not None
    assert rows(browser.get(PATH + unescape(older[1]))) == ["made a key"]


def test_the_number_of_queries_does_not_grow(browser: Client, alice: Company, acted: int) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get(PATH)
        return len(captured)

    few = queries()
    for number in range(30):
        audit.record(Event.KEY_CREATED, subject=f"key:{number}", company_id=alice.pk)
    assert queries() == few


@pytest.mark.parametrize("role", Role.values)
def test_only_owners_and_admins_see_it_and_its_link(browser: Client, alice: Company, role: str) -> None:
    with company_in_force(alice.pk):
        Membership.objects.update(role=role)
    may = role in {"owner", "admin"}
    assert browser.get(PATH).status_code == (200 if may else 403)
    assert (b'href="/audit/"' in browser.get("/").content) is may


def test_nobody_is_sent_to_sign_in(db: None) -> None:
    assert Client().get(PATH)["Location"] == "/sign-in/?next=/audit/"
