"""`manage.py prove PREDICTOR --data FILE --target COLUMN`: the numbers of a model on the data given, as one page."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from ml_services import registry
from ml_services.base import TrainingOptions
from platform_core.errors import InputInvalid
from platform_core.management.commands.train_models import listed, settings_of
from platform_core.management.progress import ProgressLine
from platform_core.management.readiness import make_ready
from platform_core.management.training import company_settings, read
from users.services import company_of

MOST_REPEATS = 50


class Command(BaseCommand):
    help = "Trains on a file and prints quality, calibration, speed and memory on one page. Keeps no version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("predictor")
        parser.add_argument("--data", type=Path, required=True, help="csv, tsv, csv.gz, xlsx or parquet")
        parser.add_argument("--target", default="", help="the column to learn")
        parser.add_argument("--positive", default="", help="the target's value that counts as yes")
        parser.add_argument("--id-column", default="")
        parser.add_argument("--time-column", default="", help="split by time on this column")
        parser.add_argument("--exclude", type=listed, default=(), help="columns to leave out, comma-separated")
        parser.add_argument("--allow-leaky", type=listed, default=(), help="columns the leakage gate must let in")
        parser.add_argument("--company", default="", help="slug; whose settings hold; default the only one, or demo")
        parser.add_argument("--budget-s", type=float, default=60.0, help="seconds of each training")
        parser.add_argument("--seed", type=int, default=42)
        parser.add_argument("--repeats", type=int, default=2, help="further trainings with other seeds")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a predictor's own option")
        parser.add_argument("--json", type=Path, help="write the same numbers here")

    def handle(self, *args: Any, **options: Any) -> None:
        from ml_services.proof.page import page
        from ml_services.proof.proving import prove

        self._check(options)
        make_ready()
        predictor, company = registry.predictor(options["predictor"]), company_of(options["company"])
        own = {**company_settings(company), **settings_of(options["set"])}
        names = ("target", "positive", "id_column", "time_column", "exclude", "allow_leaky", "budget_s", "seed")
        begun = time.perf_counter()
        line = ProgressLine(sys.stderr, predictor.name)
        line("reading", 0.0, options["data"].name)
        data = read(options["data"], options["data"].name)
        asked = TrainingOptions(**{name: options[name] for name in names}, settings=own, begun=begun)
        proof = prove(predictor, data, asked, options["repeats"], line)
        line.end("")
        if options["json"]:
            options["json"].write_text(json.dumps(proof, indent=2, default=str) + "\n", encoding="utf-8")
        self.stdout.write(page(proof))

    def _check(self, options: dict[str, Any]) -> None:
        if options["budget_s"] <= 0:
            raise InputInvalid("--budget-s must be above 0.")
        if not 0 <= options["repeats"] <= MOST_REPEATS:
            raise InputInvalid(f"--repeats must be between 0 and {MOST_REPEATS}.")
        if options["json"] and not options["json"].parent.is_dir():
            raise InputInvalid(f"There is no folder {options['json'].parent}.")
