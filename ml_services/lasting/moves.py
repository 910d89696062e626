"""What moved between two encoded records, and every mixture of the two.

A date becomes its age at the record's own time (`Encoder.time_field`), so ages move without any date being changed:
that movement is a player of its own, the passing of time. Where a version has no column of time, ages are counted from
the newest day that it learned from, and nothing moves within the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_services.base import Record
from ml_services.encoding import Encoder
from ml_services.expanded_columns import AGE, LATEST, OLDEST, DateColumn
from ml_services.lasting.shares import Floats, Masks
from ml_services.value_problems import ABSENT

SAME_DAYS = 1e-9
"""Ages are differences of days as floats: closer than this they are one."""


@dataclass(frozen=True)
class Moves:
    """Two rows (k,) of one encoder. `players`: the fields that changed; `aged`: the date fields whose age moved by
    `passed` days with the record's own time (then one more player stands after the fields). `places`: each changed
    field's columns of the matrix; `ages`: of each aged field, its column and its player, None where its date stayed."""

    before: Floats
    after: Floats
    players: tuple[str, ...]
    places: Mapping[str, list[int]]
    aged: tuple[str, ...] = ()
    ages: tuple[tuple[int, int | None], ...] = ()
    passed: float = 0.0

    @property
    def count(self) -> int:
        """Players, time included."""
        return len(self.players) + bool(self.aged)

    def mixed(self, masks: Masks) -> Floats:
        """Rows (n, k): the earlier one with the changes that each mask (n, players) names."""
        X = np.repeat(self.before[None], len(masks), axis=0)
        for player, name in enumerate(self.players):
            columns = self.places[name]
            X[:, columns] = np.where(masks[:, player, None], self.after[columns], self.before[columns])
        for column, dated in self.ages:
            later = masks[:, -1]
            own = later if dated is None else masks[:, dated]
            early, late = self.before[column], self.after[column]
            early_late = np.where(later, late, late - self.passed)
            X[:, column] = np.where(own, early_late, np.where(later, early + self.passed, early))
        return X


def between(encoder: Encoder, before: Record, after: Record) -> Moves:
    """Raises RecordInvalid where a record does not fit the encoder."""
    first, second = np.array(encoder.encode_one(before)), np.array(encoder.encode_one(after))
    passed = _reference(encoder, after) - _reference(encoder, before)
    places: dict[str, list[int]] = {}
    for column, feature in enumerate(encoder.features):
        places.setdefault(feature.field, []).append(column)
    ages = {f.field: k for k, f in enumerate(encoder.features) if passed and f.name == f"{f.field} ({AGE})"}
    ages = {name: k for name, k in ages.items() if not (np.isnan(first[k]) and np.isnan(second[k]))}
    still = second.copy()
    still[list(ages.values())] -= passed
    moved = ~((np.abs(still - first) <= SAME_DAYS) | (np.isnan(still) & np.isnan(first)))
    changed = tuple(f.name for f in encoder.fields if moved[places.get(f.name, [])].any())
    players = {name: player for player, name in enumerate(changed)}
    aged = tuple((k, players.get(name)) for name, k in ages.items())
    return Moves(first, second, changed, places, tuple(ages), aged, passed)


def _reference(encoder: Encoder, record: Record) -> float:
    """The day that the record's ages are counted from, as the encoder takes it."""
    column: Any = next((one for one in _dates(encoder) if one.field.name == encoder.time_field), None)
    if column is None:
        return 0.0
    moment = column.reader()(record.get(encoder.time_field, ABSENT))
    return float(moment if OLDEST <= moment <= LATEST else encoder.reference)


def _dates(encoder: Encoder) -> list[DateColumn]:
    return [column for column in encoder.columns if isinstance(column, DateColumn)]


__all__ = ["Moves", "between"]
