"""Puts a board together: four queries, however many predictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ml_services import registry
from ml_services.base import Predictor
from ml_services.card import rounded
from ml_services.models import PredictorSetting
from ml_services.scoreboard import ledger_rows, questions, verdict
from ml_services.scoreboard.answered import Answered, versions
from ml_services.scoreboard.counting import Counted, counted
from ml_services.scoreboard.evidence import tolerance
from ml_services.scoreboard.figures import BY_TASK
from ml_services.scoreboard.intervals import share
from ml_services.scoreboard.questions import Question
from ml_services.scoreboard.rates import ABOUT, Rates, rates
from ml_services.scoreboard.timeline import over_time
from platform_core.errors import InputInvalid

CLOCKS_APART = timedelta(minutes=1)
COUNTING = (
    "A prediction counts once its horizon has closed. Of several of one version for one external_id within a horizon "
    "the first counts."
)
NOTHING = "No prediction was made yet."
OF_PARTS = "Look at its parts: {}. Their boards hold what it answered."
NOT_PROMISED = "The model card promises no rate that could be held against what came."


def made(name: str, *, version: str | None, until: datetime | None) -> dict[str, Any]:
    """See `ml_services.scoreboard.board`."""
    predictor, now = registry.predictor(name), datetime.now(UTC)
    if until is not None and until > now + CLOCKS_APART:
        raise InputInvalid("until is in the future: no horizon has closed then.", attr="until")
    moment = until or now
    setting = PredictorSetting.objects.filter(predictor=name).first() or PredictorSetting(predictor=name)
    found = [] if predictor.parts else versions(name, version=version, until=moment, setting=setting)
    boards = _boards(predictor, found, setting, moment)
    nothing = verdict.silent(OF_PARTS.format(", ".join(predictor.parts)) if predictor.parts else NOTHING)
    chosen = next((one for one in boards if one["serving"]), boards[0] if boards else None)
    head = {
        "predictor": name,
        "task": predictor.task,
        "counts": ABOUT.get(predictor.task, "yes"),
        "until": moment.isoformat(),
        "silence_means_no": bool(setting.silence_means_no) and predictor.task == "binary",
        "counting": COUNTING,
        "limited": sum(one.answers for one in found) > ledger_rows.MOST_ROWS,
        "parts": list(predictor.parts),
    }
    told = {**chosen["verdict"], "version": chosen["version"]} if chosen else {**nothing, "version": None}
    return {**head, "versions": boards, "verdict": told}


def _boards(
    predictor: Predictor, found: list[Answered], setting: PredictorSetting, until: datetime
) -> list[dict[str, Any]]:
    if not found:
        return []
    asked = questions.question(predictor, found)
    yes_no = predictor.task == "binary"
    each = counted(
        ledger_rows.read(predictor.name, found, asked, until), [one.horizon.days for one in found], until.timestamp(),
        yes_no=yes_no, silence_means_no=yes_no and bool(setting.silence_means_no),
    )  # fmt: skip
    return [_board(predictor.task, one, own, asked) for one, own in zip(found, each, strict=True)]


def _board(task: str, answered: Answered, found: Counted, asked: Question) -> dict[str, Any]:
    known = found.reported
    part = found.rows.taken(np.flatnonzero(known))
    figures = BY_TASK[task](part.more, asked.classes) if task in BY_TASK else {}
    told = rates(task, found, asked, answered.card)
    total, bands, said = _judged(told, answered, ABOUT.get(task, "yes"))
    board = {
        **head(answered),
        "predictions": tally(answered, found.closed, len(found.rows), int(known.sum()), found.silent_no),
        "coverage": share(float(known.sum()) - found.silent_no, len(found.rows)),
        "total": total,
        "bands": bands,
        "metrics": figures,
        "over_time": over_time(task, part, told, asked.classes) if told else [],
        "promised": promised(answered.card, figures),
        "verdict": said,
    }
    return dict(rounded(board))


def _judged(told: Rates | None, answered: Answered, about: str) -> tuple[Any, list[dict[str, Any]], dict[str, Any]]:
    if told is None:
        return None, [], verdict.silent(NOT_PROMISED)
    return verdict.judged(told, tolerance(answered.card), about)


def head(answered: Answered) -> dict[str, Any]:
    """Which version, when it answered, and how far it looks."""
    return {
        "version": answered.version,
        "shared": answered.company is None,
        "serving": answered.serving,
        "first_answer": answered.first.isoformat(),
        "last_answer": answered.last.isoformat(),
        "horizon": {"days": answered.horizon.days, "source": answered.horizon.source},
    }


def tally(answered: Answered, closed: int, counts: int, reported: int, silent_no: int) -> dict[str, int]:
    """What became of the predictions, each in one place: open, repeated, reported, unreported or counted as no."""
    return {
        "answered": answered.answers,
        "open": max(answered.answers - closed, 0),
        "closed": closed,
        "repeated": closed - counts,
        "counted": counts,
        "reported": reported - silent_no,
        "unreported": counts - reported + silent_no,
        "counted_as_no": silent_no,
    }


def promised(card: dict[str, Any], figures: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What the card said at training, beside what came."""
    metrics = card.get("metrics") or {}
    return [
        {
            "metric": name,
            "promised": metrics[name],
            "promised_low": metrics.get(f"{name}_low"),
            "promised_high": metrics.get(f"{name}_high"),
            "now": now,
        }
        for name, now in figures.items()
        if metrics.get(name) is not None
    ]


__all__ = ["head", "made", "promised", "tally"]
