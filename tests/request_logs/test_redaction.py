"""No personal value is kept: not in the input, not in the reasons, not in those of a composite's parts."""

from __future__ import annotations

import json
from typing import Any

from request_logs.redaction import redact, redact_answer

PERSONAL = frozenset({"email"})
WHY: dict[str, Any] = {
    "feature": "email", "value": "ann@example.com", "effect": 0.5, "direction": "up",
    "text": "email is ann@example.com: raises the chance of leaving",
}  # fmt: skip


def test_personal_values_become_digests_and_unused_columns_go() -> None:
    record = {"email": "ann@example.com", "age": 5, "nickname": "Bea"}
    kept, names = redact(1, record, personal=PERSONAL, aside=frozenset({"nickname"}))
    assert names == ["email"]
    assert set(kept) == {"email", "age"}
    assert set(kept["email"]) == {"redacted"}


def test_an_unknown_personal_value_stays_unknown() -> None:
    assert redact(1, {"email": None}, personal=PERSONAL) == ({"email": None}, [])


def test_a_record_without_personal_values_is_kept_as_it_is() -> None:
    record = {"age": 5}
    assert redact(1, record, personal=PERSONAL)[0] is record


def test_reasons_repeat_no_personal_value_and_keep_their_effect() -> None:
    other = {"feature": "age", "value": 5, "effect": -1.0, "direction": "down", "text": "age is 5: lowers it"}
    answer = {"probability": 0.5, "reasons": [WHY, other], "churn": {"reasons": [WHY]}}
    kept = redact_answer(1, answer, PERSONAL)
    assert "ann@" not in json.dumps(kept)
    first = kept["reasons"][0]
    assert (first["effect"], first["text"]) == (0.5, "email: raises the chance of leaving")
    assert kept["reasons"][1] == other
    assert answer["reasons"] == [WHY, other], "what is answered stays whole"
