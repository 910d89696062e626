"""The answer to one history: its form, its honesty, and what is refused."""

from __future__ import annotations

import math
import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from ml_services.forecasting.model import SeriesModel
from ml_services.predictors.sales_forecast import SalesForecast
from platform_core.errors import RecordInvalid

MODEL = SeriesModel()
RNG = np.random.default_rng(5)


def history(values: Any, *, start: str = "2022-01-01", step: int = 1) -> list[dict[str, Any]]:
    first = date.fromisoformat(start)
    return [{"date": str(first + timedelta(step * k)), "value": float(v)} for k, v in enumerate(values)]


def monthly(values: Any) -> list[dict[str, Any]]:
    return [{"date": f"{2010 + k // 12}-{k % 12 + 1:02}-01", "value": float(v)} for k, v in enumerate(values)]


GROWING = monthly([(100 + 2 * k) * (1 + 0.3 * math.sin(k * math.pi / 6)) + RNG.normal(0, 3) for k in range(96)])
WILD = {
    "constant": np.full(40, 5.0),
    "all zero": np.zeros(30),
    "intermittent": RNG.poisson(0.3, 150) * 10.0,
    "negative": RNG.normal(0, 3, 90).cumsum(),
    "level shift": np.r_[np.full(50, 100.0), np.full(50, 200.0)] + RNG.normal(0, 3, 100),
    "outlier": np.where(np.arange(80) == 60, 5000.0, 100.0) + RNG.normal(0, 3, 80),
    "outlier at the end": np.where(np.arange(80) == 79, 5000.0, 100.0) + RNG.normal(0, 3, 80),
    "explosive": 2.0 ** np.arange(40),
    "huge": 1e14 + RNG.normal(0, 1e12, 60),
    "tiny": 1e-9 * (1 + RNG.random(60)),
    "three points": np.array([1.0, 2.0, 4.0]),
    "seven points": np.array([1.0, 2.0, 4.0, 3.0, 6.0, 5.0, 8.0]),
    "denormal": np.full(40, 1e-320),
    "worlds apart": RNG.choice([0.0, 1e-300, 1e15], 60),
    "one spike": np.where(np.arange(41) == 20, 100.0, 0.0),
}


@pytest.mark.parametrize("name", WILD)
def test_any_series_gets_ordered_finite_intervals_and_exact_reasons(name: str) -> None:
    answer = MODEL.answer({"history": history(WILD[name]), "periods": 9}, explain=True)
    assert len(answer["forecast"]) == 9
    for row in answer["forecast"]:
        assert all(math.isfinite(row[key]) for key in row if key != "date")
        assert row["low_95"] <= row["low_80"] <= row["value"] <= row["high_80"] <= row["high_95"]
        assert WILD[name].min() < 0 or row["low_95"] >= 0
    explained = answer["base"] + sum(reason["effect"] for reason in answer["reasons"])
    assert explained == pytest.approx(answer["raw"], rel=1e-9, abs=1e-9 * np.abs(WILD[name]).max())


def test_season_and_trend_are_carried_on() -> None:
    answer = MODEL.answer({"history": GROWING, "periods": 12}, explain=True)
    truth = [(100 + 2 * k) * (1 + 0.3 * math.sin(k * math.pi / 6)) for k in range(96, 108)]
    values = [row["value"] for row in answer["forecast"]]
    assert np.mean(np.abs(np.array(values) / truth - 1)) < 0.03
    assert [row["date"] for row in answer["forecast"]][:2] == ["2018-01-01", "2018-02-01"]
    assert (answer["frequency"], answer["season_length"], answer["beats_naive"]) == ("M", 12, True)
    assert answer["mase"] < answer["naive_mase"]
    assert {"level", "trend", "season"} <= {reason["feature"] for reason in answer["reasons"]}


def test_where_naive_cannot_be_beaten_it_is_the_answer() -> None:
    cycle = [10.0, 12.0, 15.0, 11.0, 9.0, 20.0, 25.0] * 12
    answer = MODEL.answer({"history": history(cycle), "periods": 7}, explain=False)
    assert (answer["beats_naive"], answer["method"]) == (False, "seasonal naive")
    assert [row["value"] for row in answer["forecast"]] == cycle[:7]
    assert any("No method beat" in note for note in answer["notes"])
    assert "reasons" not in answer


def test_too_few_values_for_a_back_test_are_said_to_be() -> None:
    answer = MODEL.answer({"history": history([1, 2, 4]), "periods": 2}, explain=False)
    assert (answer["beats_naive"], answer["mase"], answer["backtest_windows"]) == (False, None, 0)
    assert "too few for a back-test" in answer["notes"][0]


def test_order_does_not_matter_and_gaps_are_filled_and_noted() -> None:
    whole = history(100 + 10 * np.sin(np.arange(70) * 2 * np.pi / 7))
    gappy = [point for k, point in enumerate(whole) if k not in (20, 21, 40)]
    answer = MODEL.answer({"history": gappy, "periods": 7}, explain=False)
    assert answer["notes"][0] == "3 days without a value were filled from their neighbours."
    assert MODEL.answer({"history": gappy[::-1], "periods": 7}, explain=False) == answer
    complete = MODEL.answer({"history": whole, "periods": 7}, explain=False)
    for got, wanted in zip(answer["forecast"], complete["forecast"], strict=True):
        assert got["value"] == pytest.approx(wanted["value"], rel=0.05)


def test_periods_default_to_what_the_rhythm_suggests() -> None:
    assert len(MODEL.answer({"history": GROWING}, explain=False)["forecast"]) == 12
    assert len(MODEL.answer({"history": GROWING[:20], "periods": None}, explain=False)["forecast"]) == 12


def test_of_ten_thousand_days_the_last_are_looked_at() -> None:
    long = history(100 + RNG.normal(0, 3, 10_000).cumsum() * 0.1, start="1990-01-01")
    answer = MODEL.answer({"history": long, "periods": 366}, explain=True)
    assert "Only the last 1,100 of 10,000 days" in answer["notes"][0]
    assert len(answer["forecast"]) == 366


def test_the_model_survives_pickling_and_answers_the_same() -> None:
    again = pickle.loads(pickle.dumps(MODEL))  # noqa: S301 - our own bytes
    assert again.answer({"history": GROWING}, explain=True) == MODEL.answer({"history": GROWING}, explain=True)


def test_it_serves_without_training() -> None:
    assert isinstance(SalesForecast().untrained(), SeriesModel)


REFUSED: dict[str, tuple[Any, str, str]] = {
    "no history": ({}, "history", "required"),
    "history null": ({"history": None}, "history", "null"),
    "history a text": ({"history": "1,2,3"}, "history", "wrong_type"),
    "too short": ({"history": history([1, 2])}, "history", "out_of_range"),
    "too long": ({"history": history([1]) * 10_001}, "history", "too_long"),
    "item a number": ({"history": [3, *history([1, 2])]}, "history.0", "wrong_type"),
    "bad date": ({"history": [*history([1, 2]), {"date": "2025-02-30", "value": 1}]}, "history.2.date", "wrong_type"),
    "date a number": ({"history": [*history([1, 2]), {"date": 20250101, "value": 1}]}, "history.2.date", "wrong_type"),
    "value a text": ({"history": [*history([1, 2]), {"date": "2025-02-03", "value": "7"}]}, "history.2.value",
                     "wrong_type"),
    "value true": ({"history": [*history([1, 2]), {"date": "2025-02-03", "value": True}]}, "history.2.value",
                   "wrong_type"),
    "value null": ({"history": [*history([1, 2]), {"date": "2025-02-03", "value": None}]}, "history.2.value", "null"),
    "value not a number": ({"history": history([1, 2, math.nan])}, "history.2.value", "out_of_range"),
    "value infinite": ({"history": history([1, 2, math.inf])}, "history.2.value", "out_of_range"),
    "no value": ({"history": [*history([1, 2]), {"date": "2025-02-03"}]}, "history.2.value", "required"),
    "key too many": ({"history": [*history([1, 2]), {"date": "2025-02-03", "value": 1, "x": 1}]}, "history.2.x",
                     "unknown"),
    "a date twice": ({"history": [*history([1, 2, 3]), *history([4])]}, "history.3.date", "not_a_choice"),
    "periods 0": ({"history": GROWING, "periods": 0}, "periods", "out_of_range"),
    "periods 367": ({"history": GROWING, "periods": 367}, "periods", "out_of_range"),
    "periods a fraction": ({"history": GROWING, "periods": 1.5}, "periods", "wrong_type"),
    "periods true": ({"history": GROWING, "periods": True}, "periods", "wrong_type"),
    "frequency unknown": ({"history": GROWING, "frequency": "H"}, "frequency", "not_a_choice"),
    "frequency a list": ({"history": GROWING, "frequency": ["M"]}, "frequency", "not_a_choice"),
    "unknown key": ({"history": GROWING, "horizon": 3}, "horizon", "unknown"),
    "two days of one month": ({"history": history([1, 2, 3, 4]), "frequency": "M"}, "history", "out_of_range"),
    "no rhythm": ({"history": [{"date": day, "value": 1} for day in ("2020-01-01", "2020-01-03", "2024-06-05")]},
                  "history", "out_of_range"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_request_is_refused_naming_the_field(name: str) -> None:
    record, field, code = REFUSED[name]
    with pytest.raises(RecordInvalid) as refused:
        MODEL.answer(record, explain=False)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


def test_every_bad_value_is_named_up_to_a_limit() -> None:
    with pytest.raises(RecordInvalid) as refused:
        MODEL.answer({"history": history([math.nan] * 30), "periods": -1}, explain=False)
    problems = refused.value.problems
    assert len(problems) == 22
    assert "10 more values are wrong" in problems[20].detail


def test_a_year_in_daily_sales_is_carried_on() -> None:
    days = np.arange(1000)
    curve = 200 * (1 + 0.4 * np.sin(2 * np.pi * days / 365.25)) * (1 + 0.2 * np.cos(2 * np.pi * days / 7))
    values = curve * np.exp(RNG.normal(0, 0.05, 1000))
    answer = MODEL.answer({"history": history(values[:850]), "periods": 150}, explain=True)
    ahead = np.array([row["value"] for row in answer["forecast"]])
    assert np.mean(np.abs(ahead / curve[850:] - 1)) < 0.1
    effects = {reason["feature"]: reason["effect"] for reason in answer["reasons"]}
    assert effects["year"] > 20
    assert answer["base"] + sum(effects.values()) == pytest.approx(answer["raw"], rel=1e-9)


def test_a_value_out_of_line_is_named() -> None:
    points = history(np.where(np.arange(80) == 60, 5000.0, 100.0) + RNG.normal(0, 3, 80))
    notes = MODEL.answer({"history": points}, explain=False)["notes"]
    assert any("2022-03-02" in note and "far out of line" in note for note in notes)
