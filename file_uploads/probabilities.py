"""The probabilities in the results of an upload that is done."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa

from file_uploads import selectors
from file_uploads.batch import store
from file_uploads.scoring import PREFIX
from platform_core.errors import InputInvalid, NotFound

COLUMN = f"{PREFIX}probability"
BLOCK_BYTES = 1 << 22


def of_upload(upload_id: UUID, predictor: str) -> list[float]:
    """What an upload's rows were said. Raises NotFound where there is no such upload or its files are gone, Conflict
    where it is not done, InputInvalid where it is another predictor's."""
    job = selectors.upload(upload_id)
    if job.predictor != predictor:
        raise InputInvalid(f"That upload was predicted by {job.predictor}, not by {predictor}.", attr="upload")
    place, _ = selectors.file_of(job, rejects=False)
    try:
        with store.reading(place) as path:
            found = _column(path)
    except FileNotFoundError:
        raise NotFound("The files of this upload were removed.") from None
    said: list[float] = found[np.isfinite(found)].tolist()
    return said


def _column(path: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    import pyarrow.parquet as pq
    from pyarrow import csv

    if path.suffix == ".parquet":
        parts = list(pq.read_table(path, columns=[COLUMN]).column(COLUMN).chunks)
    else:
        only = csv.ConvertOptions(include_columns=[COLUMN], column_types={COLUMN: pa.float64()})
        reading, parsing = csv.ReadOptions(block_size=BLOCK_BYTES), csv.ParseOptions(newlines_in_values=True)
        with csv.open_csv(path, reading, parsing, only) as stream:
            parts = [batch.column(0) for batch in stream]
    numbers = [part.to_numpy(zero_copy_only=False).astype(np.float64) for part in parts]
    return np.concatenate([np.empty(0), *numbers])


__all__ = ["of_upload"]
