"""Nothing from after the day enters a frame, and the same records give the same one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ml_services import datasets
from tests.ml_services.datasets.shop import PEOPLE, TODAY, filled, framed, taken
from tests.platform_core.records.rows import customer, lead, on, payment
from users.models import Company

LATER: list[tuple[str, Any]] = [
    ("payments", lambda n: payment(f"late{n}", n, TODAY + 1 + n, 9999)),
    ("payments", lambda n: payment(f"p{n}-{n}", n, n, 777, refunded=True) | {"source_updated_at": on(TODAY + 2)}),
    ("payments", lambda n: payment(f"new{n}", 800 + n, TODAY + 3) | {"email": f"l{n}@example.com"}),
    ("customers", lambda n: customer(n, started=n, at=TODAY + 4, plan="Gone", ended_at=on(TODAY - 20), email="x@y.de")),
    ("customers", lambda n: customer(700 + n, started=TODAY + 1)),
    ("customers", lambda n: customer(n, started=n, at=TODAY + 6, plan="Gone", deleted_at=on(TODAY + 5))),
    ("leads", lambda n: lead(n, 5.0 * n, converted_at=on(5.0 * n + 3)) | {"source_updated_at": on(TODAY + 9)}),
    ("leads", lambda n: lead(500 + n, TODAY + 1)),
    ("tickets", lambda n: {"external_id": f"u{n}", "customer_ref": f"c{n}", "opened_at": on(TODAY + 1)}),
    ("orders", lambda n: payment(f"o{n}", n, 1) | {"placed_at": on(TODAY + 2)}),
]


@pytest.mark.parametrize("name", list(datasets.HORIZONS))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_from_after_enters(shop: Company, name: str, seed: int) -> None:
    taken(shop, "payments", [payment(f"b{n}", 0, 5.0 * n) | {"email": f"l{n}@example.com"} for n in range(30)], "pay")
    before = framed(shop, name)
    rng = random.Random(seed)
    for kind, make in rng.sample(LATER, 6):
        rows = [make(number) for number in rng.sample(range(PEOPLE), 12)]
        rows = [{k: v for k, v in row.items() if kind != "orders" or k not in ("paid_at",)} for row in rows]
        taken(shop, kind, rows)
    after = framed(shop, name)
    assert after.table.equals(before.table)
    assert after.sha256 == before.sha256


def test_the_same_records_in_another_order_give_the_same_digest(alice: Company, bob: Company) -> None:
    filled(alice)
    filled(bob)
    assert framed(alice, "churn").sha256 == framed(bob, "churn").sha256
    taken(bob, "payments", [payment("more", 1, 50)])
    assert framed(alice, "churn").sha256 != framed(bob, "churn").sha256
