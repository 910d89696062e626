"""When each key was last used, recorded without a write per request: uses are noted in memory, and written at most
once a minute, all keys of the process in one statement, by a thread that sleeps while there is nothing to write."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from datetime import datetime

from django.db import connection
from django.db.utils import Error
from django.utils import timezone

from platform_core.tenancy import installation_wide

FLUSH_S = 60.0
WRITE = """
UPDATE users_apikey SET last_used_at = used.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS used (id, at)
WHERE users_apikey.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)
"""
log = logging.getLogger(__name__)

_lock = threading.Lock()
_uses: dict[int, datetime] = {}
_waiting: list[tuple[int, threading.Timer]] = []
"""The process and the timer of the next write. A forked process inherits the entry, but not the timer's thread."""


def note(key_id: int) -> None:
    """A key was used now."""
    with _lock:
        _uses[key_id] = timezone.now()
    if not _waiting or _waiting[0][0] != os.getpid():
        _wait()


def _wait() -> None:
    with _lock:
        if _waiting and _waiting[0][0] == os.getpid():
            return
        timer = threading.Timer(FLUSH_S, _in_background)
        timer.daemon = True
        _waiting[:] = [(os.getpid(), timer)]
        timer.start()


def _in_background() -> None:
    with _lock:
        _waiting.clear()
    try:
        flush()
    finally:
        connection.close()  # this thread ends, and its connection with it


def flush() -> int:
    """Writes what was noted. Returns of how many keys. What cannot be written now is kept for the next time."""
    with _lock:
        taken = dict(_uses)
        _uses.clear()
    if not taken:
        return 0
    ids = sorted(taken)
    try:
        with installation_wide(), connection.cursor() as cursor:  # a process serves the keys of all companies
            cursor.execute(WRITE, [ids, [taken[one] for one in ids]])
    except Error:
        log.warning("The last use of %s keys could not be written; kept for later.", len(ids))
        with _lock:
            for one, at in taken.items():
                _uses.setdefault(one, at)
        return 0
    return len(ids)


def forget() -> None:
    """Drops what was noted, for tests."""
    with _lock:
        for _, timer in _waiting:
            timer.cancel()
        _waiting.clear()
        _uses.clear()


def at_exit() -> None:
    """A process that ends writes what it noted."""
    if _uses:
        flush()


atexit.register(at_exit)

__all__ = ["FLUSH_S", "flush", "forget", "note"]
