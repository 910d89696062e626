"""What a person says who promotes a version or goes back to one."""

from __future__ import annotations

from typing import Any

from users.input_fields import line, read

LONGEST_REASON, LONGEST_VERSION = 500, 40
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
RULES = {"reason": line(LONGEST_REASON, blank=True), "expected": line(LONGEST_VERSION, blank=True)}


def asked(given: Any) -> dict[str, Any]:
    """{reason, expected} of a body that may have both, one or none. Raises RecordInvalid naming what is wrong."""
    return read(given, RULES)


__all__ = ["LINE", "LONGEST_REASON", "asked"]
