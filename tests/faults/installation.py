"""An installation of the tests' own: a database server, a folder of files, a clock that can be set back."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platform_core import database, env, postgres
from tests.faults import leftovers

HERE = Path(__file__).parent
DISK_MB = 256 if os.environ.get("FAULTS") == "long" else 16
COMPILE = ("cc", "-shared", "-fPIC", "-O1", "-o")
TIMEOUT_S = 120
DELAY_S = 0.15


class Installation:
    """Everything in one folder of /tmp, which the database's unprivileged user may enter."""

    own_disk = False

    def __init__(self) -> None:
        leftovers.remove()
        self.base = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX))
        (self.base / leftovers.OWNER).write_text(str(os.getpid()))
        self.home, self.files = self.base / "home", self.base / "files"
        try:
            self._prepare()
        except BaseException:
            self.remove()
            raise

    def _prepare(self) -> None:
        self.base.chmod(0o755)
        self.files.mkdir()
        self.own_disk = self._mount()
        self.clock = self._clock()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "FAULTS": os.environ.get("FAULTS", ""),
            "FAULT_DELAY": str(self.base / "delay"),
            "PLATFORM_HOME": str(self.home),
            "FILES_STORE": str(self.files),
            "SECRET_KEY": env.secret_key(),
            "CHUNK_TIMEOUT_S": "" if os.environ.get("FAULTS") == "long" else "6",
            **self.clock,
        }
        self.manage("db", "start")
        self.postgres("restart", "fast")  # by us, so that it has our clock
        password = (self.home / "database_password").read_text()
        self.environment["DATABASE_URL"] = (
            f"postgresql://platform:{password}@:5432/platform?host={self.home}/postgres/socket"
        )

    def fill(self) -> None:
        """Makes the tables, by this process, which has its imports behind it. Workers begin once they are there."""
        from django.core.management import call_command

        with self.connected():
            call_command("migrate", verbosity=0, interactive=False)
        self.delay_for(DELAY_S)

    def _mount(self) -> bool:
        """A small disk for the files, so that it can be filled."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(self.files)]
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _clock(self) -> dict[str, str]:
        if shutil.which("cc") is None or sys.platform != "linux":
            return {}
        library, file = self.base / "clock.so", self.base / "clock"
        subprocess.run([*COMPILE, str(library), str(HERE / "clock.c"), "-ldl"], check=True, timeout=TIMEOUT_S)
        file.write_bytes(struct.pack("l", 0))
        return {"LD_PRELOAD": str(library), "FAULT_CLOCK": str(file)}

    def delay_for(self, seconds: float) -> None:
        """How long the workers' model takes over a chunk, from the next one on. Without the file no worker begins."""
        (self.base / "delay.new").write_text(str(seconds))
        (self.base / "delay.new").replace(self.base / "delay")

    def set_clock(self, seconds: int) -> None:
        """Shifts the clock of the database and the workers."""
        with Path(self.clock["FAULT_CLOCK"]).open("r+b") as file:
            file.write(struct.pack("l", seconds))

    def manage(self, *command: str) -> None:
        """A command of ours in this installation."""
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=env.CHECKOUT, env=self.environment, check=True, capture_output=True, timeout=TIMEOUT_S,
        )  # fmt: skip

    def postgres(self, action: str, mode: str) -> None:
        """Stops or restarts the server: `fast` cuts every connection, `immediate` is a crash."""
        copied = self.home / "postgres" / "program" / "package" / "pginstall18"
        program = (copied if copied.exists() else postgres._binaries()[0]) / "bin" / "pg_ctl"
        user = {"user": postgres.UNPRIVILEGED_UID, "group": postgres.UNPRIVILEGED_UID} if os.geteuid() == 0 else {}
        data = self.home / "postgres" / "data"
        done = subprocess.run(
            [str(program), "-D", str(data), "-m", mode, "-w", "-l", str(data / "server.log"), action],
            env={"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C.UTF-8", **self.clock},
            cwd="/", check=False, capture_output=True, timeout=TIMEOUT_S, extra_groups=[] if user else None, **user,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def connected(self) -> Iterator[None]:
        """This process's Django talks to this installation's database for a block."""
        from django.db import connections

        before, settings = connections["default"], connections.settings["default"]
        there: dict[str, Any] = database.from_url(self.environment["DATABASE_URL"])
        connections.settings["default"] = {**settings, **there, "OPTIONS": dict(settings["OPTIONS"])}
        connections["default"] = connections.create_connection("default")
        try:
            yield
        finally:
            connections["default"].close()
            connections.settings["default"], connections["default"] = settings, before

    def remove(self) -> None:
        """Leaves nothing behind, also of an installation that did not come to be."""
        leftovers.clear(self.base)


__all__ = ["DISK_MB", "Installation"]
