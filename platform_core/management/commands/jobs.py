"""`manage.py jobs list|show|retry|cancel`: the work of the queue, as its operator sees it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from platform_core.errors import InputInvalid
from platform_core.management import jobs
from platform_core.management.readiness import migrate
from users.services import company_of

MOST = 50


class Command(BaseCommand):
    help = "Files, trainings and messages to webhooks: list them, show one, try one again, cancel one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=("list", "show", "retry", "cancel"), nargs="?", default="list")
        parser.add_argument("id", nargs="?", default="", help="as `jobs list` prints it")
        parser.add_argument("--company", default="", help="slug; default all companies")
        parser.add_argument("--status", default="", choices=("", *jobs.STATES), metavar="STATUS")
        parser.add_argument("--limit", type=int, default=MOST, help=f"how many are listed; default {MOST}")

    def handle(self, *args: Any, act: str, id: str, company: str, status: str, limit: int, **options: Any) -> None:
        migrate()
        company_id = company_of(company).pk if company else None
        if act == "list":
            self._list(jobs.listed(company_id, status, max(limit, 1)))
            return
        if not id:
            raise InputInvalid(f"Name the job, as in: jobs {act} ID. `jobs list` prints the ids.")
        line = jobs.one(id, company_id)
        if act != "show":
            jobs.retry(line) if act == "retry" else jobs.cancel(line)
            line = jobs.one(id, company_id)
        self._show(line)

    def _list(self, lines: list[jobs.Line]) -> None:
        for line in lines:
            made = line.row.created_at.strftime("%Y-%m-%d %H:%M:%S")
            text = (
                f"{line.kind:<8} {line.row.pk!s:<36} {line.row.company.slug:<16} {line.status:<9} {made}  {line.about}"
            )
            self.stdout.write(f"{text}  {line.error}".rstrip())
        if not lines:
            self.stdout.write("There are no such jobs.")
        self.stdout.write(jobs.queue())

    def _show(self, line: jobs.Line) -> None:
        row = line.row
        told = {"id": row.pk, "kind": line.kind, "company": row.company.slug, "status": line.status, "is": line.about}
        names = (
            "name",
            "bytes",
            "url",
            "last_status",
            "created_at",
            "started_at",
            "ended_at",
            "delivered_at",
            "attempt",
        )
        told |= {name: getattr(row, name) for name in names if getattr(row, name, None) not in (None, "")}
        told |= {"error": line.error} if line.error else {}
        for name, value in told.items():
            self.stdout.write(f"{name:<12} {value}")
        for text in jobs.parts(line):
            self.stdout.write(text)
