"""`check --deploy`: clean with the settings of production, and loud about each thing that is not."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from django.db import connection

from platform_core import checks, env, middleware
from platform_core.settings import MIDDLEWARE, SILENCED_SYSTEM_CHECKS

PRODUCTION = {
    "HTTPS": "true",
    "TRUSTED_PROXIES": "1",
    "ALLOWED_HOSTS": "predict.example.com",
    "PUBLIC_URL": "https://predict.example.com",
    "EMAIL_URL": "smtp+tls://app:password@mail.example.com",
    "SECRET_KEY": "k3jf02Kd93jLs0dkf8Jd73hs9dkM2lpQx7Zv5Tn1Rb4Wc6YeUgAi",
    "METRICS_TOKEN": "a-long-enough-token-of-the-scraper",
    "LOG_LEVEL": "INFO",
}


def checked(**more: str) -> subprocess.CompletedProcess[str]:
    """The command with the settings of production, and these."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=env.CHECKOUT, env={**os.environ, **PRODUCTION, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_it_is_clean_with_the_settings_of_production() -> None:
    done = checked()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"HTTPS": "false", "SECRET_KEY": "short"}, {"security.W004", "security.W008", "security.W009"}),
        (
            {
                "TRUSTED_PROXIES": "",
                "ALLOWED_HOSTS": "*",
                "METRICS_TOKEN": "short",
                "CORS_ALLOWED_ORIGINS": "http://shop.example",
                "PUBLIC_URL": "",
                "EMAIL_URL": "",
            },
            {f"platform.W00{number}" for number in range(2, 8)},
        ),
    ],
)
def test_it_tells_what_is_not_fit_for_production(wrong: dict[str, str], said: set[str]) -> None:
    done = checked(**wrong)
    assert done.returncode == 1
    assert {name for name in said if name not in done.stderr} == set()


def test_what_is_silenced_is_there_under_our_own_names() -> None:
    assert {"security.W002", "security.W003"} <= set(SILENCED_SYSTEM_CHECKS)
    assert middleware.EVERYWHERE["X-Frame-Options"] == "DENY"
    assert {"platform_core.middleware.CarefulHeaders", "platform_core.middleware.PageForgery"} <= set(MIDDLEWARE)


@pytest.mark.parametrize(
    ("host", "others"),
    [
        ("0.0.0.0", True),  # noqa: S104
        ("::", True),
        ("", True),
        ("10.0.0.1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
    ],
)
def test_debug_and_an_address_that_others_reach_do_not_go_together(
    host: str, others: bool, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setenv("HOST", host)
    if host:
        assert ("platform.E003" in [found.id for found in checks.the_settings_fit(None)]) is others
    assert checks.exposed(host) is others


class Role:
    """A connection whose role is as told."""

    def __init__(self, *row: Any) -> None:
        self.row = row

    @contextmanager
    def cursor(self) -> Any:
        yield self

    def execute(self, sql: str) -> None:
        """Does nothing."""

    def fetchone(self) -> tuple[Any, ...]:
        return self.row

    def fetchall(self) -> list[Any]:
        return []


@pytest.mark.parametrize("row", [("postgres", True, False), ("app", False, True)])
def test_a_role_that_bypasses_the_second_wall_is_an_error(
    row: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "connection", Role(*row))
    assert [found.id for found in checks.the_wall_stands(None)] == ["platform.E001"]


def test_our_own_role_bypasses_nothing(db: None) -> None:
    assert checks.role_problem() == ""
    assert checks.the_wall_stands(None) == []


def test_a_table_without_its_policy_is_an_error(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE stray (company_id bigint)")
    (found,) = checks.the_wall_stands(None)
    assert (found.id, "stray" in str(found.msg)) == ("platform.E002", True)


def test_secrets_of_a_env_file_get_neither_into_git_nor_into_an_image() -> None:
    for name in (".gitignore", ".dockerignore"):
        assert ".env" in (env.CHECKOUT / name).read_text(encoding="utf-8").splitlines()


def test_the_image_runs_as_somebody_who_is_not_root_and_says_whether_it_is_alive() -> None:
    lines = (env.CHECKOUT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")][-1] != "USER root"
    assert any(line.startswith("HEALTHCHECK") and "/healthz/" in line for line in lines)


def test_the_composed_role_is_no_superuser() -> None:
    services = yaml.safe_load((env.CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert "NOSUPERUSER NOBYPASSRLS" in services["role"]["command"][-1]
    assert services["web"]["environment"]["DATABASE_URL"].startswith("postgresql://platform:")
    assert services["web"]["depends_on"]["role"] == {"condition": "service_completed_successfully"}
    assert {"$" + "{" + name + ":-}" for name in ("HTTPS", "CACHE_URL")} <= set(services["web"]["environment"].values())


def test_composed_workers_share_what_the_web_server_has() -> None:
    services = yaml.safe_load((env.CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    web, worker = services["web"], services["worker"]
    assert worker["command"] == ["python", "manage.py", "worker"]
    assert worker["cpu_shares"] < 1024 == web.get("cpu_shares", 1024), "the web server comes first"
    assert "ports" not in worker and "container_name" not in worker, "or only one could be there"
    assert worker["volumes"] == web["volumes"]
    assert worker["environment"].items() <= web["environment"].items()
    assert set(web["environment"]) <= set(env.SETTINGS)
