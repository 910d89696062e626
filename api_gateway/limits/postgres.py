"""The shared counters in PostgreSQL: one row for each, in an unlogged table (a crash of the server forgets them, a
restart does not), many of them in one statement. The row's lock makes two processes that ask at once take turns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from api_gateway.limits.leases import LARGEST_BLOCK, SHARE, Ask, Lease
from platform_core.prepared import PreparedCall, array

PRUNE_EVERY, PRUNED = 1_000, 2_000
"""So many counters that nobody needs are removed at every so many leases: each lease makes two or three at most."""

# What was taken in earlier windows beyond their limits is still owed; each window pays one limit.
LEASE = f"""
INSERT INTO api_gateway_limit AS kept (name, started, seconds, allowed, need, taken, granted)
SELECT name, started, seconds, allowed, need, first, first
FROM (SELECT *, GREATEST(need, LEAST({LARGEST_BLOCK}, allowed / {SHARE})) AS first
      FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
      AS asked (name, started, seconds, allowed, need)) AS sized
ORDER BY name
ON CONFLICT (name) DO UPDATE SET (started, seconds, allowed, need, taken, granted) = (
    SELECT GREATEST(kept.started, EXCLUDED.started), EXCLUDED.seconds, EXCLUDED.allowed, EXCLUDED.need,
           owed + given, given
    FROM (SELECT CASE WHEN EXCLUDED.started > kept.started
        THEN GREATEST(0, kept.taken - kept.allowed * ((EXCLUDED.started - kept.started) / EXCLUDED.seconds))
        ELSE kept.taken END AS owed) AS before,
    LATERAL (SELECT CASE
        WHEN EXCLUDED.need <= EXCLUDED.allowed - owed
        THEN GREATEST(EXCLUDED.need, LEAST({LARGEST_BLOCK}, (EXCLUDED.allowed - owed) / {SHARE}))
        WHEN EXCLUDED.need > EXCLUDED.allowed AND owed * 2 < EXCLUDED.allowed THEN EXCLUDED.need
        ELSE 0 END AS given) AS now)
RETURNING name, started, taken, granted
"""  # noqa: S608 - numbers of ours
PRUNE = """
DELETE FROM api_gateway_limit WHERE name IN (
    SELECT name FROM api_gateway_limit WHERE started + seconds * (1 + taken / GREATEST(allowed, 1)) < %s
    LIMIT %s FOR UPDATE SKIP LOCKED)
"""

_call = PreparedCall("api_gateway_lease", LEASE.replace("%s", "{}").format("$1", "$2", "$3", "$4", "$5"))


class PostgresStore:
    """On a connection of the process's own; where a transaction is open, within it: charge before it."""

    def __init__(self) -> None:
        self._asked = 0

    def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
        """One statement for all counters."""
        names, starts, seconds, limits, needs = (list(column) for column in zip(*asks, strict=True))
        leases = self._quickly(asks) if not connection.in_atomic_block else None
        if leases is None:
            with connection.cursor() as cursor:
                cursor.execute(LEASE, [names, starts, seconds, limits, needs])
                leases = {name: Lease(start, taken, granted) for name, start, taken, granted in cursor.fetchall()}
        self._asked += 1
        if self._asked % PRUNE_EVERY == 0:
            self.prune(max(starts), PRUNED)
        return leases

    def _quickly(self, asks: Sequence[Ask]) -> dict[str, Lease] | None:
        """On the process's own connection; None where another thread waits there, perhaps for long."""
        result = _call.unless_busy(*map(array, zip(*asks, strict=True)))
        if result is None:
            return None
        leases: dict[str, Lease] = {}
        for row in range(result.ntuples):
            name, *numbers = (result.get_value(row, column) or b"" for column in range(4))
            leases[name.decode()] = Lease(*map(int, numbers))
        return leases

    def close(self) -> None:
        """Ends the process's own connection."""
        _call.close()

    def prune(self, now: int, most: int) -> int:
        """Removes counters of windows that are over and paid. Returns how many."""
        with connection.cursor() as cursor:
            cursor.execute(PRUNE, [now, most])
            return int(cursor.rowcount)


__all__ = ["PostgresStore"]
