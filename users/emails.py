"""One spelling for one mailbox, so that nobody is two people by case, by Unicode form or by their domain's dress."""

from __future__ import annotations

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from platform_core.errors import InputInvalid

LONGEST = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
LONGEST_LOCAL_BYTES = 64
"""RFC 5321, section 4.5.3.1.1."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that no address holds: a line break would write a header, a sign nobody sees a second person."""
IN_WORDS = ("L", "M", "N")
"""Beyond ASCII, what stands before the @ is letters, marks and digits (RFC 6531 allows more than a person can tell)."""


class EmailInvalid(InputInvalid):
    """No mailbox can have this address."""

    default = "Enter an e-mail address, as ann@example.com."

    def __init__(self) -> None:
        super().__init__(attr="email")


def canonical(text: str) -> str:
    """The address as it is kept and compared: NFKC, the local part case-folded, the domain as IDNA's A-labels.
    Raises EmailInvalid."""
    text = text.strip(" ")
    if len(text) > LONGEST or any(unicodedata.category(sign) in UNSEEN for sign in text):
        raise EmailInvalid
    local, at, domain = unicodedata.normalize("NFKC", text).rpartition("@")
    local = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())
    plain = "".join("x" if not sign.isascii() and unicodedata.category(sign)[0] in IN_WORDS else sign for sign in local)
    try:
        address = f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode('ascii')}"
        validate_email(plain + address[len(local) :])
    except (idna.IDNAError, ValidationError, ValueError):
        raise EmailInvalid from None
    # A quoted local part may hold anything, and no mail service gives one out.
    if not at or '"' in local or len(address) > LONGEST or len(local.encode()) > LONGEST_LOCAL_BYTES:
        raise EmailInvalid
    return address


__all__ = ["LONGEST", "EmailInvalid", "canonical"]
