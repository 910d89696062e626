"""Says that a job has ended: to the company's addresses, and by letter to whoever sent the file, if they wish."""

from __future__ import annotations

from typing import Any

from connectors import deliveries
from file_uploads.models import BatchJob
from users import endings


def job_facts(job: BatchJob) -> dict[str, Any]:
    """What is told of a job. Nothing of what is in the file."""
    return {
        "id": str(job.pk),
        "predictor": job.predictor,
        "version": job.model["version"],
        "status": job.status,
        "rows_total": job.rows_total,
        "rows_done": job.rows_done,
        "rows_rejected": job.rows_rejected,
        "error": job.error or None,
    }


def tell(job: BatchJob) -> None:
    """In the transaction that ends the job, so that neither happens without the other."""
    deliveries.tell(company_id=job.company_id, event=f"upload.{job.status}", data=job_facts(job))
    rows = f"{job.rows_done:,} rows predicted, {job.rows_rejected:,} rejected"
    endings.tell(
        company_id=job.company_id, asker=job.asker, what="Your file", name=job.name, status=job.status,
        said=job.error or rows, path="/",
    )  # fmt: skip


__all__ = ["job_facts", "tell"]
