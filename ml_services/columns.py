"""The kind of every column of a file, with a reason a person can check."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ml_services.base import Field
from ml_services.column_copies import Copies
from ml_services.column_kinds import decide
from ml_services.column_traits import Traits
from ml_services.dates import DateStyle
from ml_services.found import unused
from ml_services.parsing import PLAIN, NumberStyle, guess_number_style, parse_number
from platform_core.errors import InputInvalid

STYLE_COLUMNS = 200
STYLE_ROWS = 5_000
STYLE_SPELLINGS = 50
"""Columns, rows and spellings looked at to learn whether the file writes decimals with a comma."""
NAMES_SHOWN = 30
COMMA = NumberStyle(",", ".")


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What a column of the file is used as, or why it is ignored. `kind` is number, category, yes_no, date or text
    (`used` says whether), or target, id, constant, duplicate, missing, excluded, unsupported (never used)."""

    name: str
    kind: str
    used: bool
    reason: str
    field: Field | None = None
    style: NumberStyle | DateStyle | None = None


def profile(
    table: pa.Table, *, target: str, id_column: str = "", time_column: str = "", exclude: Collection[str] = ()
) -> list[ColumnReport]:
    """One report for every column, in order. Raises InputInvalid where a named column is not in the table."""
    names = table.schema.names
    _require_known(names, [name for name in (target, id_column, time_column, *exclude) if name])
    roles = dict.fromkeys(exclude, "excluded") | {id_column: "id", target: "target"}
    reasons = {"excluded": "excluded as asked", "id": "the id column given", "target": "what is predicted"}
    style, copies, reports = file_style(table), Copies(), []
    for position, name in enumerate(names):
        role = roles.get(name, "")
        if role:
            reports.append(ColumnReport(name, role, False, reasons[role]))
            continue
        column = Traits.of(name, table.column(position))
        found = decide(column, style)
        if found.field is not None and name != time_column and (first := copies.original(column, found)):
            found = unused("duplicate", f"the same as {first}")
        reports.append(ColumnReport(name, found.kind, found.field is not None, found.reason, found.field, found.style))
    near = copies.near()
    told = [
        dataclasses.replace(report, reason=f"{report.reason}; nearly the same as {near[report.name]}")
        if report.name in near
        else report
        for report in reports
    ]
    return _time_settled(told, time_column)


def _require_known(names: Sequence[str], asked: Sequence[str]) -> None:
    for name in asked:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names[:NAMES_SHOWN])}."
            raise InputInvalid(f"The table has no column {name!r}.{hint}")


def file_style(table: pa.Table) -> NumberStyle:
    """How the file's unmistakable number columns write decimals: decides those like `1.234` that could be either."""
    commas = dots = 0
    for position in range(min(STYLE_COLUMNS, table.num_columns)):
        column = Traits.of("", table.column(position).slice(0, STYLE_ROWS))
        if column.text:
            sample = column.spellings[:STYLE_SPELLINGS]
            if sample and parse_number(sample[0], guess_number_style(sample[:1])) is not None:
                commas += guess_number_style(sample, PLAIN).decimal == ","
                dots += guess_number_style(sample, COMMA).decimal == "."
    return COMMA if commas > dots else PLAIN


def _time_settled(reports: list[ColumnReport], time_column: str) -> list[ColumnReport]:
    """The time column is asked for only where other dates are measured from it, and is no feature itself."""
    others = any(report.used and report.kind == "date" and report.name != time_column for report in reports)
    return [
        _as_time(report, others) if report.name == time_column and report.kind not in ("target", "excluded") else report
        for report in reports
    ]


def _as_time(report: ColumnReport, others: bool) -> ColumnReport:
    if others and report.kind == "date" and report.field is not None:
        field = dataclasses.replace(report.field, required=False)
        return dataclasses.replace(report, field=field, reason="the time column: ages are measured from it")
    return dataclasses.replace(report, used=False, field=None, reason="the time column: orders the rows")
