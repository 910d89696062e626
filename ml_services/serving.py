"""The one front door: which model answers for whom, and its answer. `answering` asks it for the API and the pages
and keeps what was answered; commands and batch ask it too.

Models are loaded at start-up and by a thread that looks for newly promoted versions every WATCH_S, beside the
requests: a request never waits for a load, and keeps the model it began with. A company's own version serves before
the shared one; a version that is refused at load is not silently replaced by another: its endpoint says 503.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

from django.db import DatabaseError, close_old_connections

from ml_services import artifacts, identity, registry
from ml_services.base import Model, Predictor, Record
from ml_services.decisions import shadows
from ml_services.decisions.said import NOTHING_SAID, Said, said_of_all
from ml_services.models import ModelVersion
from ml_services.slots import Slot
from platform_core.errors import ArtifactRefused, NoModel
from platform_core.tenancy import installation_wide

WATCH_S = 2.0
"""Below the 5 s within which every process serves what was promoted."""

log = logging.getLogger(__name__)
Key = tuple[int | None, str]


_slots: dict[Key, Slot] = {}
_refused: dict[Key, str] = {}
_composites: dict[tuple[int, ...], Slot] = {}
_kept_alive: dict[tuple[int, ...], list[Slot]] = {}
_state = {"known": False}
_lock = threading.Lock()


def find(company_id: int | None, name: str) -> Slot:
    """What answers `name` for this company. Raises NotFound for no such predictor, NoModel for no version."""
    if not _state["known"]:
        refresh()
    for key in ((company_id, name), (None, name)):
        slot = _slots.get(key)
        if slot is not None:
            return slot
        if key in _refused:
            raise NoModel(f"The model of {name} cannot serve: {_refused[key]}")
    return _without_artifact(company_id, name)


def _without_artifact(company_id: int | None, name: str) -> Slot:
    predictor = registry.predictor(name)
    if predictor.parts:
        return _composite(predictor, [find(company_id, part) for part in predictor.parts])
    model = predictor.untrained()
    if model is None:
        raise NoModel(
            f"There is no model of {name} yet. Train one: python manage.py train_models {name} "
            f"--data FILE --target COLUMN, or POST /api/models/{name}/train/."
        )
    info = {"name": name, "version": "untrained", "trained_at": None, "evidence": "untrained"}
    return _slots.setdefault((None, name), Slot(predictor, model, info))


def _composite(predictor: Predictor, parts: list[Slot]) -> Slot:
    mark = tuple(id(part) for part in parts)
    slot = _composites.get(mark)
    if slot is None:
        levels = ["untrained", "provisional", "standard", "full"]
        info = {
            "name": predictor.name,
            "version": "+".join(str(part.info["version"]) for part in parts),
            "trained_at": min((part.info["trained_at"] for part in parts if part.info["trained_at"]), default=None),
            "evidence": min((str(part.info["evidence"]) for part in parts), key=levels.index),
            "parts": [part.info for part in parts],
        }
        model = predictor.compose({part.predictor.name: part.model for part in parts})
        with _lock:
            # Slots keep their parts alive, so an id cannot be reused while its composite is cached.
            column = next((part.id_column for part in parts if part.id_column), "")
            _composites[mark] = slot = Slot(predictor, model, info, id_column=column, parts=tuple(parts))
    return slot


def refresh() -> None:
    """Brings this process's models to what the database says. A version that cannot be loaded is logged once."""
    with _lock:
        with installation_wide():  # a process serves all companies
            rows = {(row.company_id, row.predictor): row for row in ModelVersion.across_companies.filter(serving=True)}
        said = said_of_all()
        for key, row in rows.items():
            present = _slots.get(key)
            if present is None or present.info["version"] != row.version:
                _load(key, row)
            _adjust(key, said.get(key, NOTHING_SAID))
        for key in [key for key in {*_slots, *_refused} if key not in rows and _is_versioned(key)]:
            _slots.pop(key, None)
            _refused.pop(key, None)
        present_ids = {id(slot) for slot in _slots.values()}
        for mark in [mark for mark in _composites if not present_ids.issuperset(mark)]:
            del _composites[mark]
        _state["known"] = True


def _adjust(key: Key, said: Said) -> None:
    """Has a company's own model answer by the cuts in force, with its shadow beside it; loads nothing anew."""
    slot = _slots.get(key)
    if slot is None or slot.company_id is None:
        return
    model, shadow = slot.model.with_cuts(said.cuts), shadows.beside(slot, said)
    if model is not slot.model or shadow is not slot.shadow:
        _slots[key] = replace(slot, model=model, shadow=shadow)


def _is_versioned(key: Key) -> bool:
    slot = _slots.get(key)
    return slot is None or slot.info["version"] != "untrained"


def _load(key: Key, row: ModelVersion) -> None:
    company_id, name = key
    try:
        predictor = registry.all_predictors()[name]
        model = artifacts.load(company_id=company_id, predictor=name, version=row.version)
        model.warm()
    except KeyError:
        return
    except ArtifactRefused as problem:
        if _refused.get(key) != problem.detail:
            log.error("model refused: %s", problem.detail)  # noqa: TRY400 - the reason is the message, no traceback
        _refused[key] = problem.detail
        _slots.pop(key, None)
        return
    info = {
        "name": name,
        "version": row.version,
        "trained_at": row.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "evidence": row.evidence,
    }
    _refused.pop(key, None)
    _slots[key] = Slot(predictor, model, info, company_id, identity.id_column(row.card))


def at_work(company_id: int | None, name: str, version: str) -> Model | None:
    """The model of exactly this version, where this process has it at work."""
    slot = _slots.get((company_id, name))
    return slot.model if slot is not None and slot.info["version"] == version else None


def refused_for_all() -> list[str]:
    """The predictors whose shared version was refused at load: an installation fault, unlike a company's own one."""
    if not _state["known"]:
        refresh()
    return sorted(name for company_id, name in _refused if company_id is None)


def forget() -> None:
    """Empties this process's models; the next question loads again."""
    with _lock:
        for kept in (_slots, _refused, _composites):
            kept.clear()
        _state["known"] = False


def watch() -> threading.Event:
    """Loads all models now, then keeps watching for promotions in a thread. Set the event returned to end it."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(WATCH_S):
            try:
                refresh()
            except DatabaseError as problem:
                log.warning("cannot look for new models: %s", type(problem).__name__)
            finally:
                close_old_connections()

    try:
        refresh()
    except DatabaseError as problem:
        log.warning("cannot load models yet: %s", type(problem).__name__)
    threading.Thread(target=look, name="model-watch", daemon=True).start()
    return stop


def predict_one(company_id: int | None, name: str, record: Record, *, explain: bool) -> dict[str, Any]:
    """One record's answer, kept nowhere. Raises RecordInvalid, NoModel, NotFound."""
    slot = find(company_id, name)
    _, inputs = identity.split(slot, record)
    return {**slot.model.answer(inputs, explain=explain), "model": slot.info}


__all__ = ["Slot", "at_work", "find", "forget", "predict_one", "refresh", "refused_for_all", "watch"]
