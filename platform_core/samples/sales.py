"""sales_data.csv: three years of daily sales with growth, a week, a year, holidays and a few gaps."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from platform_core.samples.cells import Row

FIRST_DAY = date(2023, 11, 1)
DAYS = 1096
WEEK = (0.92, 0.9, 0.95, 1.0, 1.18, 1.32, 0.73)
"""Monday to Sunday."""
MISSING_DAYS = 3
LEVEL, GROWTH_A_YEAR, NOISE = 1200.0, 1.12, 0.07
PEAK_DAY_OF_YEAR, SWING = 340, 0.18


def sales(seed: int, days: int = DAYS) -> list[Row]:
    rng = np.random.default_rng([seed, 5])
    made = []
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        yearly = 1 + SWING * np.cos(2 * np.pi * (day.timetuple().tm_yday - PEAK_DAY_OF_YEAR) / 365.25)
        holidays = 1.5 if day.month == 12 and 10 <= day.day <= 23 else 0.3 if (day.month, day.day) == (12, 25) else 1.0
        value = LEVEL * GROWTH_A_YEAR ** (number / 365.25) * WEEK[day.weekday()] * yearly * holidays
        made.append({"date": day.isoformat(), "value": f"{value * rng.lognormal(0, NOISE):.2f}"})
    gone = set(rng.choice(np.arange(30, days - 30), MISSING_DAYS, replace=False).tolist()) if days > 90 else set()
    return [row for number, row in enumerate(made) if number not in gone]
