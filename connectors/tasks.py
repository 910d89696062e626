"""The tasks of what goes out."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from connectors import deliveries
from platform_core import jobs
from platform_core.tenancy import company_in_force


@app.task(name=deliveries.TASK, queue=jobs.TELLING, retry=jobs.Patience())
def deliver(company_id: int, delivery_id: str) -> None:
    """Tries to deliver a message."""
    with company_in_force(company_id):
        deliveries.deliver(UUID(delivery_id))


__all__ = ["deliver"]
