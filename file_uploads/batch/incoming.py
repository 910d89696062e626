"""Files on their way in: written beside the store, so that keeping one is a change of its name; and files that were
refused for their columns, kept an hour, so that a corrected mapping need not send them again."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from file_uploads.batch import store
from file_uploads.models import BatchJob
from platform_core.errors import NotFound
from platform_core.tenancy import installation_wide

HELD_S = 3600
"""How long a refused file waits for a better mapping."""
SHA256 = re.compile(r"[0-9a-f]{64}")
HELD = "held"
UUID_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How the folder of a job is called; others (`held`, `training-…`) are not ours to judge."""


def folder() -> Path:
    """Where files are written while they come in."""
    path = Path(settings.FILES_ROOT) / "incoming"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def hold(company_id: int, path: Path, sha256: str, name: str) -> None:
    """Keeps a refused file under its digest."""
    with store.writing(store.key(company_id, HELD, sha256)) as place:
        shutil.copyfile(path, place)
    with store.writing(store.key(company_id, HELD, f"{sha256}.name")) as place:
        place.write_text(name, encoding="utf-8")


def held(company_id: int, sha256: str) -> tuple[str, str]:
    """Place and name of a file that is held. Raises NotFound."""
    place = store.key(company_id, HELD, sha256)
    if not SHA256.fullmatch(sha256) or not store.store().exists(place):
        raise NotFound("There is no file with this digest here (a refused one is kept for an hour). Send the file.")
    with store.reading(f"{place}.name") as path:
        return place, path.read_text(encoding="utf-8")


def clean() -> int:
    """Removes what nobody came back for. Returns how many files."""
    removed, until = 0, time.time() - HELD_S
    for path in folder().glob("*"):
        if path.stat().st_mtime < until:
            path.unlink(missing_ok=True)
            removed += 1
    for company in companies():
        for name in store.names(company, HELD):
            place = store.key(company, HELD, name)
            if store.store().get_modified_time(place).timestamp() < until:
                store.remove(place)
                removed += 1
    return removed


def clean_strays() -> int:
    """Removes files that were kept for a job that never came to be, since the web process was killed in between.
    Returns how many folders. What is younger than an hour may be about to get its job."""
    until = time.time() - HELD_S
    strays = [
        (company, name)
        for company in companies()
        for name in store.store().listdir(f"{company}/")[0]
        if UUID_NAME.fullmatch(name) and _newest(company, name) < until
    ]
    with installation_wide():  # whichever company's jobs they are; asked after the folders, so that no job is missed
        asked = BatchJob.across_companies.filter(pk__in=[name for _, name in strays])
        there = {(job.company_id, str(job.pk)) for job in asked}
    lost = [stray for stray in strays if stray not in there]
    for company, name in lost:
        store.remove_all(company, name)
    return len(lost)


def companies() -> list[int]:
    """The companies that have files."""
    return [int(name) for name in store.store().listdir("")[0] if name.isdecimal()]


def _newest(company: int, name: str) -> float:
    """When a folder was last changed. A file may be older than its place here: it is linked, not copied."""
    at = store.local(store.key(company, name))
    places = [store.key(company, name, file) for file in store.names(company, name)]
    times = [store.store().get_modified_time(place).timestamp() for place in places]
    with suppress(FileNotFoundError):
        times += [at.stat().st_mtime] if at is not None else []
    return max(times, default=0.0)


__all__ = ["HELD", "HELD_S", "clean", "clean_strays", "companies", "folder", "held", "hold"]
