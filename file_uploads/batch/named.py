"""Who is named in a job's file, as keyed digests beside it, so that an erasure finds the file without reading it
again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from file_uploads.batch import store
from file_uploads.chunks import Chunk
from file_uploads.models import BatchJob
from file_uploads.reading import open_table
from ml_services.trained_people import ADDRESS, DTYPE, digests_in, each_once, holds, numbers
from platform_core.errors import FileRefused

if TYPE_CHECKING:
    import numpy.typing as npt

PEOPLE = "people.bin"
CHUNK_ROWS = 25_000


class Named:
    """Gathers the e-mail addresses of a file, chunk by chunk: 8 bytes for each."""

    def __init__(self, company_id: int) -> None:
        self.company_id = company_id
        self._parts: list[npt.NDArray[Any]] = [np.empty(0, DTYPE)]

    def add(self, chunk: Chunk) -> None:
        """Those of a chunk; also of the rows that could not be read."""
        self._parts.append(digests_in(chunk.table, self.company_id, ()))
        loose = {text.rstrip(".") for problem in chunk.problems for text in ADDRESS.findall(problem.value)}
        self._parts.append(numbers(self.company_id, loose))

    def all(self) -> npt.NDArray[Any]:
        """All of them, sorted."""
        return each_once(self._parts)

    def keep(self, job: BatchJob) -> None:
        """Writes them beside the file."""
        with store.writing(store.key(job.company_id, job.pk, PEOPLE)) as path:
            path.write_bytes(self.all().astype(DTYPE).tobytes())


def names_one(job: BatchJob, wanted: set[int]) -> bool:
    """Whether a job's file names one of those wanted. A file that was not gathered yet is read;
    one that cannot be is taken to name everybody."""
    files = store.names(job.company_id, job.pk)
    if PEOPLE in files:
        with store.reading(store.key(job.company_id, job.pk, PEOPLE)) as path:
            return holds(np.frombuffer(path.read_bytes(), DTYPE), wanted)
    if store.INPUT not in files:
        return False
    try:
        return _read(job, wanted)
    except FileRefused:
        return True


def _read(job: BatchJob, wanted: set[int]) -> bool:
    with store.reading(store.key(job.company_id, job.pk, store.INPUT)) as path:
        for chunk in open_table(path, declared_name=job.name, max_bytes=None).chunks(CHUNK_ROWS):
            found = Named(job.company_id)
            found.add(chunk)
            if holds(found.all(), wanted):
                return True
    return False


__all__ = ["PEOPLE", "Named", "names_one"]
