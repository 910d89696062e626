"""Files with a row a purchase, for models that know customers by them: a customer's rows may lie anywhere in the file,
so such a file is answered as a whole. This is the one kind that is not read in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from file_uploads.chunks import Chunk
from ml_services.base import Model

NOTE = "Every purchase has the answer of its customer, as of the newest day in the file."


def reads_purchases(model: Model, columns: Sequence[str]) -> bool:
    """Whether the model takes a table with these columns for one of purchases."""
    takes = getattr(model, "takes_transactions", None)
    return takes is not None and bool(takes(columns))


def as_one(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """All chunks as a single one."""
    held = list(chunks)
    if held:
        table = pa.concat_tables([chunk.table for chunk in held]).combine_chunks()
        problems = [problem for chunk in held for problem in chunk.problems]
        yield Chunk(np.concatenate([chunk.rows for chunk in held]), table, problems, 1.0)


__all__ = ["NOTE", "as_one", "reads_purchases"]
