"""Whose data a version was trained with: beside the model lie digests of every e-mail address in its training data and
of every value of its id columns, so that an erasure can name the versions that have seen a person. The digests are the
company's keyed ones (`users.privacy`), cut to 64 bits and sorted: 8 bytes a person, found by bisection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ml_services import artifacts
from ml_services.models import ModelVersion
from users.models import ErasureReceipt
from users.personal_data import Person, Place
from users.privacy import SHORT_BYTES, digest, short_digests

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

HEX_DIGITS = 2 * SHORT_BYTES
"""Of a digest's 32."""
DTYPE = "<u8"
MOST = 5_000_000
"""Digests kept of one version: 40 MB. Beyond, the card says that the list is not complete."""
ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"'|]+@[^\s@<>()\[\],;:\"'|]+\.[^\s@<>()\[\],;:\"'|]+")


def learned_from(table: pa.Table, company_id: int, card: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The digests of who is in the training data, sorted; how many there are is written into the card."""
    ids = {column["name"] for column in card.get("columns", ()) if column.get("kind") == "id"}
    found = digests_in(table, company_id, ids)
    card["people"] = {"known": len(found), "complete": len(found) <= MOST}
    return found


def digests_in(table: pa.Table, company_id: int, id_columns: Collection[str]) -> np.ndarray[Any, Any]:
    """The digests of who is in a table, sorted."""
    parts: list[np.ndarray[Any, Any]] = []
    found = 0
    for name in table.column_names:
        for texts in _texts(table.column(name), whole=name in id_columns):
            known = numbers(company_id, texts)
            parts.append(known)
            found += len(known)
            if found > MOST:
                parts, found = [each_once(parts)], 0
                if len(parts[0]) > MOST:
                    return parts[0]
    return each_once(parts)


def numbers(company_id: int, texts: Iterable[str]) -> np.ndarray[Any, Any]:
    """What is kept of texts, as numbers."""
    import numpy as np

    return np.frombuffer(short_digests(company_id, texts), ">u8").astype(DTYPE)


def each_once(found: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Numbers sorted, each once. (`np.unique` goes by a table of hashes, which takes five times as long.)"""
    import numpy as np

    known = np.sort(np.concatenate([np.empty(0, DTYPE), *found]))
    return known[np.append(True, known[1:] != known[:-1])] if len(known) else known


def short(text: str) -> int:
    """A digest as the number that is kept of it."""
    return int(text[:HEX_DIGITS], 16)


def keep(row: ModelVersion, digests: np.ndarray[Any, Any]) -> None:
    """Puts the digests beside the model."""
    kept = digests[:MOST].astype(DTYPE).tobytes()
    artifacts.save_beside(artifacts.PEOPLE, kept, **row.place)


def note_erased(row: ModelVersion, digests: np.ndarray[Any, Any]) -> None:
    """Adds the version to the receipts of people whose data was erased before, and of whom the file still told: a
    training that ran meanwhile, or an older file."""
    for receipt in ErasureReceipt.objects.select_for_update().filter(company_id=row.company_id):
        if holds(digests, {short(receipt.person)}):
            receipt.model_versions = [*receipt.model_versions, {**_told(row), "trained_after_erasure": True}]
            receipt.save(update_fields=["model_versions"])


def trained_with(person: Person) -> list[dict[str, Any]]:
    """The company's versions that have seen the person; `certain` is false for those that were trained before such
    digests were kept."""
    import numpy as np

    wanted = {short(one) for one in person.digests}
    wanted |= {short(digest(person.company_id, one)) for one in person.identifiers}
    found = []
    for row in ModelVersion.objects.filter(company_id=person.company_id).order_by("created_at", "pk"):
        kept = artifacts.beside(artifacts.PEOPLE, **row.place)
        if kept is None:
            found.append({**_told(row), "certain": False})
        elif holds(np.frombuffer(kept, DTYPE), wanted):
            found.append({**_told(row), "certain": True})
    return found


def _told(row: ModelVersion) -> dict[str, Any]:
    at = row.created_at.isoformat()
    return {"predictor": row.predictor, "version": row.version, "trained_at": at, "serving": row.serving}


def holds(digests: np.ndarray[Any, Any], wanted: set[int]) -> bool:
    """Whether one of those wanted is among the sorted digests."""
    import numpy as np

    sought = np.array(sorted(wanted), DTYPE)
    places = np.searchsorted(digests, sought)
    inside = places < len(digests)
    return bool((digests[places[inside]] == sought[inside]).any())


def _texts(column: pa.ChunkedArray, *, whole: bool) -> Iterator[list[str]]:
    """By chunk: the e-mail addresses in the cells, or the whole cells of an id column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    textual = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    for chunk in column.chunks if textual or whole else ():
        if whole:
            yield [str(value).strip() for value in pc.unique(chunk).to_pylist() if value is not None]
        if textual and _has_at(chunk):
            cells = pc.unique(chunk.filter(pc.match_substring(chunk, "@"))).to_pylist()
            yield [found.rstrip(".") for cell in cells for found in ADDRESS.findall(cell)]


def _has_at(texts: pa.Array) -> bool:
    """Whether an @ is anywhere in the bytes of an array, or of what it was cut from: quicker than to ask each cell, of
    which hardly any has one."""
    content = texts.buffers()[2]
    return content is not None and b"@" in content.to_pybytes()


PLACE = Place("models", held=trained_with, kept=trained_with)

__all__ = [
    "ADDRESS",
    "DTYPE",
    "MOST",
    "PLACE",
    "digests_in",
    "holds",
    "keep",
    "learned_from",
    "note_erased",
    "short",
    "trained_with",
]
