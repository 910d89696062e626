"""From the exact effects of words to reasons: the strongest for and against, and the sum of the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MOST_REASONS = 5
"""For, and as many against."""


def strongest(effects: Mapping[str, float], subject: str) -> dict[str, Any]:
    """`reasons` and `other_effects`: their effects sum to raw - base."""
    order = sorted(effects, key=lambda name: (-abs(effects[name]), name))
    listed = [name for name in order if effects[name] > 0][:MOST_REASONS]
    listed += [name for name in order if effects[name] < 0][:MOST_REASONS]
    chosen = set(listed)
    return {
        "reasons": [_reason(name, effects[name], subject) for name in order if name in chosen],
        "other_effects": sum(effect for name, effect in effects.items() if name not in chosen),
    }


def _reason(name: str, effect: float, subject: str) -> dict[str, Any]:
    up = effect > 0
    return {
        "feature": name,
        "value": name,
        "effect": effect,
        "direction": "up" if up else "down",
        "text": f"“{name}”: {'raises' if up else 'lowers'} {subject}",
    }


def as_text(reasons: list[dict[str, Any]]) -> str:
    """A row's reasons as one cell of a table."""
    return json.dumps(reasons, ensure_ascii=False)
