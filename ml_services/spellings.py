"""How one number is spelled: missing, currency and grouping, and the style that a column of them has in common."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LARGEST = 3.4e38
"""What a 32-bit float holds: XGBoost computes with those, and takes anything larger for infinity."""

CATEGORY_MISSING: frozenset[str] = frozenset(
    ["", "na", "n/a", "#n/a", "n.a.", "nan", "<na>", "null", "(null)", "#null!", "\\n", "(blank)", "?"]
)
"""Spellings that mean "unknown" anywhere. 'none', 'unknown' and the like are levels where texts are levels."""

MISSING: frozenset[str] = CATEGORY_MISSING.union(
    ("none", "nil", "-", "--", "---", "–", "—", ".", "..", "??", "???", "unknown", "undefined", "missing", "empty"),
    ("not available", "not applicable", "nat", "n/d", "s/d", "k.a.", "#div/0!", "#value!", "#ref!", "#name?", "#num!"),
)
"""Spellings that mean "unknown" where a number or a date is expected; compared stripped and casefolded."""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column spells numbers. Grouping by spaces and apostrophes is understood in every style. `suffix`: the
    unit that stands behind them (12 months, 85 kg)."""

    decimal: str = "."
    thousands: str = ""
    suffix: str = ""


PLAIN = NumberStyle()

_SIGNS = "€$£¥₹₽₩₺₫฿₴₦₱¢₪"
_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|SGD|HKD|KRW|TRY|AED|"
    "Fr\\.?|kr\\.?|Rs\\.?|zł"
)
_BEFORE = re.compile(rf"^(?:[A-Z]{{0,2}}[{_SIGNS}]|(?:{_CODES})(?![a-z]))\s*", re.IGNORECASE)
_AFTER = re.compile(rf"\s*(?:[{_SIGNS}]|%|(?<![a-z])(?:{_CODES}))$", re.IGNORECASE)
_PARENTHESES = re.compile(r"^\((.*)\)$")
_BARE = re.compile(r"^[0-9.,]+\Z")
_BODY = re.compile(r"^[0-9.,]+(?:e[+-]?[0-9]{1,3})?$", re.IGNORECASE)
_SUFFIX = re.compile(r"^[-+]?[0-9][0-9.,]*\s*([^\W\d_]{2,12}|[^\W\d_]{1,6}[²³/°][^\W\d_]{0,6}|°[CF]?)\.?$")
LONGEST_NUMBER = 60
"""Characters: what is longer is no number, and is not searched for one."""
SHARE_WITH_SUFFIX = 0.9
_GROUPED_BY_SPACE = re.compile(r"^[0-9]{1,3}(?:[ '’][0-9]{3})+(?![0-9])")


@lru_cache(maxsize=64)
def style_pattern(style: NumberStyle) -> str:
    """What is well formed in this style, for RE2 and `re` alike: whole groups of digits or none at all."""
    decimal, thousands = re.escape(style.decimal), re.escape(style.thousands)
    whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}})" if thousands else "[0-9]+"
    return rf"^[+-]?(?:{whole}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?$"


@lru_cache(maxsize=64)
def _compiled(style: NumberStyle) -> re.Pattern[str]:
    return re.compile(style_pattern(style))


def is_missing(text: str, missing: frozenset[str] = MISSING) -> bool:
    return text.strip().casefold() in missing


def bare_number(text: str) -> tuple[str, bool]:
    """The digits and separators of a spelling without currency, percent, spaces and sign; and whether negative."""
    if _BARE.match(text):
        return text, False
    text = text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    inside = _PARENTHESES.match(text)
    sign = "(" if inside else ""
    text = inside[1].strip() if inside else text
    for _ in range(2):  # a sign may stand before or after the currency: -$5, $-5, € 5-
        if not sign and text[:1] in ("-", "+"):
            sign, text = text[0], text[1:].lstrip()
        text = _AFTER.sub("", _BEFORE.sub("", text))
    if not sign and text[-1:] == "-":
        sign, text = "-", text[:-1].rstrip()
    if _GROUPED_BY_SPACE.match(text):
        text = re.sub("[ '’]", "", text)
    return text, sign in ("-", "(")


def parse_number(text: str, style: NumberStyle = PLAIN, missing: frozenset[str] = MISSING) -> float | None:
    """One cell: a finite number, NaN for missing, None for bad."""
    if len(text) > LONGEST_NUMBER:
        return None
    if is_missing(text, missing):
        return float("nan")
    if style.suffix and text.rstrip().endswith(style.suffix):
        text = text.rstrip().removesuffix(style.suffix)
    body, negative = bare_number(text)
    if not _compiled(style).match(body):
        return None
    if style.thousands:
        body = body.replace(style.thousands, "")
    value = float(body.replace(style.decimal, "."))
    if value > LARGEST or body[:1] in ("+", "-"):
        return None
    return -value if negative else value


def _votes(body: str) -> tuple[str, str]:
    """(kind, separator): what one spelling says of '.' or ',': 'decimal', 'thousands', 'either', or ('', '')."""
    separators = [c for c in body if c in ".,"]
    if not separators:
        return "", ""
    last = separators[-1]
    if len(set(separators)) == 2:
        return "decimal", last
    if len(separators) > 1:
        return "thousands", last
    before, after = body.split(last)
    if len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0":
        return "either", last
    return "decimal", last


def guess_number_style(texts: Iterable[str], fallback: NumberStyle = PLAIN) -> NumberStyle:
    """The style that the spellings of one column have in common. `1,234` and `1.234` alone prove nothing: then
    `fallback`, the style of the other columns of the file, decides, and without one, English reading."""
    counts: dict[tuple[str, str], int] = {}
    seen: set[str] = set()
    spellings = [text for text in texts if len(text) <= LONGEST_NUMBER]
    suffix = _shared_suffix(spellings)
    for text in spellings:
        body, _ = bare_number(text.rstrip().removesuffix(suffix) if suffix else text)
        if _BODY.match(body):
            vote = _votes(body)
            seen.update(body)
            counts[vote] = counts.get(vote, 0) + 1
    comma = counts.get(("decimal", ","), 0) + counts.get(("thousands", "."), 0)
    dot = counts.get(("decimal", "."), 0) + counts.get(("thousands", ","), 0)
    decimal = fallback.decimal if comma == dot else ("," if comma > dot else ".")
    other = "." if decimal == "," else ","
    return NumberStyle(decimal, other if other in seen else "", suffix)


def _shared_suffix(spellings: list[str]) -> str:
    """The unit behind nearly all of these numbers; empty where they have none, or several."""
    if not spellings or not any(_SUFFIX.match(text.strip()) for text in spellings[:3]):
        return ""
    counts = Counter(match[1] for text in spellings if (match := _SUFFIX.match(text.strip())))
    suffix, count = counts.most_common(1)[0] if counts else ("", 0)
    return suffix if count >= SHARE_WITH_SUFFIX * len(spellings) else ""
