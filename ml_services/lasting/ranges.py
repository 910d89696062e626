"""What a field may be set to in a what-if: the values that the version saw often enough to have learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml_services import artifacts, past_models
from ml_services.base import Field, Record
from ml_services.checking import bounds, yes_no_spellings
from ml_services.encoding import Encoder
from ml_services.level_columns import OTHER
from platform_core.errors import ArtifactRefused, InputInvalid
from request_logs.models import Prediction

LOW, HIGH = 0.01, 0.99
"""Shares of the training rows: beyond, the model saw next to nothing and answers by its nearest rows."""
KINDS = ("number", "integer", "yes_no", "category", "date")
"""What has a range; a text or a history has none."""


@dataclass(frozen=True)
class Range:
    """`values`: quantiles from p1 to p99 within the field's own bounds, or the levels seen; `low`, `high` of numbers.
    Of a date the range is that of its age, in days."""

    field: Field
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def said(self) -> str:
        """In words."""
        if self.low is None or self.high is None:
            return "one of: " + ", ".join(map(str, self.values))
        unit = " days of age" if self.field.kind == "date" else f" {self.field.unit}" if self.field.unit else ""
        return f"from {self.low:g} to {self.high:g}{unit}"

    def as_json(self) -> dict[str, Any]:
        """For the answer."""
        levels = list(self.values) if self.low is None else None
        return {"field": self.field.name, "low": self.low, "high": self.high, "levels": levels}

    def check(self, value: Any, encoder: Encoder, record: Record) -> None:
        """Raises InputInvalid where the model, given the record with this value, would see what it never saw."""
        places = [k for k, feature in enumerate(encoder.features) if feature.field == self.field.name]
        seen = encoder.encode_one(record)[places[0]] if places else math.nan
        fits = self.low <= seen <= self.high if self.low is not None and self.high is not None else seen == seen
        if fits and self.low is None and self.field.kind == "category":
            fits = encoder.features[places[0]].levels[int(seen)] in self.values
        if not fits:
            raise InputInvalid(
                f"{self.field.name} {value!r} is outside what this version saw: {self.said}.",
                attr=f"changes.{self.field.name}",
            )


def quantiles_of(row: Prediction) -> dict[str, dict[str, Any]]:
    """What the training rows of each part looked like, by the predictor's name; empty where nothing was kept."""
    found: dict[str, dict[str, Any]] = {}
    for name, version, company in past_models.versions_of(row):
        try:
            kept = artifacts.quantiles(company_id=company, predictor=name, version=version)
        except ArtifactRefused:  # a model without training has no artifact
            kept = {}
        found[name] = kept
    return found


def ranges(fields: tuple[Field, ...], quantiles: Mapping[str, Any]) -> dict[str, Range]:
    """By field, of those that have one."""
    described: dict[str, Any] = {}
    for feature in quantiles.get("features", {}).values():
        described.setdefault(feature["field"], feature)  # of a date the first is its age
    shares = list(quantiles.get("shares", ()))
    found = {f.name: _range(f, described[f.name], shares) for f in fields if f.name in described and f.kind in KINDS}
    return {name: one for name, one in found.items() if one is not None}


def _range(field: Field, seen: Mapping[str, Any], shares: list[float]) -> Range | None:
    if field.kind == "yes_no":
        return Range(field, yes_no_spellings(field))
    if "levels" in seen:
        levels = tuple(level for level, share in seen["levels"].items() if share > 0 and level != OTHER)
        return Range(field, levels) if levels else None
    if not seen.get("quantiles"):
        return None
    inside = [value for share, value in zip(shares, seen["quantiles"], strict=True) if LOW <= share <= HIGH]
    if field.kind == "date":
        return Range(field, (), inside[0], inside[-1])
    low, high = bounds(field)
    whole = (lambda value: float(round(value))) if field.kind == "integer" else float
    values = tuple(dict.fromkeys(min(max(whole(value), low), high) for value in inside))
    return Range(field, tuple(int(v) if v == int(v) else v for v in values), values[0], values[-1])


__all__ = ["Range", "quantiles_of", "ranges"]
