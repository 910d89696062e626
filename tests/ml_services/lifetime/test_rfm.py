"""Recency, frequency and monetary value as of a day."""

from __future__ import annotations

import numpy as np

from ml_services.lifetime.rfm import Purchases, complete, derive, fields, frame_before, spent_between

NAMES = [field.name for field in fields(units=True)]


def bought(*rows: tuple[int, int, float, float]) -> Purchases:
    customer, day, amount, units = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases(("anna", "ben"), customer, day, amount.astype(float), units.astype(float))


SHOP = bought((0, 10, 20.0, 1), (0, 50, 40.0, 2), (0, 95, 30.0, 1), (1, 60, 5.0, 3))


def row_of(name: str, cut: int, customer: int = 0) -> float:
    frame = frame_before(SHOP, cut)
    return float(frame.X[frame.customer.tolist().index(customer), NAMES.index(name)])


def test_a_frame_holds_what_was_known_before_the_cut() -> None:
    assert row_of("frequency", 95) == 1
    assert row_of("frequency", 96) == 2
    assert row_of("recency_days", 96) == 0
    assert row_of("recency_days", 95) == 94 - 50
    assert row_of("age_days", 96) == 85
    assert row_of("monetary_mean", 96) == 30
    assert row_of("monetary_sd", 96) == 10
    assert row_of("monetary_last", 96) == 30
    assert row_of("monetary_max", 96) == 40
    assert row_of("purchases_30_days", 96) == 1
    assert row_of("spend_90_days", 96) == 90
    assert row_of("units", 96) == 4


def test_somebody_unknown_before_the_cut_has_no_row() -> None:
    assert frame_before(SHOP, 60).customer.tolist() == [0]
    assert frame_before(SHOP, 61).customer.tolist() == [0, 1]


def test_one_purchase_has_no_spread() -> None:
    assert np.isnan(row_of("monetary_sd", 96, customer=1))


def test_spending_is_counted_from_the_start_up_to_the_end() -> None:
    amount, purchases = spent_between(SHOP, np.array([1, 0]), 50, 95)
    assert amount.tolist() == [5, 40]
    assert purchases.tolist() == [1, 1]


def test_what_a_record_leaves_out_is_filled_from_what_it_must_have() -> None:
    whole = frame_before(SHOP, 96).X
    sparse = whole.copy()
    sparse[:, 4:] = np.nan
    filled = complete(sparse)
    once = NAMES.index("spend_90_days")
    assert filled[1, once] == whole[1, once] == 5
    assert not np.isnan(filled[:, 5:13]).any()
    assert (filled[:, NAMES.index("purchases_180_days")] == whole[:, NAMES.index("purchases_180_days")]).all()


def test_nothing_is_filled_where_all_is_known() -> None:
    whole = frame_before(SHOP, 96).X
    assert complete(whole) is whole
    assert np.array_equal(derive(whole)[:, : whole.shape[1]], whole, equal_nan=True)
