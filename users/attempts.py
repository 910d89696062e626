"""How often somebody did what costs us or others: registering, asking for letters. Counted in the database, so that
all processes count together; whom it was about is kept as a keyed hash only."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from platform_core.errors import Throttled


class Attempt(models.Model):
    """One attempt of a kind, by a mark (an address, a mailbox, both)."""

    kind = models.CharField(max_length=40)
    mark = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "mark", "at"], name="attempts_of_one")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


def spend(*, kind: str, by: str, most: int, within: timedelta) -> None:
    """Counts an attempt. Raises Throttled where there were `most` of them `within` the last time already."""
    now = timezone.now()
    mark = salted_hmac("users.attempts", by, algorithm="sha256").hexdigest()
    recent = Attempt.objects.filter(kind=kind, mark=mark, at__gt=now - within)
    times = list(recent.order_by("-at").values_list("at", flat=True)[:most])
    if len(times) >= most:
        wait_s = (times[-1] + within - now).total_seconds()
        raise Throttled(f"Too many requests. Try again in {said(wait_s)}.", retry_after_s=ceil(wait_s))
    Attempt.objects.create(kind=kind, mark=mark, at=now)


def said(wait_s: float) -> str:
    """A wait in words."""
    if wait_s <= 30:
        seconds = max(1, round(wait_s))
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = max(1, round(wait_s / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


__all__ = ["Attempt", "said", "spend"]
