"""No page breaks the content policy in a real browser: what the policy blocks, the browser tells its console."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.test import Client

from tests.api_gateway.conftest import let_all_serve
from tests.platform_core.test_headers import ALL_PATHS
from users.models import Company, User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_PAGES = (
    "/api/", "/admin/", "/metrics/", "/healthz/", "/readyz/", "/static/", "/swagger/", "/sign-out/", "/redoc/redoc.js",
)  # fmt: skip
PAGES = [*(path for path in ALL_PATHS if not path.startswith(NO_PAGES)), "/admin/", "/admin/password_change/"]
STRANGERS_PAGES = [path for path in PAGES if path.startswith(("/sign", "/password", "/invit"))] + ["/admin/login/"]
ADVICE = ("the server responded with a status of 4", "[DOM]")
"""What a browser says that blocks nothing: an answer of 404, how a form may be improved."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")]


@pytest.fixture
def session(live_server: Any, alice: Company, settings: Any) -> tuple[str, list[str]]:
    """The session of Alice, who is the installation's operator too, and which pages it shows."""
    settings.WHITENOISE_USE_FINDERS = True
    let_all_serve()
    person = User.objects.get(email="alice@example.com")
    person.is_staff = person.is_superuser = True
    person.save()
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value, [path for path in PAGES if client.get(path).content]


def test_the_console_of_every_page_is_silent(live_server: Any, session: tuple[str, list[str]]) -> None:
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    cookie, pages = session
    with sync_playwright() as programs:
        browser = programs.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(base_url=live_server.url)
        tab.on("console", lambda line: said.append(f"{tab.url}: {line.text}"))
        tab.on("pageerror", lambda problem: said.append(f"{tab.url}: {problem}"))
        for path in STRANGERS_PAGES:
            tab.goto(path)
            tab.wait_for_load_state("networkidle")
        tab.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        for path in pages:
            tab.goto(path)
            tab.wait_for_load_state("networkidle")
        tab.goto("/swagger/")
        tab.locator(".opblock-summary-control").first.click()
        tab.locator(".try-out__btn").first.click()
        tab.locator(".body-param__text").first.wait_for()
        tab.goto("/redoc/")
        tab.get_by_role("heading", name="Prediction platform").first.wait_for()
        browser.close()
    assert [line for line in said if not any(advice in line for advice in ADVICE)] == []
