"""Work that a request leaves behind: letters above all. It is a row in the request's own transaction, so that it is
neither lost nor done for what was taken back; a thread of the web process does it once the request is answered.

Another process does what a killed one left: a row is held while it is done, and removed with that transaction.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from platform_core.logs import request_id
from users.origin import asked_from

log = logging.getLogger(__name__)
KINDS = {
    "letter": "users.mail.send",
    "forgotten": "users.passwords.answer_forgotten",
    "sign_in_failed": "users.failures.note",
}
"""Kind of errand: the function that does it with the payload."""
SWEEP_S = 20
"""How often each process looks for what others left."""
REST_S = 0.2
"""The answer goes out first: what the errand costs is not to be felt in how long the request took."""
FIRST_WAIT_S, LONGEST_WAIT_S = 10, 600
TIDY_EVERY_S = 3600
KEPT = timedelta(days=1)
"""How long attempts are kept: longer than any limit looks back."""
MEMORY = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_LIFE = timedelta(days=1)

_wake, _end = threading.Event(), threading.Event()
_lock = threading.Lock()
_thread: dict[int, threading.Thread] = {}
"""By process: what is forked has none yet."""


class Errand(models.Model):
    """One piece of such work. After `expires_at` nobody wants it any more. `address`, `request_id`: of the request
    that left it; what the errand writes into the audit or the log is said to come from there."""

    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["due_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def post(*, kind: str, payload: dict[str, Any], life: timedelta = DEFAULT_LIFE) -> None:
    """Leaves an errand, in the transaction that is open."""
    origin = {"address": asked_from.get(), "request_id": request_id.get()}
    Errand.objects.create(kind=kind, payload=payload, expires_at=timezone.now() + life, **origin)
    if settings.EMAIL_BACKEND == MEMORY:
        # Such mail is read within this process (Django's test environment), so it is written at once.
        run_due()
    else:
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Tells this process's thread that there is something to do."""
    start()
    _wake.set()


def start() -> None:
    """Starts this process's thread, once."""
    with _lock:
        found = _thread.get(os.getpid())
        if found is None or not found.is_alive():
            _end.clear()
            thread = _thread[os.getpid()] = threading.Thread(target=_work, name="errands", daemon=True)
            thread.start()


def stop() -> None:
    """Ends this process's thread once it has done what it is at."""
    with _lock:
        found = _thread.pop(os.getpid(), None)
        if found is not None:
            _end.set()
            _wake.set()
            found.join()


def tidy() -> None:
    """Removes what has run out: tokens and browser sessions past their time, attempts that no limit looks at."""
    now = timezone.now()
    for expired in (
        apps.get_model("token_blacklist", "OutstandingToken").objects.filter(expires_at__lte=now),
        apps.get_model("sessions", "Session").objects.filter(expire_date__lte=now),
        apps.get_model("axes", "AccessAttempt").objects.filter(attempt_time__lte=now - KEPT),
        apps.get_model("users", "Attempt").objects.filter(at__lte=now - KEPT),
    ):
        expired.delete()


def _work() -> None:
    tidy_at = time.monotonic() + TIDY_EVERY_S
    while not _end.is_set():
        _wake.wait(SWEEP_S)
        _wake.clear()
        time.sleep(REST_S)
        try:
            run_due()
            if time.monotonic() >= tidy_at:
                tidy_at = time.monotonic() + TIDY_EVERY_S
                tidy()
        except Exception as problem:  # the database is away: the rows wait, the thread stays
            log.warning("errands wait: %s", type(problem).__name__)
        finally:
            connections.close_all()


@contextmanager
def _origin(row: Errand) -> Iterator[None]:
    """Lets a block act as from where the errand came."""
    where, which = asked_from.set(row.address), request_id.set(row.request_id)
    try:
        yield
    finally:
        asked_from.reset(where)
        request_id.reset(which)


def run_due() -> int:
    """Does every errand that is due and that nobody else holds; returns how many were tried."""
    tried = 0
    while _run_one():
        tried += 1
    return tried


@transaction.atomic
def _run_one() -> bool:
    now = timezone.now()
    row = Errand.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).first()
    if row is None:
        return False
    if row.expires_at <= now:
        log.error("errand %s (%s) given up after %s attempts", row.pk, row.kind, row.attempts)
        row.delete()
        return True
    try:
        with transaction.atomic(), _origin(row):
            import_string(KINDS[row.kind])(row.payload)
    except Exception as problem:  # whatever is wrong with a mail server, it may be right later
        row.attempts += 1
        row.due_at = now + timedelta(seconds=min(FIRST_WAIT_S * 2 ** (row.attempts - 1), LONGEST_WAIT_S))
        row.save(update_fields=["attempts", "due_at"])
        log.warning("errand %s (%s) failed: %s; again at %s", row.pk, row.kind, type(problem).__name__, row.due_at)
    else:
        row.delete()
    return True


__all__ = ["Errand", "post", "run_due", "start", "stop", "tidy", "wake"]
