"""No page breaks the content policy in a real browser: what the policy blocks, the browser tells its console."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.test import Client

from tests.api_gateway.conftest import let_all_serve
from users.models import Company, User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGES = ["/", "/predictors/churn/", "/audit/", "/redoc/", "/admin/", "/admin/password_change/", "/nothing/"]
STRANGERS_PAGES = ["/sign-in/", "/admin/login/"]
SETTLED_MS = 1_000
ADVICE = ("404 (Not Found)", "[DOM]")
"""What a browser says that blocks nothing: no icon, how a form may be improved."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")]


@pytest.fixture
def session(live_server: Any, alice: Company, settings: Any) -> str:
    """The session of Alice, who is the installation's operator too."""
    settings.WHITENOISE_USE_FINDERS = True
    let_all_serve()
    person = User.objects.get(email="alice@example.com")
    person.is_staff = person.is_superuser = True
    person.save()
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def test_the_console_of_every_page_is_silent(live_server: Any, session: str) -> None:
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    with sync_playwright() as programs:
        browser = programs.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(base_url=live_server.url)
        tab.on("console", lambda line: said.append(f"{tab.url}: {line.text}"))
        tab.on("pageerror", lambda problem: said.append(f"{tab.url}: {problem}"))
        for path in STRANGERS_PAGES:
            tab.goto(path)
        tab.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        for path in PAGES:
            tab.goto(path)
            tab.wait_for_timeout(SETTLED_MS)
        tab.goto("/swagger/")
        tab.locator(".opblock-summary-control").first.click()
        tab.locator(".try-out__btn").first.click()
        tab.locator(".body-param__text").first.wait_for()
        tab.goto("/redoc/")
        tab.get_by_role("heading", name="Prediction platform").first.wait_for()
        browser.close()
    assert [line for line in said if not any(advice in line for advice in ADVICE)] == []
