"""What an upload looks like from outside."""

from __future__ import annotations

from typing import Any

from api_gateway.schemas import SHORT, TIME, TIME_OR_NULL, or_null, record, text
from file_uploads import selectors
from file_uploads.batch.intake import FORMATS
from file_uploads.models import BatchJob, JobState
from ml_services import registry

STATUSES = list(JobState.values)
COUNT = {"type": "integer", "minimum": 0}
MAPPING = {"type": "object", "additionalProperties": {"type": "string"}}

COMPONENTS = {
    "Upload": record(
        {
            "id": text(format="uuid"),
            "status": {"enum": STATUSES},
            "predictor": text(),
            "model": record({"version": text(), "shared": {"type": "boolean"}}),
            "name": text("The file's."),
            "bytes": COUNT,
            "sha256": text(),
            "columns": {"type": "array", "items": text()},
            "mapping": {**MAPPING, "description": "File's column: field, where they differ."},
            "explain": {"type": "boolean"},
            "format": {"enum": list(FORMATS)},
            "rows_total": {**COUNT, "description": "0 until the file is read."},
            "rows_done": COUNT,
            "rows_rejected": COUNT,
            "rows_per_second": or_null("number"),
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "error": or_null("string"),
            "notes": {"type": "array", "items": text()},
            "created_at": TIME,
            "started_at": TIME_OR_NULL,
            "ended_at": TIME_OR_NULL,
            "results": or_null("string", description="Where the results are, once it is done."),
            "rejects": or_null("string"),
        }
    ),
    "UploadForm": record(
        {
            "file": text("csv, tsv, csv.gz, xlsx or parquet", contentMediaType="application/octet-stream"),
            "sha256": text("Instead of the file: that of one that was refused within the hour.", pattern="^[0-9a-f]*$"),
            "predictor": {"enum": list(registry.all_predictors())},
            "mapping": text('JSON: {"file\'s column": "field"}', **SHORT),
            "explain": {"enum": ["true", "false"], "description": "Reasons beside each prediction; slower."},
            "format": {"enum": list(FORMATS)},
            "again": {"enum": ["true", "false"], "description": "Also where the same file was predicted before."},
        },
        optional=("file", "sha256", "mapping", "explain", "format", "again"),
        additionalProperties=False,
    ),
}


def upload_line(job: BatchJob) -> dict[str, Any]:
    """A job."""
    done = job.status == JobState.DONE
    return {
        "id": job.pk,
        "status": job.status,
        "predictor": job.predictor,
        "model": {"version": job.model["version"], "shared": job.model["company"] is None},
        "name": job.name,
        "bytes": job.bytes,
        "sha256": job.sha256,
        "columns": job.columns,
        "mapping": job.mapping,
        "explain": job.explain,
        "format": job.result_format,
        "rows_total": job.rows_total,
        "rows_done": job.rows_done,
        "rows_rejected": job.rows_rejected,
        **selectors.facts(job),
        "error": job.error or None,
        "notes": job.notes,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "results": f"/api/upload/{job.pk}/results/" if done else None,
        "rejects": f"/api/upload/{job.pk}/rejects/" if done else None,
    }


__all__ = ["COMPONENTS", "STATUSES", "upload_line"]
