"""Columns that say the same as another: exact copies are ignored, near ones are told."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ml_services.column_traits import Traits
from ml_services.dates import DateStyle, parse_dates
from ml_services.parsing import MISSING, PLAIN, Floats, NumberStyle, parse_numbers

if TYPE_CHECKING:
    from ml_services.columns import ColumnReport

NEAR = 0.99999
"""Correlation from which one column is a multiple of another but for rounding, such as charge and minutes."""
MOST_COMPARED = 300
ROWS_COMPARED = 2_000
ROWS_TO_TRUST_LEVELS = 50
"""From so many rows on, equal patterns under other spellings (M/F, male/female) are the same column."""


def mark_copies(reports: list[ColumnReport], traits: Sequence[Traits]) -> list[ColumnReport]:
    """The reports with every later exact copy ignored, and every later near copy told so."""
    first: dict[bytes, str] = {}
    numbers: list[tuple[int, Floats]] = []
    marked = list(reports)
    for position, (report, column) in enumerate(zip(reports, traits, strict=True)):
        if not report.used or report.field is None:
            continue
        values = _values(report, column)
        print_ = _fingerprint(report, column, values)
        if print_ in first:
            reason = f"the same as {first[print_]}"
            marked[position] = dataclasses.replace(report, kind="duplicate", used=False, reason=reason, field=None)
            continue
        first[print_] = report.name
        if values is not None and report.kind == "number" and len(numbers) < MOST_COMPARED:
            numbers.append((position, values[:: max(1, len(values) // ROWS_COMPARED)]))
    for position, other in _near(numbers):
        reason = f"{marked[position].reason}; nearly the same as {marked[other].name}"
        marked[position] = dataclasses.replace(marked[position], reason=reason)
    return marked


def _values(report: ColumnReport, column: Traits) -> Floats | None:
    assert report.field is not None  # noqa: S101 - only used columns come here
    missing = MISSING.union(text.strip().casefold() for text in report.field.missing)
    if report.kind == "number":
        style = report.style if isinstance(report.style, NumberStyle) else PLAIN
        return parse_numbers(column.array, style, missing)[0]
    if report.kind == "date" and isinstance(report.style, DateStyle):
        return parse_dates(column.array, report.style, missing)[0]
    return None


def _fingerprint(report: ColumnReport, column: Traits, values: Floats | None) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    if values is not None:
        digest.update(report.kind.encode())
        digest.update(values.tobytes())
        return digest.digest()
    spellings, codes = column.coded
    digest.update(codes.tobytes())
    if report.kind == "text" or len(codes) < ROWS_TO_TRUST_LEVELS:
        digest.update("\0".join(map(str, spellings[:ROWS_COMPARED].to_pylist())).encode())
    return digest.digest()


def _near(numbers: Sequence[tuple[int, Floats]]) -> list[tuple[int, int]]:
    """(position, earlier position) of the columns that are an earlier one times a factor plus a constant."""
    complete = [(p, values) for p, values in numbers if len(values) > 2 and not np.isnan(values).any()]
    complete = [(p, values) for p, values in complete if values.std() > 0.0]
    if len(complete) < 2:
        return []
    correlation = np.abs(np.corrcoef(np.array([values for _, values in complete])))
    pairs = []
    for late in range(1, len(complete)):
        early = int(np.argmax(correlation[late, :late]))
        if correlation[late, early] >= NEAR:
            pairs.append((complete[late][0], complete[early][0]))
    return pairs
