"""A table with one row a purchase: which columns say who, when and how much, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ml_services.base import Reject, TrainingOptions
from ml_services.columns import profile
from ml_services.dates import DateStyle, guess_date_style, parse_dates
from ml_services.lifetime.rfm import Integers, Purchases
from ml_services.parsing import MISSING, Floats, NumberStyle, flat, guess_number_style, is_numeric, parse_numbers
from platform_core.errors import TrainingRefused

CUSTOMER_NAME = re.compile(r"(customer|client|user|member|account|buyer|subscriber|household|kunde|kunden)")
ID_NAME = re.compile(r"(^|[^a-z])(id|no|nr|number|num|code|key|ref|email)s?$|[a-z]id$")
UNITS_NAME = re.compile(r"(^|[^a-z])(units?|qty|quantity|items?|number[ _]of[ _]\w+|pieces)($|[^a-z])")
MOST_DISTINCT = 0.95
"""Share of different customers up to which columns that were only guessed make a table one of purchases: above, a
few rows stand twice in a table of customers."""
STYLE_SAMPLE = 1_000
LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the columns; `units` may be empty."""

    customer: str
    time: str
    amount: str
    units: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Purchases; each table row's customer (index of `purchases.names`), -1 where the row was rejected; the rejects;
    the newest day."""

    purchases: Purchases
    customer: Integers
    rejects: list[Reject]
    newest_day: int


@dataclass(frozen=True, slots=True)
class PurchaseReader:
    """Reads tables of the form that one table had, in its spellings."""

    roles: Roles
    dates: DateStyle
    numbers: NumberStyle

    def reads(self, names: list[str]) -> bool:
        """Whether a table with columns of these names is one of purchases."""
        return {self.roles.customer, self.roles.time, self.roles.amount} <= set(names)

    def read(self, table: pa.Table) -> Reading:
        """A row without a customer, a day or an amount is rejected. Days whose amounts sum below zero (returns) are
        no purchases."""
        roles = self.roles
        names, customer = _customers(table.column(roles.customer))
        day, _ = parse_dates(table.column(roles.time), self.dates)
        amount, _ = parse_numbers(table.column(roles.amount), self.numbers)
        good = (customer >= 0) & ~np.isnan(day) & ~np.isnan(amount)
        rejects = _rejects(
            table, {roles.customer: customer < 0, roles.time: np.isnan(day), roles.amount: np.isnan(amount)}
        )
        units = None
        if roles.units:
            count, _ = parse_numbers(table.column(roles.units), self.numbers)
            units = np.nan_to_num(count[good])
        days = np.floor(day[good]).astype(np.int64)
        purchases = _by_day(names, customer[good], days, amount[good], units)
        return Reading(purchases, np.where(good, customer, -1), rejects, int(days.max()) if len(days) else 0)


def _customers(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Integers]:
    """Names as spelled, and each row's; -1 where there is none."""
    array = flat(column)
    spelled = pc.utf8_trim_whitespace(array.cast(pa.string())).dictionary_encode()
    names = tuple(name or "" for name in spelled.dictionary.to_pylist())
    codes = np.asarray(pc.fill_null(spelled.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    absent = np.array([name.casefold() in MISSING for name in names] + [True])
    return names, np.where(absent[codes], -1, codes)


def _by_day(
    names: tuple[str, ...], customer: Integers, day: Integers, amount: Floats, units: Floats | None
) -> Purchases:
    """Rows of one customer and day as one."""
    order = np.lexsort((day, customer))
    customer, day, amount = customer[order], day[order], amount[order]
    first = np.flatnonzero(np.r_[True, (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])][: len(day)])
    if not len(first):
        return Purchases(names, customer, day, amount, units)
    total = np.add.reduceat(amount, first)
    kept = total >= 0
    per_day = None if units is None else np.maximum(np.add.reduceat(units[order], first), 0.0)[kept]
    return Purchases(names, customer[first][kept], day[first][kept], total[kept], per_day)


def _rejects(table: pa.Table, bad: Mapping[str, npt.NDArray[np.bool_]]) -> list[Reject]:
    reasons = ("no customer", "no date that can be read", "no amount that can be read")
    found = []
    for (name, where), reason in zip(bad.items(), reasons, strict=True):
        rows = np.flatnonzero(where)
        cells = table.column(name).take(pa.array(rows)).to_pylist()
        for row, cell in zip(rows.tolist(), cells, strict=True):
            found.append(Reject(row, name, "" if cell is None else str(cell)[:LONGEST_SHOWN], reason))
    return sorted(found, key=lambda reject: reject.position)


def find_reader(table: pa.Table, options: TrainingOptions) -> PurchaseReader | None:
    """How to read `table` as purchases, or None where it has a row a customer. The setting `route` (transactions or
    fields) decides; else that customers come more than once, under the names given or ones that say customer."""
    route = str(options.settings.get("route", ""))
    if route == "fields" or options.target not in table.column_names:
        return None
    customer = options.id_column or _customer_column(table, options.target)
    if not customer or (
        route != "transactions" and not _repeats(table, customer, given=bool(options.id_column and options.time_column))
    ):
        _refuse_where_asked(route, "say which column names the customer (--id-column)")
        return None
    reports = {report.name: report for report in profile(table, target="", exclude=options.exclude)}
    dates = [name for name, report in reports.items() if report.kind == "date" and name != customer]
    time = options.time_column or (dates[0] if len(dates) == 1 else "")
    if not time:
        _refuse_where_asked(route, "say which column holds the date (--time-column)")
        return None
    found, amounts = reports[time].style, table.column(options.target)
    style = (
        found
        if isinstance(found, DateStyle)
        else guess_date_style(_sample(table.column(time)), DateStyle(compact=True))
    )
    numbers = NumberStyle() if is_numeric(amounts.type) else guess_number_style(_sample(amounts))
    units = str(options.settings.get("units_column", "")) or _units_column(table, {customer, time, options.target})
    return PurchaseReader(Roles(customer, time, options.target, units), style, numbers)


def _refuse_where_asked(route: str, what: str) -> None:
    if route == "transactions":
        raise TrainingRefused(f"To learn from purchases, {what}.")


def _customer_column(table: pa.Table, target: str) -> str:
    named = [name for name in table.column_names if name != target and CUSTOMER_NAME.search(name.casefold())]
    ids = [name for name in named if ID_NAME.search(name.strip().casefold())] or named
    return ids[0] if len(ids) == 1 else ""


def _repeats(table: pa.Table, name: str, *, given: bool) -> bool:
    if name not in table.column_names:
        raise TrainingRefused(f"There is no column {name!r}.")
    distinct: Any = pc.count_distinct(table.column(name))
    return bool(distinct.as_py() < (1.0 if given else MOST_DISTINCT) * table.num_rows)


def _units_column(table: pa.Table, taken: set[str]) -> str:
    """The column whose name says how many; without such a name none is taken for it."""
    named = [name for name in table.column_names if name not in taken and UNITS_NAME.search(name.casefold())]
    return named[0] if len(named) == 1 else ""


def _sample(column: pa.ChunkedArray) -> list[str]:
    return [str(cell) for cell in column.slice(0, STYLE_SAMPLE).to_pylist() if cell]


__all__ = ["PurchaseReader", "Reading", "Roles", "find_reader"]
