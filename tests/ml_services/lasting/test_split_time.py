"""What is time in a change: ages at the record's own day, and numbers that count what went by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ml_services.additive import AdditiveScorer, Curve
from ml_services.base import Field
from ml_services.calibration import Sigmoid
from ml_services.encoded_columns import NumberColumn
from ml_services.encoding import Encoder
from ml_services.expanded_columns import AGE, DateColumn
from ml_services.lasting.split import split
from ml_services.predictors.churn import ChurnAnswer
from ml_services.tabular import TabularModel
from tests.ml_services.lasting.kinds import APRIL, MARCH, side
from tests.ml_services.lasting.sums import add_up, only_numbers


def timed(days: float = 0.001) -> TabularModel:
    """Dates by their age at the record's own day, beside a number that counts months."""
    joined = DateColumn(Field("joined", "date"), parts=(AGE,))
    seen = DateColumn(Field("seen", "date"), parts=())
    number = NumberColumn(Field("tenure_months", "number"))
    encoder = Encoder([joined, seen, number], time_field="seen", reference=20_000.0)
    parts = [Curve([0.0, 100.0], [[0.0, 1.0]], [0.0]), Curve([0.0, 9000.0], [[0.0, 9000 * days]], [0.0])]  # type: ignore[arg-type]
    return TabularModel(encoder, AdditiveScorer(parts, 0.0), Sigmoid(), ChurnAnswer((0.3, 0.6)))


def test_ages_that_move_with_the_records_own_day_are_time() -> None:
    one = timed()
    first = {"joined": "2024-01-01", "seen": "2026-03-01", "tenure_months": 26}
    told = split(side(one, first), side(one, first | {"seen": "2026-04-01"}, at=APRIL))
    add_up(told)
    assert told["data"]["effect"] == 0.0
    assert told["time"]["raw_effect"] == pytest.approx(31 * 0.001)
    assert [line["field"] for line in told["time"]["fields"]] == ["joined"]


def test_a_date_that_is_corrected_is_data_and_the_days_beside_it_time() -> None:
    one = timed()
    first = {"joined": "2024-01-01", "seen": "2026-03-01", "tenure_months": 26}
    told = split(side(one, first), side(one, first | {"seen": "2026-04-01", "joined": "2024-01-11"}, at=APRIL))
    add_up(told)
    assert told["data"]["raw_effect"] == pytest.approx(-10 * 0.001)
    assert told["time"]["raw_effect"] == pytest.approx(31 * 0.001)


@pytest.mark.parametrize(("months", "counted"), [(27, True), (29, False), (25, False)])
def test_a_count_of_months_that_grew_by_what_went_by_is_time(months: int, counted: bool) -> None:
    one = timed()
    first = {"joined": "2024-01-01", "seen": "2026-03-01", "tenure_months": 26}
    told = split(side(one, first), side(one, first | {"tenure_months": months}, at=APRIL))
    add_up(told)
    assert [line["field"] for line in told["time" if counted else "data"]["fields"]] == ["tenure_months"]


def test_where_nothing_depends_on_time_it_says_so() -> None:
    one = only_numbers("spend")
    told = split(side(one, {"spend": 1}), side(one, {"spend": 9}, at=MARCH + timedelta(days=90)))
    assert told["time"]["effect"] == 0.0
    assert "Nothing" in told["time"]["note"]
