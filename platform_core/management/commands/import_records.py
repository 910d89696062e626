"""`manage.py import_records KIND --input FILE`: brings a file of leads, customers, payments, tickets or orders."""

from __future__ import annotations

import math
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from file_uploads.reading import TableFile, open_table
from platform_core.errors import InputInvalid
from platform_core.management.readiness import make_ready
from platform_core.records.kinds import FIRST, KINDS, Kind, kind_of
from platform_core.records.services import Counts, bring
from platform_core.tenancy import company_in_force
from users.services import company_of

MOST_SHOWN = 20
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?", re.ASCII)


class Command(BaseCommand):
    help = "Brings a file of records; columns that records have no field for go into extra."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help=", ".join(KINDS))
        parser.add_argument("--input", type=Path, required=True, help="csv, tsv, csv.gz, xlsx or parquet")
        parser.add_argument("--source", default="file", help="the name of the system that they come from")
        parser.add_argument("--company", default="", help="slug; default the only company, or demo")

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        make_ready()
        wanted = kind_of(kind)
        if not options["input"].is_file():
            raise InputInvalid(f"There is no file {options['input']}.")
        source = open_table(options["input"], max_bytes=None)
        problems: list[str] = []
        with company_in_force(company_of(options["company"]).pk):
            counts = bring(wanted.name, rows_of(wanted, source, problems), source=options["source"])
        self._tell(wanted, counts, problems)
        beside = [name for name in source.columns if name not in known_names(wanted)]
        if beside:
            self.stdout.write(f"Into extra: {', '.join(beside)}.")

    def _tell(self, kind: Kind, counts: Counts, problems: list[str]) -> None:
        rejected = len(counts.rejected) + len(problems)
        self.stdout.write(
            f"{kind.plural}: {counts.created:,} created, {counts.updated:,} updated, {counts.unchanged:,} unchanged, "
            f"{counts.stale:,} stale, {rejected:,} rejected."
        )
        told = [
            *problems,
            *(f"record {one.place + 1}, {one.field}: {one.reason} ({one.value})" for one in counts.rejected),
        ]
        for line in told[:MOST_SHOWN]:
            self.stderr.write(line)
        if len(told) > MOST_SHOWN:
            self.stderr.write(f"… and {len(told) - MOST_SHOWN:,} more.")


def known_names(kind: Kind) -> set[str]:
    """The columns that a file may fill."""
    return {column.name for column in (*FIRST, *kind.columns)}


def rows_of(kind: Kind, source: TableFile, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of a file as records; what cannot be read as a row is told in `problems`."""
    known = known_names(kind)
    for chunk in source.chunks():
        problems += [f"row {one.row:,}: {one.reason}" for one in chunk.problems]
        for row in chunk.table.to_pylist():
            record = {name: _plain(value) for name, value in row.items() if name in known}
            beside = {name: _number(_plain(value)) for name, value in row.items() if name not in known}
            filled = {name: value for name, value in beside.items() if value not in (None, "")}
            yield {**record, "extra": filled} if filled and not record.get("extra") else record


def _plain(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value


def _number(value: Any) -> Any:
    """What a text that is plainly a number says; anything else as it is, times as text."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return float(value) if "." in value else int(value)
    return value.isoformat() if isinstance(value, datetime) else value
