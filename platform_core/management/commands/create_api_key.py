"""`manage.py create_api_key COMPANY NAME [--scope …]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from platform_core.management.readiness import make_ready
from users import key_making
from users.models import Scope
from users.services import company_of


class Command(BaseCommand):
    help = "Makes an API key of a company and prints it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("company", help="the company's slug")
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="may be repeated; default predict")

    def handle(self, *args: Any, company: str, name: str, scope: list[str] | None, **options: Any) -> None:
        make_ready()
        _, secret = key_making.issue(company=company_of(company), name=name, scopes=scope or [Scope.PREDICT])
        self.stdout.write(secret)
