"""Where the data is: DATABASE_URL, or the embedded server. PostgreSQL in both cases."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from platform_core import env, postgres
from platform_core.errors import SettingInvalid

CONNECT_TIMEOUT_S = 5


def embedded() -> bool:
    """Whether the database is the one that we start ourselves."""
    return not env.get("DATABASE_URL")


def from_url(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// address. Raises SettingInvalid without repeating the password."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise SettingInvalid("The setting DATABASE_URL must read postgresql://user:password@host:port/name.")
    try:
        port = str(parts.port or "")
    except ValueError:
        raise SettingInvalid("The setting DATABASE_URL: its port is not a number.") from None
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": port,
        "OPTIONS": options,
    }


def settings() -> dict[str, Any]:
    """The value of DATABASES["default"]."""
    found: dict[str, Any] = postgres.connection() if embedded() else from_url(str(env.get("DATABASE_URL")))
    options = {"connect_timeout": CONNECT_TIMEOUT_S, **found.pop("OPTIONS", {})}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        **found,
        "OPTIONS": options,
    }


def ensure() -> None:
    """Starts or attaches to the embedded server; does nothing for any other."""
    if embedded():
        postgres.start()


__all__ = ["embedded", "ensure", "from_url", "settings"]
