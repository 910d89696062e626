"""A new version meets the one that serves: which rows judge them, what both say, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.base import Exam, Model, Predictor, Trained, TrainingData, TrainingOptions
from ml_services.champions import labels, outcomes
from ml_services.champions.comparison import FOLDS, HOLDOUT, OUTCOMES, Comparison, compare, first, not_compared
from ml_services.champions.rival import LEFT_OUT, Rival, named, plain
from ml_services.tabular import TabularModel
from ml_services.texts.polarity import PolarityModel
from ml_services.texts.tagging import LabelModel
from platform_core.errors import ArtifactRefused

if TYPE_CHECKING:
    from ml_services.champions.resampling import Floats

ENOUGH_ANSWERED = 0.9
"""Of the rows that judge: where the serving version can read fewer, the others tell another story."""
BY_RULE = {
    "cluster": "segments have no truth to be judged by.",
    "series": "a forecast is fitted anew whenever it is asked for.",
    "value": "models of purchases are judged by going back in time, each in its own file.",
}
"""Why a task's versions are not compared; amounts only where they are learned from purchases."""
COMPARED_AS = {"polarity": "binary"}
"""Tasks whose answers are compared as those of another: praise against blame is a yes and a no."""
LEAP, STRONG = 0.05, 3
"""Gain of the metric that new columns seldom bring honestly, where one of them is among so many strongest."""
LEAPT = (
    "So much better owing to {columns}, which the serving version does not know: look whether that is known when you "
    "predict, then let it serve by hand, or leave it out."
)
UNREADABLE = "{version}, which serves, can read only {read:,} of the {rows:,} rows that would judge both."


def meet(
    predictor: Predictor, rival: Rival | None, trained: Trained, data: TrainingData, options: TrainingOptions,
    by_person: bool,
) -> Comparison:  # fmt: skip
    """The comparison of a finished training with what serves."""
    if rival is None:
        return first()
    if rival.model is None:  # it cannot answer anybody either: nothing is lost
        return not_compared(rival.gone, against=rival.version, by_person=True)
    exam = trained.exam
    if exam is None:
        why = BY_RULE.get(predictor.task, "there is nothing that both could be judged by.")
        return not_compared(why, against=rival.version, by_person=by_person)
    notes, task = changes(rival, trained), COMPARED_AS.get(predictor.task, predictor.task)
    reported = None if rival.other_target(trained.card["target"]) else outcomes.reported(rival, trained, data, options)
    if reported is not None:
        return compare(
            task=task, y=reported.truth, champion=reported.champion, challenger=reported.challenger,
            seed=options.seed, on=OUTCOMES, against=rival.version, way=outcomes.WAY, notes=notes,
        )  # fmt: skip
    why = exam.lock.why or _left_out(rival, trained)
    if why:
        return not_compared(why, against=rival.version, by_person=by_person)
    made = _on_rows(task, rival, exam, trained, options.seed, by_person, notes)
    words = predictor.grain == "text"  # what is strongest there is no column
    return made if by_person or words else not_by_itself(made, rival, trained)


def not_by_itself(made: Comparison, rival: Rival, trained: Trained) -> Comparison:
    """A leap owing to columns that the serving version does not know may be a leak that looks like none (a column that
    is filled in after the event, for some rows only): a person has to look before it serves."""
    known = {one.name for one in rival.model.fields} if rival.model else set()
    strongest = [one["feature"] for one in trained.card.get("strongest_features") or ()]
    new = [name for name in strongest[:STRONG] if name not in known]
    if not made.promotes or not new or (made.difference or 0.0) < LEAP:
        return made
    return replace(made, promotes=False, reason=f"{made.reason} {LEAPT.format(columns=named(new))}")


def _on_rows(
    task: str, rival: Rival, exam: Exam, trained: Trained, seed: int, by_person: bool, notes: tuple[str, ...]
) -> Comparison:
    try:
        model = rival.proof() if exam.lock.by_proof else rival.model
    except ArtifactRefused as problem:
        return not_compared(problem.detail, against=rival.version, by_person=by_person)
    wanted = trained.card["target"]["labels"]
    positions, before = answers(model, exam.table, rival.labels, wanted)
    if len(positions) < ENOUGH_ANSWERED * exam.table.num_rows or not len(positions):
        why = UNREADABLE.format(version=rival.version, read=len(positions), rows=exam.table.num_rows)
        return not_compared(why, against=rival.version, by_person=by_person)
    truth, said = exam.truth[positions], exam.said[positions]
    if task == "tags":
        judged = labels.judged_by(rival, wanted, truth)
        if not judged:
            return not_compared(labels.TOO_FEW, against=rival.version, by_person=by_person)
        truth, before, said = truth[:, judged], before[:, judged], said[:, judged]
        notes += labels.left_out(rival, wanted, judged)
    return compare(
        task=task, y=truth, champion=before, challenger=said, seed=seed,
        on=HOLDOUT if trained.proof is not None else FOLDS, against=rival.version, way=exam.lock.way, notes=notes,
    )  # fmt: skip


def answers(
    model: Model | None, table: pa.Table, own: Sequence[str], wanted: Sequence[str]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The rows that a model can read, and its calibrated answers to them; of classes and labels in the order of
    `wanted`: one that it does not know has no chance."""
    if isinstance(model, PolarityModel):
        return model.probabilities(table)
    if isinstance(model, LabelModel):
        positions, said = model.chances(table)
    elif isinstance(model, TabularModel):
        X, positions, _ = model.encoder.encode_table(table)
        said = model.calibrator.many(model.scorer.raw(X)) if len(X) else np.empty(0)
    else:
        return np.empty(0, np.int64), np.empty(0)
    if said.ndim == 1:
        return positions, said
    places = {label: place for place, label in enumerate(plain(own))}
    columns = [places.get(label) for label in plain(wanted)]
    none = np.zeros(len(said))
    return positions, np.column_stack([none if place is None else said[:, place] for place in columns])


def _left_out(rival: Rival, trained: Trained) -> str:
    """Columns that the leakage gate has taken out of the new version, which the other one uses."""
    used = {one.name for one in rival.model.fields} if rival.model else set()
    gone = {one["name"] for one in trained.card["columns"] if not one["used"] and one["kind"] == "excluded"}
    return LEFT_OUT.format(version=rival.version, columns=named(sorted(used & gone))) if used & gone else ""


def changes(rival: Rival, trained: Trained) -> tuple[str, ...]:
    """What is different about the data, for a person."""
    told = []
    before, now = ((card.get("data") or {}).get("rows_used") for card in (rival.card, trained.card))
    if before and now and now < before:
        told.append(f"Less data than before: {now:,} rows, the serving version had {before:,}.")
    old = {one.name: one for one in rival.model.fields} if rival.model else {}
    new = {one.name: one for one in trained.model.fields}
    if added := sorted(new.keys() - old.keys()):
        told.append(f"Columns that the serving version does not use: {named(added)}.")
    if lost := sorted(old.keys() - new.keys()):
        told.append(f"Columns of the serving version that are no longer used: {named(lost)}.")
    for name in sorted(old.keys() & new.keys()):
        if old[name].kind == new[name].kind == "category" and old[name].choices:
            fresh = sorted(set(new[name].choices) - set(old[name].choices))
            if fresh:
                told.append(f"New values in '{name}': {named(fresh)}.")
    return tuple(told)


__all__ = ["answers", "changes", "meet"]
