"""How a personal value is written down so that it can be found again but not read: as a keyed digest.

The key is the company's own, made from the installation's secret: two companies' digests of one address differ, and
the database alone does not suffice to try a dictionary of addresses on it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

DIGEST_BYTES = 16
"""128 bits: two of 10^12 values share one with a chance of 10^-15 (birthday bound)."""

SHORT_BYTES = 8
"""Of a digest, where many are kept: two of 10^6 share 64 bits with a chance of 10^-8."""


def digest(company_id: int, text: str) -> str:
    """The digest of a text in hex: one for every spelling (case, Unicode form, blanks around it)."""
    state = _keyed(settings.SECRET_KEY, company_id).copy()
    state.update(normal(text).encode("utf-8", "surrogatepass"))
    return state.hexdigest()


def short_digests(company_id: int, texts: Iterable[str]) -> bytes:
    """The first SHORT_BYTES of the digest of each text, one after the other: for millions of them."""
    keyed, found = _keyed(settings.SECRET_KEY, company_id), []
    for text in texts:
        state = keyed.copy()
        state.update(normal(text).encode("utf-8", "surrogatepass"))
        found.append(state.digest()[:SHORT_BYTES])
    return b"".join(found)


def redacted(company_id: int, text: str) -> dict[str, str]:
    """The form in which a personal value stands in the ledger: `{"redacted": "<digest>"}`."""
    return {"redacted": digest(company_id, text)}


def normal(text: str) -> str:
    """A text without differences of case, Unicode form and outer blanks (Unicode 16, section 3.13.5, and UTS 46)."""
    if text.isascii():
        return text.lower().strip()  # the same, sooner
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


@lru_cache(maxsize=1024)
def _keyed(secret: str, company_id: int) -> hashlib.blake2b:
    key = hashlib.sha256(f"personal:{company_id}:{secret}".encode()).digest()
    return hashlib.blake2b(key=key, digest_size=DIGEST_BYTES)


__all__ = ["SHORT_BYTES", "digest", "normal", "redacted", "short_digests"]
