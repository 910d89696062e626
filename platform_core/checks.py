"""What `check --deploy` asks beside Django's own questions: does the second wall between companies stand, and do the
settings fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from platform_core import database, env
from platform_core.errors import DatabaseUnavailable

SHORTEST_TOKEN = 16
"""Characters: below that, a token can be guessed over months."""
UNWALLED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'company_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
    AND c.relnamespace = current_schema()::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""


def role_problem() -> str:
    """Why row-level security does not hold for the database role; empty where it does. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, superuser, bypasses = cursor.fetchone()
    if not superuser and not bypasses:
        return ""
    kind = "a superuser" if superuser else "one with BYPASSRLS"
    return f"The database role {name} is {kind}: row-level security, the second wall between companies, is void for it."


@checks.register(checks.Tags.security, deploy=True)
def the_wall_stands(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Row-level security holds for our role, on every table with a company."""
    try:
        database.ensure()
        problem = role_problem()
        with connection.cursor() as cursor:
            cursor.execute(UNWALLED)
            bare = sorted(name for (name,) in cursor.fetchall())
    except (DatabaseError, DatabaseUnavailable):
        return [checks.Warning("The database cannot be reached: its role was not looked at.", id="platform.W001")]
    found: list[checks.CheckMessage] = []
    if problem:
        hint = "CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS …, make it the database's owner, and name it."
        found.append(checks.Error(problem, hint=hint, id="platform.E001"))
    if bare:
        found.append(checks.Error(f"Tables without a forced policy: {', '.join(bare)}.", id="platform.E002"))
    return found


@checks.register(checks.Tags.security, deploy=True)
def the_settings_fit(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Settings that are each allowed, and together or in production a mistake."""
    return list(_misfits())


def _misfits() -> Iterator[checks.CheckMessage]:
    if settings.DEBUG and exposed(env.get("HOST")):
        yield checks.Error(
            "DEBUG shows settings and code to whoever reaches HOST, and HOST is not this machine alone.",
            id="platform.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Warning("ALLOWED_HOSTS has *: any Host is believed, also in links.", id="platform.W002")
    if settings.HTTPS and settings.SECURE_PROXY_SSL_HEADER is None:
        yield checks.Warning(
            "HTTPS is set and TRUSTED_PROXIES is not: no request counts as HTTPS, and each is redirected for ever.",
            id="platform.W003",
        )
    if settings.HTTPS and not settings.PUBLIC_URL.startswith("https://"):
        yield checks.Warning(
            "HTTPS is set and PUBLIC_URL is no https:// address: the links in e-mails lead elsewhere.",
            id="platform.W006",
        )
    if settings.HTTPS and settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield checks.Warning(
            "EMAIL_URL is not set: letters, with links that set passwords, go to the log instead.", id="platform.W007"
        )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        yield checks.Warning(f"METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters.", id="platform.W004")
    plain = [origin for origin in settings.CORS_ALLOWED_ORIGINS if not origin.startswith("https://")]
    if plain:
        yield checks.Warning(f"CORS_ALLOWED_ORIGINS over plain HTTP: {', '.join(plain)}.", id="platform.W005")


def exposed(host: str) -> bool:
    """Whether others than this machine can reach an address that is listened on."""
    if host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


__all__ = ["exposed", "role_problem", "the_settings_fit", "the_wall_stands"]
