"""Files on disk for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from file_uploads.reading import TableFile, open_table
from platform_core import jobs
from tests.file_uploads.trainings import Queue

Put = Callable[..., Path]
Opened = Callable[..., TableFile]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file and says where it is."""

    def written(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def opened(put: Put) -> Opened:
    """Writes a file and opens it as a table."""

    def table(content: str | bytes, name: str = "table.csv", **options: Any) -> TableFile:
        return open_table(put(content, name), **options)

    return table


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> None:
    """The files of a test are its own."""
    settings.FILES_ROOT = tmp_path / "files"
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "files": own}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """What was put into the queue."""
    waiting: Queue = []
    monkeypatch.setattr(jobs, "defer", lambda task, **more: waiting.append({"task": task, **more}))
    return waiting
