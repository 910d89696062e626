"""Texts with labels, made for tests: real where the shared data is present, small and plain otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from ml_services.base import TrainingData

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))

GOOD = ("great", "excellent", "friendly", "wonderful", "delicious", "perfect")
BAD = ("terrible", "awful", "rude", "broken", "disgusting", "useless")
THINGS = ("service", "food", "room", "app", "screen", "delivery", "staff")
TOPICS = {
    "billing": (
        "my invoice shows a wrong amount",
        "refund the double charge on my card",
        "the invoice was charged twice",
    ),
    "delivery": (
        "the parcel has not arrived",
        "the courier left the parcel outside",
        "tracking says the parcel is lost",
    ),
    "login": ("i cannot sign in with my password", "the password reset link is dead", "sign in fails after the reset"),
}


def training(**columns: list[str | None]) -> TrainingData:
    return TrainingData(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), "f", "0")


def opinions(each: int) -> tuple[list[str], list[str]]:
    """`each` positive and as many negative sentences, all different."""
    made = [
        (f"Visit {number}: the {THINGS[number % len(THINGS)]} was {words[number % len(words)]}", label)
        for words, label in ((GOOD, "pos"), (BAD, "neg"))
        for number in range(each)
    ]
    return [text for text, _ in made], [label for _, label in made]


def tickets(each: int) -> tuple[list[str], list[str]]:
    made = [
        (f"Ticket {number}: {texts[number % len(texts)]}", label)
        for label, texts in TOPICS.items()
        for number in range(each)
    ]
    return [text for text, _ in made], [label for _, label in made]


def labelled_sentences(name: str) -> tuple[list[str], list[str]]:
    """The (text, 1 or 0) lines of a file of the shared data. Skips where it is absent."""
    path = SHARED / "sentiment" / name
    if not path.exists():
        pytest.skip(f"the shared data is absent: {path.name}")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    pairs = [line.rstrip("\r").rsplit("\t", 1) for line in text.split("\n") if "\t" in line]
    kept = [(body.strip(), label.strip()) for body, label in pairs if label.strip() in {"0", "1"}]
    return [body for body, _ in kept], [label for _, label in kept]
