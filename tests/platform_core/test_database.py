"""DATABASE_URL and the embedded server."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_core import database, env
from platform_core.errors import SettingInvalid

ROOT = Path(__file__).parent.parent.parent


def test_an_address_is_read_with_its_escapes() -> None:
    found = database.from_url("postgresql://ann:p%40ss@db.example:5433/shop?sslmode=require")
    assert found["USER"] == "ann"
    assert found["PASSWORD"] == "p@ss"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "shop")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://a:hush@b/c", "postgresql://a:hush@b", "postgresql://a:hush@b:x/c"])
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingInvalid, match="DATABASE_URL") as caught:
        database.from_url(url)
    assert "hush" not in caught.value.detail


@pytest.fixture
def home() -> Iterator[Path]:
    """A short folder that an unprivileged user can enter, as the server's user must."""
    base = Path(tempfile.mkdtemp(prefix="pp"))
    base.chmod(0o755)
    yield base / "h"
    shutil.rmtree(base, ignore_errors=True)


def manage(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PLATFORM_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


def test_the_embedded_server_starts_stays_and_stops(home: Path) -> None:
    parent_mode = stat.S_IMODE(home.parent.stat().st_mode)
    assert "not running" in manage(home, "db", "status").stdout
    started = manage(home, "db", "start")
    assert "running in" in started.stdout, started.stderr
    try:
        assert "running in" in manage(home, "db", "status").stdout
        assert stat.S_IMODE((home / "postgres" / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "postgres" / "socket").stat().st_mode) == 0o700
        assert stat.S_IMODE(home.parent.stat().st_mode) == parent_mode
    finally:
        assert "stopped" in manage(home, "db", "stop").stdout
    assert "not running" in manage(home, "db", "status").stdout


def test_the_last_command_to_leave_stops_the_server_and_a_crashed_one_starts_again(home: Path) -> None:
    first = manage(home, "migrate", "--verbosity", "0")
    assert first.returncode == 0, first.stderr
    assert "not running" in manage(home, "db", "status").stdout
    assert "running in" in manage(home, "db", "start").stdout
    pid = int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    again = manage(home, "migrate", "--verbosity", "0")
    assert again.returncode == 0, again.stderr
    manage(home, "db", "stop")


def test_the_application_role_bypasses_nothing(db: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_a_path_too_long_for_a_socket_is_one_clear_line(home: Path) -> None:
    done = manage(home / ("x" * 90), "db", "start")
    assert done.returncode == 1
    assert "too long" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreachable_server_is_one_clear_line() -> None:
    surroundings = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgresql://nobody:hush@127.0.0.1:9/none",
        "SECRET_KEY": "x" * 50,
        "PLATFORM_HOME": str(env.home()),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0"],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Cannot reach the database" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr


def test_a_command_on_an_installation_nobody_started_makes_it_ready(home: Path) -> None:
    done = manage(home, "create_api_key", "demo", "first")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pk_")
