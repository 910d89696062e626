"""One value out of line does not carry the forecast away; a regular series is left as it is."""

from __future__ import annotations

import numpy as np
import pytest

from ml_services.forecasting.engine import forecast
from ml_services.forecasting.outliers import usual, without

RNG = np.random.default_rng(8)
TIME = np.arange(96)
SALES = (100 + TIME) * (1 + 0.3 * np.sin(TIME * np.pi / 6)) * RNG.lognormal(0, 0.03, 96)


@pytest.mark.parametrize("place", [40, 94, 95])
@pytest.mark.parametrize("factor", [6.0, 0.0])
def test_a_value_out_of_line_is_found_and_replaced_by_the_usual(place: int, factor: float) -> None:
    values = SALES.copy()
    values[place] *= factor
    places, instead = usual(values, 12)
    assert places.tolist() == [place]
    assert instead[0] == pytest.approx(SALES[place], rel=0.15)
    clean = forecast(SALES, 12, 12).value
    assert forecast(values, 12, 12).value == pytest.approx(clean, rel=0.15)


@pytest.mark.parametrize(
    "values",
    [
        SALES,
        100.0 * 1.05**TIME,
        5.0 * TIME,
        np.full(96, 3.0),
        RNG.poisson(0.4, 96) * 10.0,
        np.r_[np.full(48, 100.0), np.full(48, 300.0)] + RNG.normal(0, 2, 96),
        np.where(TIME % 12 == 11, 500.0, 100.0) + RNG.normal(0, 2, 96),
        RNG.normal(0, 1, 96).cumsum(),
        RNG.lognormal(0, 1, 96),
    ],
    ids=["sales", "growth", "line", "constant", "intermittent", "shift", "yearly peak", "walk", "heavy tail"],
)
def test_what_is_regular_stays(values: np.ndarray) -> None:
    assert np.array_equal(without(values, 12), values)


def test_two_seasons_are_too_few_to_tell_a_peak_from_an_accident() -> None:
    values = 100 + RNG.normal(0, 2, 110)
    values[[47, 99]] = 500.0
    assert np.array_equal(without(values, 52), values)
