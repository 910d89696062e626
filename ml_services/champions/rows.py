"""Which rows a version has learned from: 64 bits a row, beside its model, so that a later version can be judged on rows
that neither has seen.

A row is told by the columns that its model uses and by its id columns; the target is left out, since a customer whose
outcome has changed since is the same row, learned with another answer. A cell counts by its content: text trimmed and
lower-cased, a number by its value however it is spelled or typed, all ways of saying "missing" as one. Columns are
added up, so that their order does not matter. Rows that are equal in all of this are told apart by their order in the
file: the n-th of them is the n-th.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.parsing import MISSING, flat

Digests = npt.NDArray[np.uint64]
Marks = npt.NDArray[np.int8]

NEW, HELD, LEARNED = 0, 1, 2
"""What a version knows of a row: nothing; only the model that serves has learned it; so has its proof."""
MOST = 5_000_000
"""Rows kept of one version: 45 MB. Beyond, nothing is kept, and nothing claimed."""
PLAIN_NUMBER = r"^[+-]?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$"
"""Texts that are numbers: with leading zeros, or longer than a float64 holds, they are codes."""
ABSENT = np.uint64(0x9E3779B97F4A7C15)


def digests(table: pa.Table, columns: Sequence[str]) -> Digests:
    """(n,) of these columns, all of which the table has."""
    total = np.zeros(table.num_rows, np.uint64)
    for name in sorted(columns):
        own = _hashed(pa.array([name]))[0]
        with np.errstate(over="ignore"):
            total += mixed(_cells(flat(table.column(table.schema.names.index(name)))) ^ own)
    return total


def matrix_digests(X: npt.NDArray[np.float64]) -> Digests:
    """(n,) of encoded rows, (n, k)."""
    total = np.zeros(len(X), np.uint64)
    for k in range(X.shape[1]):
        with np.errstate(over="ignore"):
            total += mixed(_numbers(pa.array(X[:, k])) + np.uint64(k))
    return total


def _cells(column: pa.Array) -> Digests:
    """(n,) of one column: each different value is looked at once where there are few."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        return _numbers(column)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        column = pa.array(texts, pa.string())
    coded = column.dictionary_encode()
    known = np.append(_texts(coded.dictionary), ABSENT)
    return np.asarray(known[coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)])


def _numbers(column: pa.Array) -> Digests:
    values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) + 0.0  # minus zero becomes zero
    found = mixed(values.view(np.uint64))
    found[np.isnan(values)] = ABSENT
    return found


def _texts(values: pa.Array) -> Digests:
    """(n,) of different texts."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    found = _hashed(plain)
    numeric = pc.match_substring_regex(plain, PLAIN_NUMBER).to_numpy(zero_copy_only=False).astype(bool)
    if numeric.any():
        found[numeric] = _numbers(plain.filter(pa.array(numeric)))
    found[pc.is_in(plain, pa.array(sorted(MISSING), plain.type)).to_numpy(zero_copy_only=False)] = ABSENT
    return found


def _hashed(texts: pa.Array) -> Digests:
    """SipHash of each text, by pandas, with its fixed key."""
    from pandas.util import hash_array

    return np.asarray(hash_array(texts.to_numpy(zero_copy_only=False).astype(object), categorize=False))


def mixed(values: Digests) -> Digests:
    """Spread over all 64 bits: the finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(frozen=True)
class KnownRows:
    """`digests` (n,) of the rows learned from, sorted, equal ones in the file's order; `proof` (n,): whether the proof
    model has learned the row too, False where it was held out. `columns`: what rows are told by."""

    columns: tuple[str, ...]
    digests: Digests
    proof: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, table: pa.Table, columns: Sequence[str], proof: npt.NDArray[np.bool_]) -> KnownRows | None:
        """Of a training's rows in the file's order; None where they are too many to keep."""
        if table.num_rows > MOST or not columns:
            return None
        found = digests(table, columns)
        order = np.argsort(found, kind="stable")
        return cls(tuple(columns), found[order], proof[order])

    def marks(self, table: pa.Table) -> Marks:
        """(n,) NEW, HELD or LEARNED of each row of another table, which has all of `columns`."""
        wanted = digests(table, self.columns)
        order = np.argsort(wanted, kind="stable")
        ordered = wanted[order]
        nth = np.arange(len(ordered)) - np.searchsorted(ordered, ordered, "left")
        place = np.searchsorted(self.digests, ordered, "left") + nth
        known = place < len(self.digests)
        known[known] = self.digests[place[known]] == ordered[known]
        found = np.full(len(ordered), NEW, np.int8)
        found[known] = np.where(self.proof[place[known]], LEARNED, HELD)
        marks = np.empty_like(found)
        marks[order] = found
        return marks

    def as_bytes(self) -> bytes:
        """A line of JSON, then the digests and the flags."""
        head = json.dumps({"columns": list(self.columns), "rows": len(self.digests)}).encode()
        return head + b"\n" + self.digests.astype("<u8").tobytes() + self.proof.astype(np.uint8).tobytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> KnownRows:
        """What `as_bytes` made."""
        head, _, body = content.partition(b"\n")
        told = json.loads(head)
        ends = 8 * told["rows"]
        found = np.frombuffer(body[:ends], "<u8").astype(np.uint64)
        return cls(tuple(told["columns"]), found, np.frombuffer(body[ends:], np.uint8).astype(bool))


__all__ = ["HELD", "LEARNED", "NEW", "KnownRows", "digests", "matrix_digests"]
