"""`manage.py make_sample_data`: writes the synthetic sample files again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from platform_core.errors import InputInvalid
from platform_core.samples.files import FOLDER, ROWS, SEED, write_sample_files

FEWEST_ROWS, MOST_ROWS = 100, 1_000_000


class Command(BaseCommand):
    help = "Writes the synthetic files of sample_data/ again; the same seed gives the same bytes."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=ROWS, help="leads and customers; other files in proportion")
        parser.add_argument("--seed", type=int, default=SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        rows = options["rows"]
        if not FEWEST_ROWS <= rows <= MOST_ROWS:
            raise InputInvalid(f"--rows must be from {FEWEST_ROWS} to {MOST_ROWS:,}.")
        if options["seed"] < 0:
            raise InputInvalid("--seed must not be negative.")
        for path in write_sample_files(FOLDER, rows, options["seed"]):
            self.stdout.write(f"{path.name:<22} {path.stat().st_size:>9,} bytes")
