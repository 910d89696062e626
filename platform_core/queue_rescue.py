"""What the dead left in the queue is given to the living, by the database's clock and by no other."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from platform_core import jobs

# A clock that was set back leaves times that lie ahead: heartbeats of the dead, and waits that nobody asked for.
HEARTBEATS_AHEAD = """
    UPDATE procrastinate_workers SET last_heartbeat = NOW() WHERE last_heartbeat > NOW() + INTERVAL '1 second'
"""
WAITS_AHEAD = """
    UPDATE procrastinate_jobs SET scheduled_at = NOW() WHERE status = 'todo' AND queue_name = ANY(%(queues)s)
    AND scheduled_at > NOW() + make_interval(secs => %(longest_s)s)
"""
# One statement: whoever locks a task's row gives it back, and nobody else does the same.
RESCUE = """
    SELECT procrastinate_retry_job_v2(lost.id, NOW(), NULL, NULL, NULL) FROM (
        SELECT job.id FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing'
        AND (worker.id IS NULL OR worker.last_heartbeat < NOW() - make_interval(secs => %(dead_after_s)s))
        FOR UPDATE OF job SKIP LOCKED
    ) lost
"""


async def rescue() -> int:
    """Gives the tasks of dead workers to the living. Returns how many. Runs within a worker."""
    connector: Any = app.connector
    await connector.execute_query_async(HEARTBEATS_AHEAD)
    waits = {"queues": list(jobs.SHORT_WAITS), "longest_s": jobs.LONGEST_WAIT_S + jobs.DEAD_AFTER_S}
    await connector.execute_query_async(WAITS_AHEAD, **waits)
    return len(await connector.execute_query_all_async(RESCUE, dead_after_s=jobs.DEAD_AFTER_S))


__all__ = ["rescue"]
