"""Schemas of what people send and get about themselves."""

from __future__ import annotations

from api_gateway.schemas import Schema, record, ref, text
from users.account_fields import LONGEST_NAME, LONGEST_TOKEN, LONGEST_TYPED
from users.models import Role
from users.passwords import LONGEST

ADDRESS = r"^[A-Za-z0-9_+-]{1,60}@([A-Za-z0-9]{1,60}\.){1,2}(com|org|net|de|fr|ir|uk|example)$"
"""Narrower than what is taken, which no pattern can say: RFC 5321 with Unicode, in any case."""
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
FILLED = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[A-Za-z0-9][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
SOME_TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"

EMAIL = text("In any case and Unicode form: one mailbox is one person.", maxLength=254, examples=["ann@example.com"])
PASSWORD = text(pattern=SOME_TEXT, maxLength=LONGEST_TYPED, examples=["correct horse battery staple"])
NEW_PASSWORD = text(
    "At least 8 characters, not common, not like the person's name or address.",
    pattern=SOME_TEXT,
    minLength=8,
    maxLength=LONGEST,
    examples=["correct horse battery staple"],
)
TOKEN = text(pattern=SOME_TEXT, maxLength=LONGEST_TOKEN, examples=["eyJhbGciOiJIUzI1NiIs…"])
FULL_NAME = text(pattern=ONE_LINE, maxLength=LONGEST_NAME, examples=["Ann Example"])
COMPANY: Schema = {
    "anyOf": [text(pattern=FILLED, maxLength=60), {"type": "integer"}],
    "description": "One of the person's companies, by slug or id.",
    "examples": ["demo"],
}
DONE: Schema = record({})

COMPONENTS: dict[str, Schema] = {
    "CompanyRole": record(
        {
            "id": {"type": "integer"},
            "slug": text(),
            "name": text(),
            "role": {"enum": list(Role.values), "description": "What the person is there."},
        }
    ),
    "Person": record(
        {
            "id": {"type": "integer"},
            "email": text(),
            "full_name": text(),
            "companies": {"type": "array", "items": ref("CompanyRole")},
            "company": {**ref("CompanyRole"), "description": "The one that this token speaks for."},
        }
    ),
    "Registered": record(
        {
            "user": ref("Person"),
            "company": ref("CompanyRole"),
            "access": text("Lives 15 minutes."),
            "refresh": text("Lives 7 days, works once."),
        }
    ),
}

__all__ = ["ADDRESS", "COMPANY", "COMPONENTS", "DONE", "EMAIL", "FULL_NAME", "NEW_PASSWORD", "PASSWORD", "TOKEN"]
