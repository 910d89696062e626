"""The environment of `own_service`, and the service as something to measure.

Made once, in ~/.cache/prediction-peers/own (PEERS elsewhere), with the versions that the project itself pins.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.load import Target

ROOT = Path(__file__).parents[1]
SAME_AS_OURS = ("scikit-learn", "xgboost-cpu", "pandas", "numpy", "joblib")
OF_ITS_OWN = ("fastapi", "uvicorn[standard]")
PORT = 8772
WORKERS = 2


def environment(folder: Path) -> Path:
    """The Python of the service's environment; makes it where it is missing."""
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    print(f"Making an environment for the service in {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    ours = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", ours, re.MULTILINE))
    wanted = [*(f"{name}=={pins[name]}" for name in SAME_AS_OURS), *OF_ITS_OWN]
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], check=True)
    (folder / "ready").touch()
    return python


def learned(python: Path, folder: Path, rows: int) -> None:
    """Lets the service learn from so many rows, into `folder`."""
    subprocess.run([python, ROOT / "benchmarks" / "own_service.py", folder, str(rows)], check=True)


def service(python: Path, folder: Path) -> Target:
    """The service over what it learned."""
    serving = ["uvicorn", "own_service:app", "--port", str(PORT), "--workers", str(WORKERS)]
    return Target(
        "own service",
        [str(python), "-m", *serving, "--no-access-log", "--log-level", "warning"],
        f"http://127.0.0.1:{PORT}/predict",
        (folder / "row.json").read_bytes(),
        folder=ROOT / "benchmarks",
        surroundings={"MODEL": str(folder / "model.joblib"), "OMP_NUM_THREADS": "1"},
    )


__all__ = ["environment", "learned", "service"]
