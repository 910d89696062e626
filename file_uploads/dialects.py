"""Finding out how a text file sets off its values, from its start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from file_uploads.charsets import TextSource
from file_uploads.headers import HeaderPlace, place_header, title_rows, usual_width
from file_uploads.records import Dialect, Found, read_records, split_lines, unfold

DELIMITERS = "\t;|,"
"""In the order preferred where several fit alike: a comma may stand in decimals, a tab hardly anywhere."""
NO_DELIMITER = "\x1f"
"""The control character made for separating units: the delimiter of files with one column and free text in it."""
UNQUOTED = "\t" + NO_DELIMITER
"""Where such a delimiter sets off values, quotes may be plain text: nothing else would stand in the way of it."""
MIN_SHARE = 0.5
MIN_SHARE_UNDER_ODD_NAMES = 0.8
MIN_SHARE_AS_NAMED = 0.1
SAMPLE_LINES = 2_000
SPACED_SHARE = 0.9
QUOTED_SHARE = 0.5
_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A dialect, and the records of the sample under it. `names` is the header's values, None without header."""

    dialect: Dialect
    names: list[str] | None
    width: int
    notes: tuple[str, ...] = ()

    def describe(self, source: TextSource) -> dict[str, str]:
        """The dialect for the model card."""
        names = {"\t": "tab", " ": "white space", NO_DELIMITER: "none", '"': "double", "'": "single", "": "none"}
        form = self.dialect
        return {
            "delimiter": names.get(form.delimiter, form.delimiter),
            "quote": names[form.quote] + (" (escaped by \\)" if form.escape else ""),
            "encoding": source.encoding,
            "line_end": form.line_end,
            "header": "yes" if form.header else "no",
            "packed": "gzip" if source.packed else "no",
        }


def sniff(sample: str, *, complete: bool, header: bool | None, delimiter: str | None = None) -> Sniffed:
    """Finds the dialect. `complete`: the sample is the whole file; otherwise it ends after a whole line."""
    lines = split_lines(sample)[:SAMPLE_LINES]
    complete = complete and len(lines) < SAMPLE_LINES
    hint = _HINT.fullmatch(lines[0])
    skipped = 1 if hint else 0
    lines = lines[skipped:]
    given = delimiter or (hint[1] if hint else None)
    base = Dialect(line_end=_line_end(sample))
    options = [given] if given else [mark for mark in DELIMITERS if mark in sample]
    tried = [_try(lines, _quoting(lines, replace(base, delimiter=mark)), complete) for mark in options]
    fitting = [option for option in tried if option.width > 1 and (given or option.agrees)]
    best = max(fitting, key=lambda option: option.score, default=None) or _one_column(lines, base, tried, complete)
    return _with_header(best, header, skipped)


@dataclass(frozen=True, slots=True)
class _Trial:
    dialect: Dialect
    found: list[Found]
    rows: list[list[str]]

    @property
    def width(self) -> int:
        return usual_width(self.rows)

    @property
    def score(self) -> tuple[bool, bool, float]:
        """Whether the first row under any title is as wide as most; whether there is no title; the share of rows
        that are as wide, less those whose quotes do not pair up."""
        width = self.width
        titles = title_rows(self.rows, width)
        rows = self.rows[titles:]
        alike = sum(len(row) == width for row in rows) - sum(item.stray for item in self.found)
        return len(rows[0]) == width, not titles, round(alike / len(rows), 2)

    @property
    def agrees(self) -> bool:
        """Whether the rows are about as wide as each other; sentences are not, at their commas."""
        top, _, share = self.score
        if top:
            return share >= MIN_SHARE
        width = self.width
        names, *body = self.rows[title_rows(self.rows, width) :]
        alike = sum(len(row) == width for row in body) >= MIN_SHARE_UNDER_ODD_NAMES * len(body)
        as_named = sum(len(row) == len(names) for row in body) >= MIN_SHARE_AS_NAMED * len(body)
        return len(names) > 1 and (alike or as_named)


def _one_column(lines: Sequence[str], base: Dialect, tried: Sequence[_Trial], complete: bool) -> _Trial:
    """The reading where no delimiter makes columns."""
    narrow = [option for option in tried if option.width == 1 and option.score == (True, True, 1.0)]
    alone = replace(base, delimiter=NO_DELIMITER)
    return _spaced(lines, base) or next(iter(narrow), None) or _try(lines, _quoting(lines, alone), complete)


def _try(lines: Sequence[str], dialect: Dialect, complete: bool) -> _Trial:
    found = list(read_records(lines, dialect, 0, complete=complete))
    if not found:
        found = list(read_records(lines, dialect, 0, complete=True))
    found = [item for item in found if item.values]
    rows = [_unfolded(item.values, lines[item.line], dialect) for item in found]
    return _Trial(dialect, found, rows or [[""]])


def _unfolded(values: list[str], line: str, dialect: Dialect) -> list[str]:
    folded = len(values) == 1 and dialect.quote and line.lstrip().startswith(dialect.quote)
    return (unfold(values[0], dialect) or values) if folded and dialect.delimiter in values[0] else values


def _line_end(sample: str) -> Literal["LF", "CRLF", "CR"]:
    if "\n" not in sample:
        return "CR" if "\r" in sample else "LF"
    return "CRLF" if sample.count("\r\n") * 2 > sample.count("\n") else "LF"


def _quoting(lines: Sequence[str], dialect: Dialect) -> Dialect:
    """How values with delimiters in them are marked: quotes doubled, escaped, single, or not at all."""
    text, mark = "".join(lines), re.escape(dialect.delimiter)
    if '"' not in text:
        single = sum(bool(re.search(rf"(?:^|{mark})'[^']*'(?:{mark}|$)", line.rstrip())) for line in lines)
        return replace(dialect, quote="'" if single > QUOTED_SHARE * len(lines) else '"')
    after = len(re.findall(rf'{mark} +"', text))
    if after and after > len(re.findall(rf'{mark}"', text)):
        dialect = replace(dialect, skip_space=True)
    stray = _strays(lines, dialect)
    if stray and '\\"' in text and not _strays(lines, replace(dialect, escape="\\")):
        return replace(dialect, escape="\\")
    quoted = sum(f'"{end}' in line for line in lines for end in (dialect.delimiter, "\n", "\r"))
    unquoted = dialect.delimiter in UNQUOTED and stray > quoted
    return replace(dialect, quote="") if unquoted else dialect


def _strays(lines: Sequence[str], dialect: Dialect) -> int:
    return sum(item.stray for item in read_records(lines, dialect, 0, complete=False))


def _spaced(lines: Sequence[str], base: Dialect) -> _Trial | None:
    """Columns set off by runs of white space, as in old statistics files: only where every line agrees, and
    either the columns are padded or there are more than two."""
    dialect = replace(base, delimiter=" ", quote="")
    trial = _try(lines, dialect, True)
    padded = any("  " in line.strip() or line[:1] in " \t" for line in lines)
    agree = trial.score >= (True, True, SPACED_SHARE)
    return trial if agree and len(trial.rows) > 1 and trial.width > 1 and (padded or trial.width > 2) else None


def _with_header(trial: _Trial, wanted: bool | None, skipped: int) -> Sniffed:
    place: HeaderPlace = place_header(trial.rows, wanted)
    notes = []
    if place.titles:
        notes.append(f"{place.titles} line(s) above the column names were skipped: {trial.rows[0][0][:60]!r}.")
    if not place.header:
        skip = skipped + (trial.found[place.titles].line if trial.found else 0)
        return Sniffed(replace(trial.dialect, header=False, skip_lines=skip), None, place.width, tuple(notes))
    top = trial.found[place.titles] if trial.found else Found([], 0, 1)
    dialect = replace(trial.dialect, skip_lines=skipped + top.line + top.lines)
    return Sniffed(dialect, trial.rows[place.titles], place.width, tuple(notes))


__all__ = ["Sniffed", "sniff"]
