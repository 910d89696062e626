"""What a setting of the environment is, and the kinds of values that it may have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment. `secret` ones also have a `_FILE` form and are never shown."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    meaning: str
    secret: bool = False


def text(raw: str) -> str:
    """Any text."""
    return raw


def flag(raw: str) -> bool:
    """Yes or no. Raises ValueError."""
    folded = raw.strip().casefold()
    if folded not in TRUE | FALSE:
        raise ValueError("use true or false")
    return folded in TRUE


def count(raw: str) -> int:
    """A whole number from 0. Raises ValueError."""
    value = int(raw)
    if value < 0:
        raise ValueError("must not be negative")
    return value


def names(raw: str) -> list[str]:
    """Texts separated by commas."""
    return [part.strip() for part in raw.split(",") if part.strip()]


def redis(raw: str) -> str:
    """A Redis server's address. Raises ValueError."""
    if not raw.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return raw


def training_backend(raw: str) -> str:
    """A Dask scheduler's address, with `?rows=partitioned` where final fits are spread by rows. Raises ValueError."""
    parts = urlsplit(raw)
    if parts.scheme != "dask" or not parts.hostname or not parts.port or parts.path not in ("", "/"):
        raise ValueError("must be dask://host:port, or empty for this machine")
    if parts.query not in ("", "rows=partitioned"):
        raise ValueError("takes ?rows=partitioned and nothing else after the port")
    return raw


def log_level(raw: str) -> str:
    """A level of logging. Raises ValueError."""
    if raw.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("use DEBUG, INFO, WARNING or ERROR")
    return raw.upper()


__all__ = ["Setting", "count", "flag", "log_level", "names", "redis", "text", "training_backend"]
