"""What tests have children do."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from platform_core.errors import PlatformError


def begin() -> None:
    """Nothing to prepare."""


def break_at_start() -> None:
    """A child that never gets ready."""
    os._exit(3)


def me() -> int:
    """The child's process number."""
    return os.getpid()


def fail() -> None:
    """An error of the house."""
    raise PlatformError("as told")


class Unsendable(Exception):
    """Cannot be made again from what is sent: it wants two arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def fail_unsendably() -> None:
    raise Unsendable("this", "that")


def answer_unsendably() -> Any:
    """A function within a function cannot be sent."""
    return lambda: None


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """Stopped in the middle of its work."""
    os.kill(os.getpid(), signal.SIGSTOP)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def length(text: str) -> int:
    return len(text)
