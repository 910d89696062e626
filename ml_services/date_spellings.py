"""The parts of a spelled date: month names, times of day, and the strict ISO form that the API takes."""

from __future__ import annotations

import re

MICROSECONDS_PER_DAY = 86_400_000_000

_MONTHS = (
    "jan january janvier januar enero janv jänner jaenner ene janeiro gennaio januari",
    "feb february février fevrier februar febrero févr fevr fév fev fevereiro febbraio februari",
    "mar march mars märz maerz marzo mär mrz março marco maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maio maggio mei mag",
    "jun june juin juni junio junho giugno giu",
    "jul july juillet juil juli julio julho luglio lug",
    "aug august août aout agosto ago augustus",
    "sep sept september septembre septiembre setembro settembre set",
    "oct october octobre oktober octubre okt outubro ottobre ott out",
    "nov november novembre noviembre novembro",
    "dec december décembre decembre dezember diciembre déc dez dic dezembro dicembre",
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_CLOCK = re.compile(
    r"^(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?$",
    re.IGNORECASE,
)

_DAY = (
    r"(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)"
)
_HOUR = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
ISO_PATTERN = rf"^{_DAY}(?:[T ]{_HOUR}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?(?:Z|[+-]{_HOUR})?)?$"
"""An ISO 8601 date, with or without time and offset; exact about the days of each month, leap years included, so
that the published schema and the check agree on every text."""


def month_of(name: str) -> int:
    """1-12 for a month's name or usual short form in seven languages, else 0."""
    return _MONTH_OF.get(name.casefold(), 0)


def clock_time(text: str) -> int | None:
    """Microseconds after midnight UTC (beyond the day where the offset says so); None where it is no time."""
    match = _CLOCK.match(text.strip())
    if match is None:
        return None
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = match["zone"] or ""
    offset_s = 0
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "")
        offset_s = (int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60) * (-1 if zone[0] == "-" else 1)
    fraction = int((match["f"] or "").ljust(6, "0")[:6])
    return (hour * 3600 + minute * 60 + second - offset_s) * 1_000_000 + fraction
