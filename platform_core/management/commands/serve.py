"""`manage.py serve`: everything that the product needs, started in order, and where to look."""

from __future__ import annotations

import errno
import json
import shutil
import socket
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from ml_services import artifacts, registry, schema, selectors
from ml_services.base import Field
from platform_core import checks, env
from platform_core.errors import PlatformError, SettingInvalid
from platform_core.management.commands.seed_demo import seed
from platform_core.management.readiness import migrate
from platform_core.server import run
from platform_core.tenancy import company_in_force
from users.services import DEMO_SLUG, company_of

LEAST_FREE_MB = 300


class Command(BaseCommand):
    help = "Migrates, trains the sample models where there are none, and serves."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=env.get("HOST"))
        parser.add_argument("--port", type=int, default=env.get("PORT"))
        parser.add_argument("--no-demo", action="store_true", help="no demo company")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, **options: Any) -> None:
        if settings.DEBUG and checks.exposed(host):
            raise SettingInvalid(f"DEBUG shows settings and code: it is not served on {host}, which others reach.")
        listener = bind(host, port)
        check_space()
        migrate()
        if problem := checks.role_problem():
            self.stderr.write(f"warning: {problem}")
        self._sample_models()
        secrets = None if no_demo else seed()
        self._say(host, port, secrets)
        # Every connection is closed before the server forks: two processes must not share one.
        connections.close_all()
        run(listener)

    def _sample_models(self) -> None:
        """In a process of its own: what fits a model must not be what forks the web processes."""
        there = selectors.shared_that_serve()
        missing = [name for name, one in registry.all_predictors().items() if one.sample_file and name not in there]
        if not missing:
            return
        self.stdout.write(f"Training the sample models: {', '.join(missing)}")
        self.stdout.flush()
        if not all((env.CHECKOUT / "sample_data" / registry.predictor(name).sample_file).exists() for name in missing):
            call_command("make_sample_data")
        command = [sys.executable, str(env.CHECKOUT / "manage.py"), "train_models", "--if-missing"]
        if subprocess.run(command, check=False, cwd=env.CHECKOUT).returncode:  # noqa: S603 - our own command
            self.stderr.write("Some sample models could not be trained; their endpoints answer 503 until they are.")

    def _say(self, host: str, port: int, demo: tuple[str, str, str] | None) -> None:
        address = f"http://{'127.0.0.1' if host in {'0.0.0.0', ''} else host}:{port}"  # noqa: S104
        lines = ["", f"Open       {address}/", f"API docs   {address}/swagger/ and {address}/redoc/"]
        if demo:
            email, password, key = demo
            example = json.dumps(schema.example_record(churn_fields())).replace("'", "\\u0027")
            lines += [f"Sign in    {email} / {password}", f"API key    {key}", "", "A first prediction:", ""]
            lines += [
                f"curl -s {address}/api/predict/churn/ -H 'X-API-Key: {key}' "
                f"-H 'Content-Type: application/json' -d '{example}'"
            ]
        self.stdout.write("\n".join([*lines, "", "Ctrl-C stops it.", ""]))
        self.stdout.flush()


def churn_fields() -> tuple[Field, ...]:
    """What the churn version that serves the demo company asks for."""
    with company_in_force(company_of(DEMO_SLUG).pk):
        row = selectors.serving_version("churn")
    if row is None:
        return registry.predictor("churn").inputs
    return artifacts.fields(company_id=row.company_id, predictor="churn", version=row.version)


def bind(host: str, port: int) -> socket.socket:
    """The listening socket, taken first: a taken port is told at once, not after a minute of training."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except (OSError, OverflowError) as problem:
        listener.close()
        taken = getattr(problem, "errno", None) == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"cannot be listened on ({problem})"
        raise SettingInvalid(f"Port {port} on {host} {reason}. Choose another: PORT=8001 make run.") from None
    return listener


def check_space() -> None:
    """Raises where the disk is too full to start on."""
    for folder in (env.make_home(), env.CHECKOUT):
        free_mb = shutil.disk_usage(folder).free // 2**20
        if free_mb < LEAST_FREE_MB:
            raise PlatformError(f"The disk of {folder} is full: {free_mb} MB free, {LEAST_FREE_MB} MB are needed.")
