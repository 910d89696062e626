"""How predictions turned out: what was said, beside what came, for each version that answered.

`board` reads the ledger and the outcomes of the company in force. It imports numpy only when it is asked: the web
parent starts without.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


def board(predictor: str, *, version: str | None = None, until: datetime | None = None) -> dict[str, Any]:
    """The scoreboard, JSON-ready. `version`: only this one's; `until`: horizons closed by then, now without it.

    {predictor, task, until, silence_means_no, counting, limited, versions: [version boards, the newest answer first],
    verdict}. A figure is {value, low, high, rows, needed}: where `value` is null it is unknown, and `needed` says what
    is missing. Raises NotFound for what does not exist, InputInvalid for an `until` in the future."""
    from ml_services.scoreboard.making import made

    return made(predictor, version=version, until=until)


def alert(found: dict[str, Any]) -> dict[str, Any]:
    """The verdict of a board, with the version that it is about: {status: ok | alert | unknown, reasons, evidence,
    version}. It is of the version that serves, where that has answered; else of the one that answered last."""
    verdict: dict[str, Any] = found["verdict"]
    return verdict


__all__ = ["alert", "board"]
