"""Fields of what a person or a program sends: each is checked by a rule, and every wrong one is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from platform_core.errors import FieldProblem, RecordInvalid
from users.emails import EmailInvalid, canonical

Rule = Callable[[Any], Any]
"""Gives the value as it is kept, or raises Wrong."""
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that no one-line text holds: control characters could write a header or a second log line."""

CRON = r"^([0-9]|[1-5][0-9]) (\*|[0-9]|1[0-9]|2[0-3]) (\*|[1-9]|1[0-9]|2[0-8]) (\*|[1-9]|1[0-2]) (\*|[0-6]|1-5)$"
"""Once an hour at most, and on days that every month has, so that there always is a next turn."""


class Wrong(Exception):
    """A value that a rule refuses. `code` as in FieldProblem; `place`: where within the value, as `0.name`."""

    def __init__(self, code: str, detail: str, place: str = "") -> None:
        super().__init__(detail)
        self.code, self.detail, self.place = code, detail, place


def read(given: Any, rules: Mapping[str, Rule], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a body as they are kept. Raises RecordInvalid naming each that is wrong, missing or unknown."""
    if not isinstance(given, Mapping):
        raise RecordInvalid([FieldProblem("", "wrong_type", "The body must be a JSON object.")])
    kept: dict[str, Any] = {}
    problems = [FieldProblem(name, "required", f"{name} is required.") for name in required if name not in given]
    for name, value in given.items():
        rule = rules.get(name)
        if rule is None:
            known = ", ".join(sorted(rules))
            text = str(name)[:60]
            problems.append(FieldProblem(text, "unknown", f"There is no field {text!r}. Known: {known}."))
            continue
        try:
            kept[name] = rule(value)
        except Wrong as wrong:
            place = f"{name}.{wrong.place}" if wrong.place else name
            problems.append(FieldProblem(place, wrong.code, f"{place} {wrong.detail}."))
    if problems:
        raise RecordInvalid(problems)
    return kept


def line(longest: int, *, blank: bool = False) -> Rule:
    """One line of text, trimmed; `blank`: it may be empty."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", "must be a text")
        text = value.strip()
        if not text and not blank:
            raise Wrong("required", "must not be empty")
        if len(text) > longest:
            raise Wrong("too_long", f"has more than {longest} characters")
        if any(unicodedata.category(sign) in UNSEEN for sign in text):
            raise Wrong("invalid", "must be one line without control characters")
        return text

    return rule


def email(value: Any) -> str:
    """An e-mail address in the spelling in which it is kept and compared."""
    if not isinstance(value, str):
        raise Wrong("wrong_type", "must be a text")
    try:
        return canonical(value)
    except EmailInvalid:
        raise Wrong("invalid", "must be an e-mail address, as ann@example.com") from None


def choice(*known: str) -> Rule:
    """One of a few words."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", "must be a text")
        if value not in known:
            raise Wrong("not_a_choice", f"must be one of {', '.join(known)}")
        return value

    return rule


def whole(least: int, most: int) -> Rule:
    """A whole number within bounds."""

    def rule(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong("wrong_type", "must be a whole number")
        if not least <= value <= most:
            raise Wrong("out_of_range", f"must be from {least} to {most}")
        return value

    return rule


def flag(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise Wrong("wrong_type", "must be true or false")
    return value


def cron(value: Any) -> str:
    """Turns of minute, hour, day, month, weekday."""
    if not isinstance(value, str):
        raise Wrong("wrong_type", "must be a text")
    if not re.fullmatch(CRON, value, re.ASCII):
        raise Wrong("invalid", "must be minute, hour, day (1 to 28), month, weekday (0 to 6, 1-5), as 30 2 * * 1-5")
    return value


def or_null(rule: Rule) -> Rule:
    """What the rule takes, or null."""
    return lambda value: None if value is None else rule(value)


def listed(item: Rule, *, most: int) -> Rule:
    """A list of at most so many items, each by its own rule."""

    def rule(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("wrong_type", "must be a list")
        if len(value) > most:
            raise Wrong("too_long", f"has more than {most} items")
        kept = []
        for place, one in enumerate(value):
            try:
                kept.append(item(one))
            except Wrong as wrong:
                raise Wrong(wrong.code, wrong.detail, f"{place}.{wrong.place}".rstrip(".")) from None
        return kept

    return rule


def nested(rules: Mapping[str, Rule], *, required: tuple[str, ...] = ()) -> Rule:
    """An object within the body; the first of its wrong fields is named."""

    def rule(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Wrong("wrong_type", "must be an object")
        try:
            return read(value, rules, required=required)
        except RecordInvalid as problem:
            first = problem.problems[0]
            raise Wrong(first.code, first.detail.removeprefix(f"{first.field} ").rstrip("."), first.field) from None

    return rule


__all__ = [
    "CRON", "Rule", "Wrong", "choice", "cron", "email", "flag", "line", "listed", "nested", "or_null", "read", "whole",
]  # fmt: skip
