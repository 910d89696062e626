"""`manage.py predict PREDICTOR --input FILE --output FILE`: batch predictions without the web server."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from file_uploads.reading import open_table
from file_uploads.scoring import score_file
from ml_services import registry, serving
from platform_core.errors import InputInvalid
from platform_core.management.progress import ProgressLine
from platform_core.management.readiness import make_ready
from users.services import company_of


class Command(BaseCommand):
    help = "Predicts every row of a file; each row ends in the output or in the rejects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("predictor")
        parser.add_argument("--input", type=Path, required=True, help="csv, tsv, csv.gz, xlsx or parquet")
        parser.add_argument("--output", type=Path, required=True, help="csv or parquet, by its ending")
        parser.add_argument("--rejects", type=Path, help="csv of the rows that could not be predicted, with reasons")
        parser.add_argument("--reasons", action="store_true", help="the reasons of every row, as a JSON column")
        parser.add_argument("--company", default="", help="slug; default the only company, or demo")

    def handle(self, *args: Any, predictor: str, **options: Any) -> None:
        make_ready()
        registry.predictor(predictor)
        if not options["input"].is_file():
            raise InputInvalid(f"There is no file {options['input']}.")
        if not options["output"].parent.is_dir():
            raise InputInvalid(f"There is no folder {options['output'].parent}.")
        slot = serving.find(company_of(options["company"]).pk, predictor)
        source = open_table(options["input"], max_bytes=None)
        line = ProgressLine(sys.stderr, predictor)
        report = score_file(
            slot.model,
            source,
            options["output"],
            options["rejects"],
            explain=options["reasons"],
            progress=line,
        )
        line.end(
            f"{report.rows_done:,} rows predicted by {predictor} {slot.info['version']}, "
            f"{report.rows_rejected:,} rejected, {report.rows_per_second:,.0f} rows/s: {options['output']}"
        )
        for note in report.notes:
            self.stderr.write(note)
