"""A worker's side of a training: the command that a person would type, in a process of its own, which is ended when it
takes too long, when the run is cancelled, and with its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import InterfaceError, OperationalError, close_old_connections

from file_uploads import training_runs
from ml_services.models import RunState, TrainingRun
from platform_core import env
from platform_core.priority import stand_behind

LOOK_S = 0.5
"""Between two looks at the process, and at whether the run is still wanted."""
SPARE_S = 300.0
"""What a training may take beyond twice its budget: reading the file, the last fits, keeping the version."""
BUSY_WAIT_S = 3.0
PASSING_EXIT = 75
"""The process ended since the database was gone (sysexits.h: EX_TEMPFAIL)."""
DIED = "The process that trained this ended before it was done; it may have run out of memory. Try a smaller file."
_at_work = threading.Lock()
"""One training at a time in a worker: the others' places are for files and messages."""


def work(run_id: int, *, stopping: Callable[[], bool]) -> None:
    """Carries out a run. Called with its company in force. `stopping`: whether the worker is told to end."""
    if not _at_work.acquire(blocking=False):
        run = TrainingRun.objects.filter(pk=run_id, state__in=training_runs.OPEN).first()
        if run is not None:
            training_runs.defer(run, wait_s=BUSY_WAIT_S)
        return
    try:
        run = training_runs.begin(run_id=run_id)
        if run is not None:
            _carry_out(run, stopping)
    finally:
        _at_work.release()


def _carry_out(run: TrainingRun, stopping: Callable[[], bool]) -> None:
    limit_s = 2 * float(run.asked.get("options", {}).get("budget_s", 0)) + SPARE_S
    process = _spawn(run)
    try:
        late = _wait(process, run, time.monotonic() + limit_s, stopping)
    finally:
        _kill(process)
    if process.returncode == PASSING_EXIT or (stopping() and process.returncode):
        training_runs.hand_back(run=run, wait_s=0.0 if stopping() else BUSY_WAIT_S, counted=False)
    elif late or process.returncode:
        error = f"This training took longer than {limit_s:,.0f} seconds and was ended." if late else DIED
        training_runs.end(run_id=run.pk, state=RunState.FAILED, attempt=run.attempt, error=error)


def _spawn(run: TrainingRun) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(env.CHECKOUT / "manage.py"), "train_models", "--run", str(run.pk)]
    process = subprocess.Popen(  # noqa: S603 - our own command, no text of the request on its line
        [*command, "--parent", str(os.getpid())], stdin=subprocess.DEVNULL, start_new_session=True, cwd=env.CHECKOUT
    )
    stand_behind(process.pid)
    return process


def _wait(process: subprocess.Popen[bytes], run: TrainingRun, until: float, stopping: Callable[[], bool]) -> bool:
    """Until the process has ended or is to be ended. Whether it is late."""
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_S)
            return False
        if stopping() or not _wanted(run):
            return False
    return True


def _wanted(run: TrainingRun) -> bool:
    try:
        return training_runs.wanted(run)
    except (OperationalError, InterfaceError):  # the training itself may well do without the database for now
        close_old_connections()
        return True


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends what is left, with all that it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


__all__ = ["PASSING_EXIT", "work"]
