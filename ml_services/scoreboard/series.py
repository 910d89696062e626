"""Forecasts beside the values that came: worked out point by point in the database, a line of numbers a forecast.

The history is read there only, and only of forecasts with an outcome: the mean absolute seasonal step of it is the unit
of MASE (Hyndman & Koehler, International Journal of Forecasting 2006), of the history as it was sent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ml_services.scoreboard.intervals import NORMAL_95, figure, unknown

Floats = npt.NDArray[np.float64]
LEAST_FORECASTS = 10
LEVEL = 0.8
LIST = "CASE jsonb_typeof({0}) WHEN 'array' THEN {0} ELSE '[]' END"
DAY = "left({0}, 10)"


def points(number: Any) -> str:
    """SQL of the sums over the points of a forecast whose value came, joined to each answer as `points`; `number`
    gives the SQL of a JSON number. One plain number is the value of the first period."""
    forecast, came, history = (
        LIST.format(one) for one in ("(answers.output -> 'forecast')", "came.value", "(answers.input -> 'history')")
    )
    season = "greatest(coalesce((answers.output ->> 'season_length')::int, 1), 1)"
    parts = ("value", "low_80", "high_80", "low_95", "high_95")
    read = ", ".join(f"{number(f'said -> {part!r}')} AS {part}" for part in parts)
    return f"""
    LEFT JOIN LATERAL (
        SELECT count(*)::float8 AS came, sum(abs(came_value - value)) AS miss,
            sum(CASE WHEN abs(came_value) + abs(value) > 0
                THEN abs(came_value - value) / (abs(came_value) + abs(value)) ELSE 0 END) AS relative,
            avg((came_value BETWEEN low_80 AND high_80)::int)::float8 AS inside_80,
            avg((came_value BETWEEN low_95 AND high_95)::int)::float8 AS inside_95,
            (array_agg((came_value BETWEEN low_80 AND high_80)::int ORDER BY place))[1]::float8 AS first_80
        FROM (
            SELECT place, {read},
                CASE jsonb_typeof(came.value) WHEN 'number' THEN CASE WHEN place = 1 THEN {number("came.value")} END
                ELSE (SELECT {number("fact.value")} FROM jsonb_to_recordset({came}) AS fact(date text, value jsonb)
                      WHERE {DAY.format("fact.date")} = {DAY.format("said ->> 'date'")} LIMIT 1) END AS came_value
            FROM jsonb_array_elements({forecast}) WITH ORDINALITY AS step(said, place)
        ) AS each
        WHERE came_value IS NOT NULL AND came.value IS NOT NULL
    ) AS points ON came.value IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT avg(abs(value - before)) AS unit FROM (
            SELECT {number("point.value")} AS value,
                lag({number("point.value")}, {season}) OVER (ORDER BY point.date) AS before
            FROM jsonb_to_recordset({history}) AS point(date text, value jsonb)
        ) AS steps
    ) AS past ON came.value IS NOT NULL"""  # noqa: S608 - no part of it comes from outside


COLUMNS = (
    ("came", "nullif(points.came, 0)"),
    ("miss", "points.miss"),
    ("relative", "points.relative"),
    ("inside_80", "points.inside_80"),
    ("inside_95", "points.inside_95"),
    ("first_80", "points.first_80"),
    ("unit", "past.unit"),
)


def forecasts(columns: Mapping[str, Floats], classes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Each figure is a mean over forecasts, so that a long one does not outweigh the others."""
    points_, miss = columns["came"], columns["miss"]
    mean_miss, unit = miss / points_, columns["unit"]
    scaled = mean_miss[unit > 0] / unit[unit > 0]
    return {
        "mase": _mean(scaled),
        "smape": _mean(200 * columns["relative"] / points_),
        "coverage_80": _mean(columns["inside_80"]),
        "coverage_95": _mean(columns["inside_95"]),
    }


def _mean(values: Floats) -> dict[str, Any]:
    rows = len(values)
    if rows < LEAST_FORECASTS:
        return unknown(rows, f"{LEAST_FORECASTS} forecasts with values that came; there are {rows}")
    half = NORMAL_95 * float(values.std(ddof=1)) / math.sqrt(rows)
    middle = float(values.mean())
    return figure(middle, rows, low=middle - half, high=middle + half)


__all__ = ["COLUMNS", "LEVEL", "forecasts", "points"]
