"""Which column of a file is which field: what the person says, what is found by itself, what might be meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from file_uploads.matching import match_columns
from ml_services.base import Field
from platform_core.errors import FieldProblem, InputInvalid, RecordInvalid

SAME = (
    ("email", "email address", "e mail", "mail", "contact email"),
    ("customer id", "client id", "account id", "customer number", "customer", "client"),
    ("phone", "telephone", "phone number", "mobile", "cell"),
    ("company", "organisation", "organization", "account name", "firm"),
    ("industry", "sector", "branch", "vertical", "business type"),
    ("role", "job title", "title", "position"),
    ("business size", "company size", "employees", "headcount", "number of employees"),
    ("zip", "zip code", "postal code", "postcode"),
    ("state", "region", "province"),
    ("country", "country code", "nation"),
    ("amount", "total", "order total", "revenue", "sales", "turnover", "value", "order value", "net amount"),
    ("price", "unit price", "monthly price", "monthly charges", "monthly fee"),
    ("quantity", "qty", "units", "count"),
    ("date", "order date", "day", "created at", "purchase date", "invoice date", "timestamp"),
    ("tenure months", "tenure", "months as a customer", "customer for months"),
    ("recency days", "days since last order", "days since last purchase", "recency"),
    ("frequency", "orders", "number of orders", "purchases", "order count"),
    ("monetary", "total spend", "total spent", "lifetime spend", "spend"),
    ("text", "message", "comment", "review", "body", "feedback", "content"),
    ("source", "lead source", "channel", "origin"),
)
"""Names that CRM, shop and payment exports use for the same thing."""


def settle(columns: Sequence[str], fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """{file's column: field} for the columns that need another name. Raises InputInvalid for a mapping that names what
    is not there, and RecordInvalid naming each required field that no column stands for, with what might."""
    _check(columns, fields, given)
    renamed = [given.get(name, name) for name in columns]
    settled = {theirs: ours for theirs, ours in given.items() if theirs != ours}
    try:
        found = match_columns(renamed, fields)
    except InputInvalid:
        raise RecordInvalid(_lacking(renamed, fields)) from None
    return settled | {theirs: ours for theirs, ours in found.items() if theirs not in given}


def propose(columns: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """{file's column: field} by known synonyms, for fields that no column bears the name of."""
    taken = {folded(field.name) for field in fields}
    free = {folded(name): name for name in columns if folded(name) not in taken}
    found = {}
    for field in fields:
        if folded(field.name) in {folded(name) for name in columns}:
            continue
        for name in _synonyms(field.name):
            if name in free:
                found[free.pop(name)] = field.name
                break
    return found


def folded(name: str) -> str:
    """A name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold())


def _synonyms(name: str) -> list[str]:
    return [folded(other) for group in SAME if folded(name) in map(folded, group) for other in group]


def _check(columns: Sequence[str], fields: Sequence[Field], given: Mapping[str, str]) -> None:
    names = {one.name for one in fields}
    for theirs, ours in given.items():
        if theirs not in columns:
            raise InputInvalid(f"mapping: the file has no column {theirs[:100]!r}.", attr="mapping")
        if ours not in names:
            raise InputInvalid(f"mapping: the model has no field {ours[:100]!r}.", attr="mapping")
        if ours in columns and ours not in given:
            raise InputInvalid(f"mapping: the file has a column {ours[:100]!r} already.", attr="mapping")
    if len(set(given.values())) < len(given):
        raise InputInvalid("mapping: two columns are mapped to one field.", attr="mapping")


def _lacking(columns: Sequence[str], fields: Sequence[Field]) -> list[FieldProblem]:
    proposed = {ours: theirs for theirs, ours in propose(columns, fields).items()}
    there = {folded(name) for name in columns}
    problems = []
    for field in fields:
        if not field.required or folded(field.name) in there:
            continue
        hint = ""
        if field.name in proposed:
            hint = f' Is it {proposed[field.name]!r}? Then send mapping {{"{proposed[field.name]}": "{field.name}"}}.'
        problems.append(FieldProblem(field.name, "required", f"The file has no column {field.name}.{hint}"))
    return problems or [FieldProblem("mapping", "required", "The file's columns do not stand for the model's fields.")]


__all__ = ["folded", "propose", "settle"]
