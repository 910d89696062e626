"""Why the next period comes out as it does: the effects of level, trend, season, year and the latest movement, added
to the average of the past, are its raw value."""

from __future__ import annotations

from typing import Any

from ml_services.forecasting.engine import Forecast
from ml_services.forecasting.periods import WORDS
from ml_services.forecasting.seasonal import Floats
from ml_services.forecasting.series import Series

NEAR = 6
"""Values that the recent level is read from, where a season is not longer."""
DIGITS = 4
COMPARED = ("level", "season", "year")


def explain(series: Series, forecast: Forecast) -> dict[str, Any]:
    """`raw`, `base` and the exact additive `reasons` of the first value forecast, strongest first."""
    plain, values = forecast.plain, series.values
    base = float(values.mean())
    span = min(max(series.season, NEAR), len(plain))
    level = float(plain[-span:].mean())
    trend = step(plain, span) * (span + 1) / 2
    season = float(forecast.seasonality.put_back(plain[-1:] * 0 + level + trend, len(plain))[0]) - level - trend
    year = yearly_effect(forecast, level + trend + season)
    rest = forecast.raw - level - trend - season - year
    word, words = WORDS[series.rhythm.frequency]
    recent = f"the last {span} {words}"
    parts: list[tuple[str, float | str, float, str]] = [
        ("level", level, level - base, f"the average of {recent} without season is {said(level)}, {{}} the whole past"),
        ("trend", step(plain, span), trend, f"each {word} brings {said(step(plain, span), sign=True)}, which {{}}"),
        ("season", str(series.future(1)[0]), season, f"this {word} of the season is usually {{}} average"),
        ("year", str(series.future(1)[0]), year, f"this {word} of the year is usually {{}} average"),
        ("latest movement", float(values[-1]), rest, "what the methods read in the latest values {}"),
    ]
    reasons = [reason(*part) for part in sorted(parts, key=lambda part: -abs(part[2])) if part[2] != 0.0]
    return {"raw": forecast.raw, "base": base, "reasons": reasons, "other_effects": 0.0}


def yearly_effect(forecast: Forecast, before: float) -> float:
    if forecast.swing is None:
        return 0.0
    return before * (forecast.swing - 1.0) if forecast.seasonality.multiplicative else forecast.swing


def step(plain: Floats, span: int) -> float:
    """The usual change a period: the recent level against that of the same length before, as far as it is known."""
    before = plain[-2 * span : -span]
    if len(before) < 2:
        return float(plain[-1] - plain[0]) / max(len(plain) - 1, 1)
    return (float(plain[-span:].mean()) - float(before.mean())) * 2 / (span + len(before))


def reason(feature: str, value: float | str, effect: float, text: str) -> dict[str, Any]:
    up = effect > 0
    words = ("below", "above") if feature in COMPARED else ("lowers it", "raises it")
    sentence = f"{text.format(words[up])}: {said(effect, sign=True)}"
    direction = "up" if up else "down"
    return {"feature": feature, "value": value, "effect": effect, "direction": direction, "text": sentence}


def said(number: float, *, sign: bool = False) -> str:
    """Four digits that count, with thousands separators."""
    if abs(number) >= 10 ** (DIGITS - 1):
        return f"{number:+,.0f}" if sign else f"{number:,.0f}"
    return f"{number:+.{DIGITS}g}" if sign else f"{number:.{DIGITS}g}"
