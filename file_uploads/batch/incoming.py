"""Files on their way in: written beside the store, so that keeping one is a change of its name; and files that were
refused for their columns, kept an hour, so that a corrected mapping need not send them again."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from django.conf import settings

from file_uploads.batch import store
from platform_core.errors import NotFound

HELD_S = 3600
"""How long a refused file waits for a better mapping."""
SHA256 = re.compile(r"[0-9a-f]{64}")
HELD = "held"


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
    folders, _ = store.store().listdir("")
    for company in [name for name in folders if name.isdecimal()]:
        for name in store.names(int(company), HELD):
            place = store.key(int(company), HELD, name)
            if store.store().get_modified_time(place).timestamp() < until:
                store.remove(place)
                removed += 1
    return removed


__all__ = ["HELD", "HELD_S", "clean", "folder", "held", "hold"]
