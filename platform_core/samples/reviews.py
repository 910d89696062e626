"""reviews.csv: invented short reviews with labels: praise, blame and matter-of-fact, from a small grammar."""

from __future__ import annotations

import numpy as np

from platform_core.samples.cells import Row, blank, padded, soil

Generator = np.random.Generator

# fmt: off
THINGS = [
    "the service", "the staff", "the waiter", "the food", "the pizza", "the soup", "the room", "the breakfast",
    "the app", "the update", "the website", "the delivery", "the support team", "the battery", "the screen",
    "the headset", "the jacket", "the story", "the acting", "the ending", "the soundtrack", "the course",
    "the instructor", "the checkout", "the packaging", "the price", "the location", "the dentist", "the repair",
    "the consultation", "the booking", "the quality", "the manual", "the installation", "the camera",
]
GOOD = [
    "great", "excellent", "friendly", "wonderful", "fast", "delicious", "reliable", "helpful", "clean", "beautiful",
    "easy to use", "fantastic", "pleasant", "professional", "impressive", "fresh", "comfortable", "good",
    "very good", "really nice", "amazing", "perfect", "superb", "charming", "affordable", "well made", "spot on",
    "smooth", "brilliant", "worth every penny",
]
BAD = [
    "terrible", "slow", "rude", "awful", "disappointing", "dirty", "bland", "broken", "overpriced", "unreliable",
    "confusing", "boring", "poor", "cold", "noisy", "useless", "horrible", "bad", "very bad", "really annoying",
    "a waste of money", "unprofessional", "cheap", "stale", "defective", "predictable", "a mess", "frustrating",
    "unacceptable", "mediocre at best",
]
PRAISE = [
    "I would recommend it to anyone", "We will definitely be back", "Thank you so much", "I love it",
    "It exceeded my expectations", "Best purchase this year", "Everything worked the first time",
    "They answered within minutes", "My family enjoyed every minute", "Five stars from me",
    "I could not be happier", "No complaints at all", "It does exactly what it promises", "I use it every day",
    "They went above and beyond", "It never lets me down", "Not a single problem so far", "We had a lovely evening",
    "Well worth the price",
]
BLAME = [
    "I want my money back", "Never again", "I would not recommend it", "It stopped working after a week",
    "Nobody answered my e-mails", "Avoid this place", "What a waste of time", "We waited over an hour",
    "I will not be back", "They charged me twice", "I regret buying it", "It fell apart within days",
    "Do not bother", "I asked for a refund and got nothing", "It crashes every time", "Nothing worked as promised",
    "I expected much more", "They lost my order", "Nobody apologized", "It was not worth the price",
]
FACTS = [
    "I ordered it on Monday", "The parcel arrived on Thursday", "It comes in three colors", "We were four people",
    "The shop opens at nine", "I have used it for two weeks", "The menu has two pages", "It is next to the station",
    "The package holds ten pieces", "This is the second version", "The course has eight lessons",
    "The film runs about two hours", "I paid by card", "It weighs one kilo", "You can choose the date online",
    "The invoice came by e-mail", "There is a desk and a chair in the room", "They sell shoes and bags",
]
PLAIN = [
    "okay", "average", "as described", "about what I expected", "fine, nothing more", "neither good nor bad",
    "so-so", "like any other",
]
# fmt: on
OPENERS = ("", "", "", "", "Honestly, ", "To be fair, ", "In my opinion, ", "This time ", "For us ", "Overall, ")
WRONG_LABELS = 0.04
"""People disagree about as often; without it the figures would be too good to be true."""
KINDS = {"positive": 0.44, "negative": 0.38, "neutral": 0.18}


def reviews(rows: int, seed: int) -> list[Row]:
    rng = np.random.default_rng([seed, 4])
    made: dict[str, str] = {}
    while len(made) < rows:
        label = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        made.setdefault(_review(label, rng), label)
    listed = [{"text": text, "label": label} for text, label in made.items()]
    for at in np.flatnonzero(rng.random(rows) < WRONG_LABELS):
        listed[at]["label"] = str(rng.choice(list(KINDS)))
    soil(listed, "text", padded, rng)
    soil(listed, "label", str.upper, rng)
    blank(listed, "label", 0.003, rng)
    return listed


def _review(label: str, rng: Generator) -> str:
    parts = {"positive": _positive, "negative": _negative, "neutral": _neutral}[label](rng)
    ends = [str(rng.choice([".", ".", ".", "!" if label != "neutral" else "."])) for _ in parts]
    text = " ".join(part[0].upper() + part[1:] + end for part, end in zip(parts, ends, strict=True))
    return text.lower() if rng.random() < 0.06 else text


def _one(options: tuple[str, ...] | list[str], rng: Generator) -> str:
    return str(options[int(rng.integers(len(options)))])


def _said(words: list[str], rng: Generator) -> str:
    return f"{_one(OPENERS, rng)}{_one(THINGS, rng)} {_one(['was', 'was', 'is'], rng)} {_one(words, rng)}"


def _polar(own: list[str], other: list[str], ending: list[str], softener: str, rng: Generator) -> list[str]:
    """One to three sentences: plain, joined, contrasted with 'but', or the other side denied."""
    shape = int(rng.integers(7))
    if shape == 0:
        return [_said(own, rng)]
    if shape == 1:
        return [_said(own, rng), _one(ending, rng)]
    if shape == 2:
        return [f"{_said(own, rng)} and {_one(THINGS, rng)} was {_one(own, rng)}"]
    if shape == 3:
        return [f"{_said(other, rng)}, but {_one(THINGS, rng)} was {_one(own, rng)}", _one(ending, rng)]
    if shape == 4:
        return [f"{_one(THINGS, rng)} {softener} {_one(other[:20], rng)}", _one(ending, rng)]
    if shape == 5:
        return [_one(FACTS, rng), _said(own, rng)]
    return [_one(ending, rng)] if rng.random() < 0.3 else [_one(ending, rng), _one(FACTS, rng)]


def _positive(rng: Generator) -> list[str]:
    return _polar(GOOD, BAD, PRAISE, _one(["was not", "was never", "is anything but"], rng), rng)


def _negative(rng: Generator) -> list[str]:
    return _polar(BAD, GOOD, BLAME, _one(["was not", "was not very", "was hardly", "is not"], rng), rng)


def _neutral(rng: Generator) -> list[str]:
    shape = int(rng.integers(3))
    if shape == 0:
        return [_one(FACTS, rng), _one(FACTS, rng)]
    return [_said(PLAIN, rng)] if shape == 1 else [_one(FACTS, rng), _said(PLAIN, rng)]
