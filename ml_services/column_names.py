"""What a column's name says by its words."""

from __future__ import annotations

import re

ID_WORDS = frozenset(("id", "ids", "uuid", "guid", "pk", "key", "hash", "token"))
CODE_WORDS = ID_WORDS.union(
    ("no", "nr", "num", "number", "code", "ref", "reference"), ("index", "idx", "row", "rownum", "unnamed", "serial")
)
DATE_WORDS = frozenset(("date", "day", "time", "datetime", "timestamp", "datum", "fecha", "data", "jour")).union(
    ("tag", "created", "updated", "since", "until", "on", "at", "dt", "dob", "birthday", "signup")
)
CALENDAR_WORDS = DATE_WORDS.union(("year", "month", "week", "quarter", "period", "age"))
PERSON_WORDS = frozenset(("email", "mail", "phone", "mobile", "telephone", "tel", "address", "street", "iban")).union(
    ("surname", "firstname", "lastname", "fullname", "birth", "dob", "birthday", "ssn", "passport")
)
WHOSE_NAME = frozenset(("first", "last", "full", "customer", "contact", "user", "client", "lead", "person"))

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|[0-9]+")


def name_words(name: str) -> tuple[str, ...]:
    """customerID, Customer-Id and CUSTOMER_ID are all ('customer', 'id')."""
    return tuple(word.casefold() for word in _WORD.findall(name))


def says_who(name: str) -> bool:
    """Whether the column's name promises something personal: a 'name' counts where it is a person's."""
    words = name_words(name)
    return bool(PERSON_WORDS.intersection(words)) or ("name" in words and WHOSE_NAME.issuperset(set(words) - {"name"}))
