"""Where files are kept that outlive a request: a folder of this machine, or a bucket that all machines share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platform_core import env


def settings(bucket_setting: str, folder: Path) -> dict[str, Any]:
    """An entry of Django's STORAGES: the bucket that the setting names, or else the folder."""
    bucket = env.get(bucket_setting)
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    return {
        "BACKEND": "platform_core.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.get("S3_ENDPOINT_URL") or None,
            "access_key": env.get("AWS_ACCESS_KEY_ID") or None,
            "secret_key": env.get("AWS_SECRET_ACCESS_KEY") or None,
            "file_overwrite": True,
        },
    }


__all__ = ["settings"]
