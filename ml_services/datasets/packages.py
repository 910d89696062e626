"""Which package somebody took: the one they paid for most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from users.currencies import minor_units


def packages_paid(payments: Iterable[tuple[str, int]], prices: Mapping[int, str]) -> dict[str, str]:
    """The package of each person. `payments`: (person, amount in minor units) of those that count, the newest first;
    `prices`: the package of each amount. Of packages paid equally often the newest counts; an amount that is no
    package's price says nothing."""
    paid: dict[str, list[str]] = {}
    for who, amount in payments:
        package = prices.get(amount)
        if who and package:
            paid.setdefault(who, []).append(package)
    # Counter keeps first-seen order among equals, and the newest were seen first.
    return {who: Counter(found).most_common(1)[0][0] for who, found in paid.items()}


def price_list(packages: Sequence[Mapping[str, Any]], currency: str) -> dict[int, str]:
    """A company's price list by amount in minor units: the monthly price, and that with the set-up fee. An amount that
    two packages share is nobody's."""
    scale = 10 ** minor_units(currency)
    found: dict[int, set[str]] = {}
    for row in packages:
        if row.get("monthly_price") is None:
            continue
        price, fee = Decimal(str(row["monthly_price"])), Decimal(str(row.get("setup_fee") or 0))
        for amount in {price, price + fee}:
            found.setdefault(int(amount * scale), set()).add(str(row["name"]))
    return {amount: next(iter(names)) for amount, names in found.items() if len(names) == 1}


__all__ = ["packages_paid", "price_list"]
