"""The version that serves, as the training of the next one meets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ml_services import artifacts
from ml_services.base import Model
from ml_services.models import ModelVersion
from platform_core.errors import ArtifactRefused
from platform_core.tenancy import owner_in_force

if TYPE_CHECKING:
    from ml_services.champions.rows import KnownRows
    from ml_services.columns import ColumnReport
    from ml_services.targets import Target

GONE = "{version}, which serves, cannot be loaded. {why}"
NO_ROWS = "{version}, which serves, was trained before versions kept which rows they learned from."
OTHER_TARGET = "{version}, which serves, tells '{before}', the new one '{now}'."
OTHER_YES = "{version}, which serves, gives the chance of '{before}', the new one that of '{now}'."
OTHER_CLASSES = "{version}, which serves, knows none of the classes in this file."
OTHER_READING = "{version}, which serves, reads the label '{label}' as {before}, the new one as {now}."
OTHER_LABELS = "{version}, which serves, knows none of the labels in this file."
LACKS = "{version}, which serves, needs columns that this file does not have: {columns}."
LEFT_OUT = "{version}, which serves, uses columns that are left out now: {columns}."


@dataclass
class Rival:
    """`model` None: its artifact is refused, and `why` says so. `known`: the rows it learned from."""

    version: str
    card: dict[str, Any]
    model: Model | None
    known: KnownRows | None
    has_proof: bool
    company_id: int | None
    why: str = ""
    labels: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.labels = tuple((self.card.get("target") or {}).get("labels") or ())

    def proof(self) -> Model:
        """What it was judged by. Raises ArtifactRefused."""
        return artifacts.load_proof(
            company_id=self.company_id, predictor=str(self.card["predictor"]), version=self.version
        )

    def obstacle(self, columns: Sequence[str], target: Target, reports: Sequence[ColumnReport]) -> str:
        """Why it cannot be compared with a training on these columns and this target; empty where it can."""
        return (
            (self.gone if self.model is None else "")
            or self.other_target({"name": target.name, "task": target.task, "labels": target.labels})
            or self._other_columns(columns, reports)
            or (NO_ROWS.format(version=self.version) if self.known is None else "")
        )

    @property
    def gone(self) -> str:
        """Of a version whose artifact is refused."""
        return GONE.format(version=self.version, why=self.why)

    def other_target(self, target: Mapping[str, Any]) -> str:
        """What is different about a target {name, task, labels}; empty where nothing is."""
        before = str((self.card.get("target") or {}).get("name", ""))
        if before.casefold() != target["name"].casefold():
            return OTHER_TARGET.format(version=self.version, before=before, now=target["name"])
        labels = list(target["labels"])
        if target["task"] == "binary" and plain(self.labels[-1:]) != plain(labels[-1:]):
            return OTHER_YES.format(version=self.version, before="".join(self.labels[-1:]), now=labels[-1])
        if target["task"] == "classes" and not set(plain(self.labels)) & set(plain(labels)):
            return OTHER_CLASSES.format(version=self.version)
        if target["task"] == "tags" and not set(plain(self.labels)) & set(plain(labels)):
            return OTHER_LABELS.format(version=self.version)
        return self._other_reading(target["read"]) if target["task"] == "polarity" else ""

    def _other_reading(self, read: Mapping[str, str]) -> str:
        """Of labels beside texts, {spelling: kind}: one that means something else now."""
        before = (self.card.get("target") or {}).get("read") or {}
        for label in sorted(before.keys() & read.keys()):
            if before[label] != read[label]:
                return OTHER_READING.format(version=self.version, label=label, before=before[label], now=read[label])
        return ""

    def _other_columns(self, columns: Sequence[str], reports: Sequence[ColumnReport]) -> str:
        needed = {one.name for one in self.model.fields if one.required} if self.model else set()
        told = {*needed, *(self.known.columns if self.known else ())}
        lacking = sorted(told.difference(columns))
        if lacking:
            return LACKS.format(version=self.version, columns=named(lacking))
        used = {one.name for one in self.model.fields} if self.model else set()
        gone = sorted(used & {report.name for report in reports if not report.used and report.kind == "excluded"})
        return LEFT_OUT.format(version=self.version, columns=named(gone)) if gone else ""


def plain(labels: Sequence[str]) -> list[str]:
    """Labels in one spelling: 'Yes' is 'yes', '1.0' is '1'."""
    return [label.strip().casefold().removesuffix(".0") for label in labels]


def named(columns: Sequence[str]) -> str:
    """Some names, in quotes."""
    shown = ", ".join(f"'{name}'" for name in columns[:6])
    return f"{shown} and {len(columns) - 6} more" if len(columns) > 6 else shown


def find(predictor: str, company_id: int | None) -> Rival | None:
    """The company's own version that serves; None where it has none."""
    with owner_in_force(company_id):
        row = ModelVersion.across_companies.filter(company_id=company_id, predictor=predictor, serving=True).first()
    if row is None:
        return None
    place = {"company_id": company_id, "predictor": predictor, "version": row.version}
    card = {**row.card, "predictor": predictor}
    try:
        model = artifacts.load(**place)
        kept, has_proof = artifacts.rows(**place)
    except ArtifactRefused as problem:
        # A first model after an upgrade has nothing to be matched with; it is trained afresh.
        return Rival(row.version, card, None, None, False, company_id, problem.detail)
    return Rival(row.version, card, model, _known(kept), has_proof, company_id)


def _known(kept: bytes | None) -> KnownRows | None:
    from ml_services.champions.rows import KnownRows

    return None if kept is None else KnownRows.from_bytes(kept)


__all__ = ["Rival", "find", "named", "plain"]
