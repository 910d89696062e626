"""Where records lie in a model's own eyes: as the effects that it gives to each of their fields.

Two records are near where the model has the same grounds for what it says of them, whatever the fields' units, and a
field that it does not heed moves nobody (clustering by explanations: Lundberg, Erion and Lee, "Consistent
individualized feature attribution for tree ensembles", 2018, section 5.2). Of a text the fields are its words; of
segments the axes are those of their own space.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_services import schema
from ml_services.base import Field, Model, Record
from ml_services.lasting.shares import Floats
from ml_services.segmentation.model import SegmentModel
from ml_services.tabular import EXPLAINED_AT_ONCE, TabularModel
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.records import read_text
from platform_core.errors import RecordInvalid

MOST_CASES, FEWEST_LOOKED_AT = 5_000, 200
MOST_CELLS = 100_000
"""Effects computed for one question, rows x features x classes: about a second of a boosted model on one core."""
WORDS_A_TEXT = 100


@dataclass(frozen=True)
class Places:
    """`effects` (n, axes), a row of NaN where a record cannot be read; `owners`: each axis' field, or word."""

    effects: Floats
    owners: tuple[str, ...]

    def axes(self) -> dict[str, list[int]]:
        """The axes of each field."""
        found: dict[str, list[int]] = {}
        for axis, owner in enumerate(self.owners):
            found.setdefault(owner, []).append(axis)
        return found


def most_cases(model: Model) -> int:
    """So many that their effects are computed in a bounded time."""
    if isinstance(model, PolarityModel):
        cells = WORDS_A_TEXT
    else:
        encoder = getattr(model, "encoder", None)
        cells = len(encoder.features) * getattr(getattr(model, "scorer", None), "n_outputs", 1) if encoder else 1
    return min(max(MOST_CELLS // cells, FEWEST_LOOKED_AT), MOST_CASES)


def has_places(model: Model) -> bool:
    """Whether `located` knows this kind of model."""
    return isinstance(model, TabularModel | SegmentModel | PolarityModel)


def located(model: Model, records: Sequence[Record]) -> Places:
    """Personal fields, and fields that a record does not hold, are unknown to the model; personal ones have no axis."""
    if isinstance(model, PolarityModel):
        return _of_texts(model, records)
    assert isinstance(model, TabularModel | SegmentModel)  # noqa: S101 - the caller asked `has_places`
    X, readable = _encoded(model, records)
    if isinstance(model, SegmentModel):
        found, owners = model.space.many(X), [axis.field for axis in model.space.axes]
    else:
        found, owners = _effects(model, X)
    personal = {field.name for field in model.fields if field.personal}
    kept = [axis for axis, owner in enumerate(owners) if owner not in personal]
    whole = np.full((len(records), len(kept)), np.nan)
    whole[readable] = found[:, kept]
    return Places(whole, tuple(owners[axis] for axis in kept))


def _encoded(model: TabularModel | SegmentModel, records: Sequence[Record]) -> tuple[Floats, list[int]]:
    """The matrix of the readable records, and their positions."""
    columns: dict[str, list[int]] = {}
    for column, feature in enumerate(model.encoder.features):
        columns.setdefault(feature.field, []).append(column)
    rows, readable = [], []
    for position, record in enumerate(records):
        filled, unknown = _filled(record, model.fields)
        try:
            row = np.array(model.encoder.encode_one(filled))
        except RecordInvalid:
            continue
        row[[column for name in unknown for column in columns.get(name, ())]] = np.nan
        rows.append(row)
        readable.append(position)
    return np.array(rows).reshape(len(rows), len(model.encoder.features)), readable


def _filled(record: Record, fields: Sequence[Field]) -> tuple[dict[str, Any], list[str]]:
    """The record with a valid value in place of each that is personal, redacted or not there, and their names."""
    unknown = [
        field.name
        for field in fields
        if field.personal or field.name not in record or isinstance(record[field.name], Mapping)
    ]
    filled = {field.name: record.get(field.name) for field in fields}
    return filled | {field.name: schema.example_value(field) for field in fields if field.name in unknown}, unknown


def _effects(model: TabularModel, X: Floats) -> tuple[Floats, list[str]]:
    """(n, fields x classes), and whose each column is."""
    places = {field.name: place for place, field in enumerate(model.fields)}
    member = np.zeros((len(model.encoder.features), len(places)))
    for column, feature in enumerate(model.encoder.features):
        member[column, places[feature.field]] = 1.0
    found = []
    for start in range(0, len(X), EXPLAINED_AT_ONCE):
        _, effects = model.scorer.effects(X[start : start + EXPLAINED_AT_ONCE])
        cube = effects[:, :, None] if effects.ndim == 2 else effects
        found.append(np.einsum("nkc,kf->nfc", cube, member).reshape(len(cube), -1))
    owners = [name for name in places for _ in range(model.scorer.n_outputs)]
    return np.concatenate(found) if found else np.zeros((0, len(owners))), owners


def _of_texts(model: PolarityModel, records: Sequence[Record]) -> Places:
    words: dict[str, int] = {}
    told: list[dict[str, float] | None] = []
    for record in records:
        try:
            _, effects = model.scorer.effects(read_text(record, model.column))
        except RecordInvalid:
            told.append(None)
            continue
        told.append(effects)
        for word in effects:
            words.setdefault(word, len(words))
    matrix = np.zeros((len(records), len(words)))
    for position, found in enumerate(told):
        if found is None:
            matrix[position] = np.nan
        else:
            matrix[position, [words[word] for word in found]] = list(found.values())
    return Places(matrix, tuple(words))


__all__ = ["Places", "has_places", "located", "most_cases"]
