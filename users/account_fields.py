"""The fields of what people send about themselves, each with its rule."""

from __future__ import annotations

from typing import Any

from users import company_settings
from users.input_fields import Rule, Wrong, email, line

LONGEST_NAME, LONGEST_TOKEN, LONGEST_TYPED = 200, 4096, 1000


def typed(longest: int = LONGEST_TYPED) -> Rule:
    """A text as it is: a password may begin or end with a blank."""

    def rule(value: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("wrong_type", "must be a text")
        if not value.strip():
            raise Wrong("required", "must not be empty")
        if len(value) > longest:
            raise Wrong("too_long", f"has more than {longest} characters")
        if "\0" in value or (not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value)):
            raise Wrong("invalid", "must not hold a NUL character or half a character")
        return value

    return rule


def company(value: Any) -> str | int:
    """A company by its slug or its id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Wrong("wrong_type", "must be a company's slug or its id")
    if isinstance(value, int):
        return value
    return str(line(company_settings.LONGEST_SLUG)(value))


SIGN_IN: dict[str, Rule] = {"email": typed(), "password": typed(), "company": company}
REGISTER: dict[str, Rule] = {
    "email": email,
    "password": typed(),
    "full_name": line(LONGEST_NAME, blank=True),
    "company_name": line(company_settings.LONGEST_NAME),
    "currency": company_settings.RULES["currency"],
    "time_zone": company_settings.RULES["time_zone"],
}
REFRESH: dict[str, Rule] = {"refresh": typed(LONGEST_TOKEN)}
VERIFY: dict[str, Rule] = {"token": typed(LONGEST_TOKEN)}
SWITCH: dict[str, Rule] = {"company": company}
FORGOT: dict[str, Rule] = {"email": email}
RESET: dict[str, Rule] = {"token": typed(LONGEST_TOKEN), "password": typed()}
CHANGE: dict[str, Rule] = {"old_password": typed(), "new_password": typed()}
PERSON: dict[str, Rule] = {"full_name": line(LONGEST_NAME, blank=True)}

__all__ = ["CHANGE", "FORGOT", "PERSON", "REFRESH", "REGISTER", "RESET", "SIGN_IN", "SWITCH", "VERIFY"]
