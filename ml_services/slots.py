"""A model at work, with what is worked out once about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ml_services.base import Model, Predictor


@dataclass(frozen=True, slots=True)
class Shadow:
    """A version that answers a share of the requests beside the one that serves, unseen."""

    version: str
    share: float
    model: Model


@dataclass(frozen=True, slots=True)
class Slot:
    """A model at work. `info` is the `model` part of every answer; `company_id` None: shared. `id_column`: the column
    of ids in what it learned from. `parts`: of a composite. `shadow`: what answers unseen beside it. The rest is worked
    out once: what a record may hold beside the fields (`extras`), both together (`known`), what says who somebody is
    (`personal`)."""

    predictor: Predictor
    model: Model
    info: dict[str, Any]
    company_id: int | None = None
    id_column: str = ""
    parts: tuple[Slot, ...] = ()
    shadow: Shadow | None = None
    extras: frozenset[str] = field(init=False)
    known: frozenset[str] = field(init=False)
    personal: frozenset[str] = field(init=False)
    part_versions: list[dict[str, Any]] | None = field(init=False)

    def __post_init__(self) -> None:
        fields, extras = self.model.fields, frozenset(getattr(self.model, "extras", ()))
        versions = [
            {"name": part.predictor.name, "version": part.info["version"], "company": part.company_id}
            for part in self.parts
        ]
        for name, value in (
            ("extras", extras),
            ("known", extras.union(one.name for one in fields)),
            ("personal", frozenset(one.name for one in fields if one.personal)),
            ("part_versions", versions or None),
        ):
            object.__setattr__(self, name, value)


__all__ = ["Shadow", "Slot"]
