"""What is read of each answer and outcome, by the kind of question: numbers, worked out in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ml_services.base import Predictor
from ml_services.scoreboard import series
from ml_services.scoreboard.answered import Answered

NOT_A_NUMBER = "'NaN'::float8"
WRITTEN = r"'^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$'"
MOST_CLASSES = 50
"""Beyond so many, the further ones are read as one."""
SAID = """CASE jsonb_typeof({0}) WHEN 'number' THEN ({0})::float8
    WHEN 'string' THEN CASE WHEN {0} #>> '{{}}' ~ {1} THEN ({0} #>> '{{}}')::float8 ELSE {2} END ELSE {2} END"""
OUTCOME = "came.value"
SAME_TAGS = """(SELECT count(DISTINCT lower(one ->> 'tag'))
    FROM jsonb_array_elements(CASE jsonb_typeof(answers.output -> 'tags') WHEN 'array' THEN answers.output -> 'tags'
        ELSE '[]' END) AS one
    WHERE lower(one ->> 'tag') IN (SELECT lower(told) FROM jsonb_array_elements_text(
          CASE jsonb_typeof(came.value) WHEN 'array' THEN came.value ELSE '[]' END) AS told))"""
LENGTH = "CASE jsonb_typeof({0}) WHEN 'array' THEN jsonb_array_length({0}) END"


def number(place: str) -> str:
    """SQL of a JSON number, or of one written as a text; NaN where it is neither."""
    return SAID.format(place, WRITTEN, NOT_A_NUMBER)


@dataclass(frozen=True, slots=True)
class Question:
    """`columns`: name and SQL of what is read, beside the common columns; `named`: their parameters; `joins`: SQL that
    they are read from, beside the answer and `came`. `bands`: values of the field of the answer that bands are told by;
    `classes`: the names of what can come."""

    columns: tuple[tuple[str, str], ...]
    named: dict[str, Any] = field(default_factory=dict)
    bands: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    joins: str = ""


def question(predictor: Predictor, answered: Sequence[Answered]) -> Question:
    """What is read of this predictor's answers."""
    if predictor.task == "binary":
        return _yes_no(predictor)
    if predictor.task == "classes":
        return _classes(answered)
    if predictor.task == "series":
        return Question(series.COLUMNS, joins=series.points(number))
    return OTHERS.get(predictor.task, Question(()))


def _yes_no(predictor: Predictor) -> Question:
    told = next((one for one in predictor.outputs if one.kind == "string" and one.choices), None)
    came = f"CASE {OUTCOME} WHEN 'true'::jsonb THEN 1.0 WHEN 'false'::jsonb THEN 0.0 ELSE {NOT_A_NUMBER} END"
    columns = [("said", number("answers.output -> 'probability'")), ("came", came)]
    if told is None:
        return Question(tuple(columns))
    columns.append(("band", "coalesce(array_position(%(bands)s, answers.output ->> %(band)s), 0)::float8"))
    return Question(tuple(columns), {"bands": list(told.choices), "band": told.name}, bands=told.choices)


def _classes(answered: Sequence[Answered]) -> Question:
    names: dict[str, None] = {}
    for one in answered:
        names |= dict.fromkeys(one.example.get("probabilities") or {})
    known = tuple(names)[:MOST_CLASSES]
    said = tuple(
        (f"said_{place}", number(f"answers.output -> 'probabilities' -> %(class_{place})s"))
        for place in range(len(known))
    )
    place = f"coalesce(array_position(%(classes)s, {OUTCOME} #>> '{{}}'), 0)::float8 - 1"
    came = f"CASE WHEN {OUTCOME} IS NOT NULL THEN {place} END"
    named = {f"class_{place}": name for place, name in enumerate(known)} | {"classes": list(known)}
    return Question((*said, ("came", came)), named, classes=known)


TOLD_SEGMENT = "coalesce(answers.output ->> 'segment', ''), coalesce(answers.output ->> 'persona', '')"
OTHERS: dict[str, Question] = {
    "value": Question(
        (
            ("said", number("answers.output -> 'value'")),
            ("low", number("answers.output -> 'interval' -> 'low'")),
            ("high", number("answers.output -> 'interval' -> 'high'")),
            ("level", number("answers.output -> 'interval' -> 'level'")),
            ("came", number(OUTCOME)),
        )
    ),
    "cluster": Question((("came", f"({OUTCOME} #>> '{{}}' IN ({TOLD_SEGMENT}))::int::float8"),)),
    "polarity": Question(
        (("came", f"({OUTCOME} #>> '{{}}' = coalesce(answers.output ->> 'label', ''))::int::float8"),)
    ),
    "tags": Question(
        (
            ("came", f"CASE jsonb_typeof({OUTCOME}) WHEN 'array' THEN {SAME_TAGS}::float8 END"),
            ("told", LENGTH.format("(answers.output -> 'tags')") + "::float8"),
            ("known", LENGTH.format(OUTCOME) + "::float8"),
        )
    ),
}

__all__ = ["Question", "question"]
