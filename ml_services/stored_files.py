"""Files of the store of models, whole or not at all. What they hold is `artifacts`' matter."""

from __future__ import annotations

import contextlib
import errno
from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from platform_core.errors import ArtifactRefused, PlatformError


def store() -> Storage:
    """Disk or S3."""
    return storages["models"]


def write(path: str, content: bytes) -> None:
    """All or nothing: a file is written under another name and renamed; S3 puts are whole by themselves."""
    try:
        local = store().path(path)
    except NotImplementedError:
        store().save(path, ContentFile(content))
        return
    try:
        store().save(f"{path}.part", ContentFile(content))
        Path(store().path(f"{path}.part")).replace(local)
    except OSError as problem:
        store().delete(f"{path}.part")
        if problem.errno == errno.ENOSPC:
            raise PlatformError("The disk is full: the model could not be kept. Make room and train again.") from None
        raise


def read(path: str, name: str) -> bytes:
    """The content. Raises ArtifactRefused naming the model where there is no such file."""
    try:
        with store().open(path) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        raise ArtifactRefused(f"The artifact of {name} is missing: {path}.") from None


def remove(folder: str, parts: tuple[str, ...]) -> None:
    """These files of a folder in this order, half-written ones too, and the folder where it is empty then."""
    for part in parts:
        store().delete(f"{folder}/{part}")
        store().delete(f"{folder}/{part}.part")
    with contextlib.suppress(OSError):  # something that is not ours lies there: let it
        store().delete(folder)


def folders(place: str) -> list[str]:
    """Names of what lies in a folder."""
    with contextlib.suppress(FileNotFoundError):
        return sorted(store().listdir(place)[0])
    return []


def newest(folder: str) -> datetime | None:
    """When something in a folder was last written; None of an empty one."""
    times = [store().get_modified_time(f"{folder}/{name}") for name in store().listdir(folder)[1]]
    return max(times, default=None)


__all__ = ["folders", "newest", "read", "remove", "store", "write"]
