"""A database of a benchmark's own, beside the installation's, so that it leaves nothing there."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg

OUTCOMES = """
INSERT INTO request_logs_outcome (company_id, id, prediction_id, value, occurred_at, current, asker_kind, asker_id,
    created_at)
SELECT company_id, gen_random_uuid(), id, to_jsonb(random() < (output ->> 'probability')::float8),
    created_at + %(after)s, true, 'key', 1, now()
FROM request_logs_prediction WHERE company_id = %(company)s
"""
"""Of each prediction of a company, so long after it, as often a yes as its probability says."""
LEAVE_S = 30
"""How long killed processes may take to leave a database."""


@contextmanager
def fresh_database() -> Iterator[None]:
    """Sets Django up on a new, migrated database for a block, and drops it. Nothing of Django may be set up before."""
    from platform_core import database

    database.ensure()
    found = database.settings()
    name = f"benchmark_{os.getpid()}"
    reach = {"user": found["USER"], "password": found["PASSWORD"], "host": found["HOST"]}
    reach |= {"port": found["PORT"]} if found["PORT"] else {}
    with psycopg.connect(dbname=found["NAME"], autocommit=True, **reach) as session:
        session.execute(f'CREATE DATABASE "{name}"')
        try:
            user, password, host = (quote(str(reach[part]), safe="") for part in ("user", "password", "host"))
            os.environ["DATABASE_URL"] = f"postgresql://{user}:{password}@:{found['PORT']}/{name}?host={host}"
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
            try:
                yield
            finally:
                connections.close_all()
                _leave()
        finally:
            _drop(session, name)


def _leave() -> None:
    """Ends the connections that this process keeps beside Django's."""
    from api_gateway.limits import gate
    from request_logs import ledger

    ledger.call.close()
    gate.forget()


def _drop(session: psycopg.Connection[Any], name: str) -> None:
    """Not by force, which a role that is no superuser may not use on the server's own vacuum: once all have left."""
    end = time.monotonic() + LEAVE_S
    while True:
        try:
            session.execute(f'DROP DATABASE "{name}"')
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def company_with_key(slug: str) -> tuple[int, str]:
    """A new company's id, and a key of it for predictions."""
    import secrets

    from platform_core.tenancy import company_in_force
    from users import keys
    from users.services import create_company

    company, _ = create_company(
        name=slug, slug=slug, owner_email=f"{slug}@example.com", password=secrets.token_urlsafe(12)
    )
    with company_in_force(company.pk):
        return company.pk, keys.create(company=company, name="benchmark", scopes=["predict"])[1]


__all__ = ["OUTCOMES", "company_with_key", "fresh_database"]
