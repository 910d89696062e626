"""What is to be predicted, read from the target column: checked, coded as numbers, rows without it left out.

Yes/no predictors take any two values. Which of them is "yes" is either said (`positive`), or obvious from the words,
or asked for: guessing wrong would turn every score upside down.
"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml_services.base import Task
from ml_services.parsing import MISSING, flat, guess_number_style, is_text, parse_numbers
from ml_services.target_words import obvious_yes
from platform_core.errors import TrainingRefused

MOST_CLASSES = 50
"""More classes than this are rather ids, amounts or free text."""
MOST_UNREADABLE_SHARE = 0.05
"""A value target with a larger share of unreadable amounts is not an amount column."""
STYLE_SAMPLE = 5_000
"""Different amounts looked at to learn how they are written."""
NAMED_VALUES = 6
"""As many values are named in a message."""


@dataclass(frozen=True)
class Target:
    """The target of the rows that have one.

    `y`: class codes 0..K-1 (yes/no: 1 is `labels[1]`, the positive one) or amounts; `kept`: the rows' positions in
    the file, ascending; `left_out`: rows without a readable target.
    """

    name: str
    task: Task
    y: npt.NDArray[np.float64]
    kept: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    left_out: int
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each class, in the order of `labels`."""
        return {label: int((self.y == code).sum()) for code, label in enumerate(self.labels)}

    @property
    def rarer(self) -> int:
        """Rows that carry the scarcer evidence: those of the rarest class, or those with an amount above zero."""
        return int((self.y > 0).sum()) if self.task == "value" else min(self.counts.values())


def read_target(table: pa.Table, name: str, task: Task, positive: str = "") -> Target:
    """Raises TrainingRefused where the column is missing, constant, or not what the task needs."""
    if not name:
        raise TrainingRefused("Say which column is to be predicted (--target COLUMN).", attr="target")
    if name not in table.column_names:
        raise TrainingRefused(_no_such_column(name, table.column_names), attr="target")
    column = table.column(name)
    return _read_amounts(column, name) if task == "value" else _read_classes(column, name, task, positive)


def _no_such_column(name: str, columns: list[str]) -> str:
    close = difflib.get_close_matches(name.casefold(), [c.casefold() for c in columns], n=1, cutoff=0.6)
    hint = next((f" Did you mean '{c}'?" for c in columns if close and c.casefold() == close[0]), "")
    shown = ", ".join(f"'{c}'" for c in columns[:20]) + (" …" if len(columns) > 20 else "")
    return f"There is no column '{name}' in the file.{hint} Its columns are: {shown}."


def _distinct(column: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The different values as stripped texts, whole numbers without a fraction, '' where missing; and which of them
    each row has. A million rows have few different values, so that only these are looked at one by one."""
    values = flat(column)
    if pa.types.is_nested(values.type):
        values = pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string())
    encoded = values.dictionary_encode()
    texts = [_text(value) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False).astype(np.int64)
    return ["" if _is_missing(text) else text for text in [*texts, ""]], codes


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _is_missing(text: str) -> bool:
    return text.casefold() in MISSING


def _canonical(text: str) -> str:
    """One form for the spellings of one value: 'Yes', 'YES'; '1', '1.0'."""
    folded = text.casefold()
    try:
        number = float(folded)
    except ValueError:
        return folded
    return str(int(number)) if number.is_integer() else str(number)


def _read_classes(column: pa.ChunkedArray, name: str, task: Task, positive: str) -> Target:
    texts, places = _distinct(column)
    keys = [_canonical(text) if text else "" for text in texts]
    rows = np.bincount(places, minlength=len(texts))
    spellings: dict[str, Counter[str]] = {}
    for key, text, count in zip(keys, texts, rows.tolist(), strict=True):
        if key and count:
            spellings.setdefault(key, Counter())[text] += count
    known = np.array([bool(key) for key in keys])[places]
    _check_class_count(spellings, name, task, left_out=int((~known).sum()))
    order = _yes_last(spellings, name, positive) if task == "binary" else sorted(spellings, key=_natural)
    codes = {key: float(code) for code, key in enumerate(order)}
    kept = np.flatnonzero(known).astype(np.int64)
    y = np.array([codes.get(key, np.nan) for key in keys])[places[kept]]
    labels = tuple(spellings[key].most_common(1)[0][0] for key in order)
    return Target(name, task, y, kept, labels, len(places) - len(kept), _merged_note(spellings))


def _natural(key: str) -> tuple[int, float, str]:
    """Numbers by size, then words."""
    try:
        return (0, float(key), key)
    except ValueError:
        return (1, 0.0, key)


def _merged_note(spellings: dict[str, Counter[str]]) -> tuple[str, ...]:
    merged = [", ".join(repr(s) for s in sorted(c)) for c in spellings.values() if len(c) > 1]
    return (f"Spellings of the target taken as one value: {'; '.join(merged[:NAMED_VALUES])}.",) if merged else ()


def _check_class_count(spellings: dict[str, Counter[str]], name: str, task: Task, left_out: int) -> None:
    counts = sorted(((sum(c.values()), c.most_common(1)[0][0]) for c in spellings.values()), reverse=True)
    named = ", ".join(f"'{text[:40]}' ({count} rows)" for count, text in counts[:NAMED_VALUES])
    named += f" and {len(counts) - NAMED_VALUES} more" if len(counts) > NAMED_VALUES else ""
    if not counts:
        raise TrainingRefused(f"The target '{name}' is empty in all {left_out} rows.", attr="target")
    if len(counts) == 1:
        rest = f" ({left_out} rows have none)" if left_out else ""
        raise TrainingRefused(f"The target '{name}' is always {named}{rest}: nothing to tell apart.", attr="target")
    if task == "binary" and len(counts) > 2:
        raise TrainingRefused(
            f"The target '{name}' must have two values, but has {len(counts)}: {named}. Merge or leave out the others.",
            attr="target",
        )
    if len(counts) > MOST_CLASSES:
        raise TrainingRefused(
            f"The target '{name}' has {len(counts)} different values; at most {MOST_CLASSES} classes can be learned. "
            "Is it an id or an amount?",
            attr="target",
        )


def _yes_last(spellings: dict[str, Counter[str]], name: str, positive: str) -> list[str]:
    first, second = sorted(spellings, key=_natural)
    shown = " and ".join(f"'{spellings[key].most_common(1)[0][0]}'" for key in (first, second))
    if positive.strip():
        wanted = _canonical(positive.strip())
        if wanted not in spellings:
            raise TrainingRefused(f"The target '{name}' has no value '{positive}'; it has {shown}.", attr="positive")
        return [second, first] if wanted == first else [first, second]
    yes = obvious_yes(first, second)
    if yes is None:
        raise TrainingRefused(
            f"The target '{name}' has the values {shown}: say which of them is the one to predict (--positive VALUE).",
            attr="positive",
        )
    return [second, first] if yes == first else [first, second]


def _read_amounts(column: pa.ChunkedArray, name: str) -> Target:
    style = guess_number_style(_distinct(column)[0][:STYLE_SAMPLE]) if is_text(column.type) else None
    values, bad = parse_numbers(column, style) if style is not None else parse_numbers(column)
    unreadable = int(bad.sum())
    if unreadable > MOST_UNREADABLE_SHARE * len(values):
        raise TrainingRefused(f"The target '{name}' must be an amount; {unreadable} rows hold none.", attr="target")
    known = np.isfinite(values) & ~bad
    y = values[known]
    if len(y) == 0:
        raise TrainingRefused(f"The target '{name}' is empty in all {len(values)} rows.", attr="target")
    if (y < 0).any():
        raise TrainingRefused(
            f"The target '{name}' is below zero in {int((y < 0).sum())} rows; a value cannot be.", attr="target"
        )
    if y.min() == y.max():
        raise TrainingRefused(f"The target '{name}' is always {y[0]:g}: nothing to learn.", attr="target")
    notes = (f"{unreadable} rows hold no readable amount in '{name}'.",) if unreadable else ()
    return Target(name, "value", y, np.flatnonzero(known).astype(np.int64), (), int((~known).sum()), notes)
