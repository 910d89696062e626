"""What an installation of the faults leaves when its tests are killed: processes, a mount, a folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

PREFIX = "faults-"
OWNER = "owner"
END_S = 10.0


def remove() -> None:
    """Clears away installations whose tests have ended without doing so."""
    for base in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            if not psutil.pid_exists(int((base / OWNER).read_text())):
                clear(base)


def clear(base: Path) -> None:
    """Ends every process of an installation, unmounts its disk and removes its folder."""
    mine = [process for process in psutil.process_iter() if _belongs(process, base)]
    for process in mine:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(mine, timeout=END_S)
    files = base / "files"
    if files.is_mount():
        subprocess.run(["umount", "-l", str(files)], check=False)
    shutil.rmtree(base, ignore_errors=True)


def _belongs(process: psutil.Process, base: Path) -> bool:
    """Whether a process works on the installation's home, or is its database."""
    with suppress(psutil.Error, OSError):
        if process.environ().get("PLATFORM_HOME") == str(base / "home"):
            return True
        return str(base / "home" / "postgres" / "data") in process.cmdline() or process.cwd().startswith(str(base))
    return False
