"""Several acts at once, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from platform_core.tenancy import company_in_force


def at_once(*acts: Callable[[], Any], company_id: int) -> list[str]:
    """Runs acts in threads that start together; what each raised, or an empty text."""
    gate, found = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            with company_in_force(company_id):
                gate.wait(10)
                act()
        except Exception as problem:  # told to the test below
            found[place] = type(problem).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found
