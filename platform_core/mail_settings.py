"""How e-mail leaves: EMAIL_URL and EMAIL_FROM as Django's settings."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from platform_core.errors import SettingInvalid

TIMEOUT_S = 10
WAYS: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
    "smtps": (465, {"EMAIL_USE_SSL": True}),
}
"""Scheme: its usual port, and how it is encrypted (STARTTLS, or TLS from the first byte)."""
FORM = "must read smtp://user:password@host:port (smtp+tls:// for STARTTLS, smtps:// for TLS), or console://"


def of(url: str, sender: str) -> dict[str, Any]:
    """Django's mail settings. Raises SettingInvalid without repeating the password."""
    return {**_way(url), **_sender(sender)}


def _way(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url or "console://")
        port = parts.port
    except ValueError:
        raise SettingInvalid(f"The setting EMAIL_URL {FORM}: its port or host is not valid.") from None
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme not in WAYS or not parts.hostname:
        raise SettingInvalid(f"The setting EMAIL_URL {FORM}.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingInvalid("The setting EMAIL_URL: signs such as / ? # @ in a password are written %2F %3F %23 %40.")
    usual, encryption = WAYS[parts.scheme]
    return {
        "EMAIL_BACKEND": "users.smtp.SmtpBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": TIMEOUT_S,
        **encryption,
    }


def _sender(sender: str) -> dict[str, Any]:
    address = parseaddr(sender)[1]
    if not sender.isprintable() or address.count("@") != 1 or not all(address.split("@")):
        raise SettingInvalid("The setting EMAIL_FROM must be an address, or a name and an address: Ann <ann@a.com>.")
    return {"DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender}


def public_url(given: str, host: str, port: int) -> str:
    """Where people reach the installation, without the last slash: links in mails begin with it, never with what a
    request's Host header says."""
    if not given:
        return f"http://{'localhost' if host in {'0.0.0.0', '::', ''} else host}:{port}"  # noqa: S104
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingInvalid("The setting PUBLIC_URL must read https://name, as people reach this installation.")
    return given.rstrip("/")


def origin(address: str) -> str:
    """The part of an address that a browser's Origin header has."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


__all__ = ["of", "origin", "public_url"]
