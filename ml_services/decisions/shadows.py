"""The shadow: a company's other version that answers a share of the requests unseen, to be compared before it
serves."""

from __future__ import annotations

import logging

from ml_services import artifacts
from ml_services.decisions.said import Said
from ml_services.slots import Shadow, Slot
from platform_core.errors import ArtifactRefused

log = logging.getLogger(__name__)
_refused: set[tuple[int | None, str, str]] = set()


def beside(slot: Slot, said: Said) -> Shadow | None:
    """The shadow that a slot is to have: the one that it has, where nothing changed; none where it cannot be loaded,
    which is logged once."""
    if not said.shadow or not said.share or said.shadow == slot.info["version"]:
        return None
    key = (slot.company_id, slot.predictor.name, said.shadow)
    present = slot.shadow
    if present is not None and present.version == said.shadow:
        model = present.model
    elif key in _refused:
        return None
    else:
        try:
            model = artifacts.load(company_id=slot.company_id, predictor=slot.predictor.name, version=said.shadow)
            model.warm()
        except ArtifactRefused as problem:
            _refused.add(key)
            log.error("shadow refused: %s", problem.detail)  # noqa: TRY400 - the reason is the message, no traceback
            return None
    by_cuts = model.with_cuts(said.cuts)
    if present is not None and (present.model, present.version, present.share) == (by_cuts, said.shadow, said.share):
        return present
    return Shadow(said.shadow, said.share, by_cuts)


__all__ = ["beside"]
