"""Who waits for whom on a machine that is busy: the web server comes first, a training last."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

BEHIND = 10
"""How far a training stands behind the web server in line: niceness, of 19. A tenth of its weight; with less, a file
that takes every core for minutes would leave a training none of its time."""
AUTOGROUP = "/proc/{process}/autogroup"


def stand_behind(process: int = 0) -> None:
    """Puts a process that was just started (0: this one) behind the web server; what it starts later stands there too.

    Where it leads a session the session is put there as well: a Linux with autogroups shares the processors among
    sessions first, and a niceness counts only within its own (man 7 sched, "The autogroup feature").
    """
    if os.name != "posix":
        return
    with suppress(OSError):  # it has ended meanwhile, or stands further behind
        os.setpriority(os.PRIO_PROCESS, process, BEHIND)
        number = process or os.getpid()
        if os.getsid(number) == number:
            Path(AUTOGROUP.format(process=number)).write_text(str(BEHIND), encoding="ascii")


__all__ = ["stand_behind"]
