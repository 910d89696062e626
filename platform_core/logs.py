"""One JSON object a line: time, level, where, what, and whose request it belongs to. No secret gets into a line, and
nothing in a text can begin a new one."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""Shorter texts are ordinary words: hiding them would tear up unrelated lines."""

LONGEST_TEXT = 20_000
"""Characters of a message or traceback that are kept: a line must fit what collectors take."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
CONTEXT: dict[str, Callable[[], Any]] = {"request_id": request_id.get}
"""What each line says of the request in work, where there is something to say. Rooms above add theirs at the start."""

_own: set[str] = set()
_NAMES = (
    r"(?:(?:password|passwd|pwd|secret|token|api[_-]?key|apikey|authorization|cookie|csrf|session_?id|"
    r"credential|signature|passphrase|private_?key)[\w-]{0,40})"
)
_VALUE = r"""b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'|[^\s,;&)}\]]+"""
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key of ours, or what a company checks our messages with; a key's shown prefix (seven characters) stays readable.
    (re.compile(r"(pk|whsec)_[\w-]{8,}"), rf"\1_{HIDDEN}"),
    # A JSON Web Token, also one without a signature.
    (re.compile(r"eyJ[\w-]{4,}\.[\w-]*(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    # scheme://name:password@host
    (re.compile(r"(://[^\s:/@]{0,200}:)[^\s/]{1,500}@"), rf"\1{HIDDEN}@"),
    # name=value, name: value, "name": "value"
    (re.compile(rf"""(?i)({_NAMES}\\?["']?\s*[:=]\s*)(?:{_VALUE})"""), rf"\1{HIDDEN}"),
    # PostgreSQL repeats rows and keys in the details of its errors: they hold people's data.
    (re.compile(r"(DETAIL:\s).*"), rf"\1{HIDDEN}"),
)


_HINT = re.compile(
    r"pk_|whsec_|eyj|bearer|basic|digest|://|pass|pwd|secret|token|key|authorization|cookie|csrf|session|credential|signature|"
    r"detail"
)
"""Where a text in lower case has none of these, no pattern fits: one search instead of six."""
_encode = json.JSONEncoder(default=str).encode


def hide(*secrets: str | None) -> None:
    """Keeps these texts out of all lines, wherever they appear: the installation's own secrets."""
    _own.update(one for one in secrets if one and len(one) >= SHORTEST_SECRET)


def redacted(text: str) -> str:
    """The text without secrets, cut where it is very long."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}… ({len(text):,} characters)"
    for secret in _own:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    if _HINT.search(text.lower()):
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
    return text


class JsonLine(logging.Formatter):
    """Formats a record as one JSON object of ASCII characters: line ends, terminal controls and right-to-left marks
    of a text are all escaped. Tracebacks stay in the log and never reach a client. `extra={"fields": {...}}` adds
    fields, which are taken as they are: whoever adds them vouches for them."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(_message(record)),
        }
        for name, read in CONTEXT.items():
            value = read()
            if value not in (None, ""):
                line[name] = value
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = redacted(self.formatStack(record.stack_info))
        return _encode(line)


def _message(record: logging.LogRecord) -> str:
    """The text. One whose arguments do not fit it would otherwise be told beside the log, arguments and all."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} (its arguments do not fit)"


def take_all() -> None:
    """Has warnings, and what ends a thread, written as lines of the log too: Python would print them beside it, with
    whatever they hold. For processes that serve."""
    logging.captureWarnings(True)
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "a thread"
        logging.getLogger(__name__).critical("%s ended", name, exc_info=ended.exc_value)


def configuration(level: str) -> dict[str, Any]:
    """The setting LOGGING, for Django and for gunicorn alike: everything through one handler, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "platform_core.logs.JsonLine"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Their own handlers would write beside ours.
            "django": {"handlers": [], "propagate": True},
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            # Anyone can send a wrong Host; the access line tells of it.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


__all__ = ["CONTEXT", "HIDDEN", "JsonLine", "configuration", "hide", "redacted", "request_id", "take_all"]
