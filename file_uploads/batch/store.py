"""Where the files of a job are, in a folder or on S3: `<company>/<job>/<name>`. A name appears whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import Storage, storages

BUCKET_SPARE_S = 180
"""What a chunk's three files may take on a bucket that answers slowly, beside the chunk's own time: each request ends
after three silences of 20 seconds."""
INPUT, RESULTS, REJECTS = "input", "results", "rejects.csv"


def store() -> Storage:
    """The storage `files` of settings."""
    return storages["files"]


def key(company_id: int, job_id: UUID | str, name: str = "") -> str:
    """The place of one of a job's files, or of its folder."""
    return f"{company_id}/{job_id}/{name}"


def chunk_name(number: int) -> str:
    """The rows of a chunk, as cut."""
    return f"chunk-{number:06d}.arrow"


def part_name(number: int, attempt: int) -> str:
    """The stem of what one attempt made of a chunk; each attempt has its own, so that none disturbs another."""
    return f"part-{number:06d}-{attempt}"


def local(place: str) -> Path | None:
    """The path of a place, where the store is a folder of this machine."""
    try:
        return Path(store().path(place))
    except NotImplementedError:
        return None


def spare_s() -> int:
    """Seconds that a chunk has beside its own, since the store's slowness is not its fault."""
    return 0 if local("") is not None else BUCKET_SPARE_S


@contextmanager
def reading(place: str) -> Iterator[Path]:
    """A file to read by path: itself, or a copy that is gone after the block. Raises FileNotFoundError."""
    path = local(place)
    if path is not None:
        if not path.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="batch-") as folder:
        copy = Path(folder) / Path(place).name
        with store().open(place) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        yield copy


@contextmanager
def writing(place: str) -> Iterator[Path]:
    """A path to write to; what is there when the block ends well becomes the file, in one step."""
    path = local(place)
    if path is None:
        with tempfile.TemporaryDirectory(prefix="batch-") as folder:
            made = Path(folder) / Path(place).name
            yield made
            with made.open("rb") as content:
                store().save(place, File(content))
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        _settle(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """To the disk, not only to the system's memory: what the database calls done must outlive a power cut."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def remove(place: str) -> None:
    """Removes a file; that it is gone already is no error."""
    with suppress(FileNotFoundError):
        store().delete(place)


def remove_all(company_id: int, job_id: UUID | str) -> None:
    """Removes all files of a job."""
    folder = local(key(company_id, job_id))
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in names(company_id, job_id):
        remove(key(company_id, job_id, name))


def names(company_id: int, job_id: UUID | str) -> list[str]:
    """The files that a job has."""
    try:
        _, files = store().listdir(key(company_id, job_id))
    except FileNotFoundError:
        return []
    return sorted(files)


__all__ = [
    "INPUT",
    "REJECTS",
    "RESULTS",
    "chunk_name",
    "key",
    "local",
    "names",
    "part_name",
    "reading",
    "remove",
    "remove_all",
    "spare_s",
    "store",
    "writing",
]
