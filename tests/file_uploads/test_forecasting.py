"""A file of series is forecast whole."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from file_uploads.reading import open_table
from file_uploads.scoring import score_file
from ml_services.forecasting.model import SeriesModel
from platform_core.errors import InputInvalid


def write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(["date;series;value", *rows]) + "\n", encoding="utf-8")
    return path


def days(series: str, count: int) -> list[str]:
    return [f"{date(2024, 1, 1) + timedelta(k)};{series};{10 + k % 7},5" for k in range(count)]


def test_every_series_gets_a_row_a_period_and_bad_rows_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", [*days("north", 40), *days("south", 40), "never;south;1,5"])
    report = score_file(SeriesModel(), open_table(path), tmp_path / "out.csv")
    assert (report.rows_total, report.rows_done, report.rows_rejected) == (81, 80, 1)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["series"] for row in rows] == ["north"] * 14 + ["south"] * 14
    assert rows[0]["date"] == "2024-02-10"
    assert float(rows[0]["prediction_value"]) == pytest.approx(10.5 + 40 % 7)
    assert float(rows[0]["prediction_low_95"]) <= float(rows[0]["prediction_value"])
    told = (tmp_path / "out.csv.rejects.csv").read_text("utf-8")
    assert "81,date,never,is no date" in told


def test_a_file_without_dates_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("a,b\nx,1\ny,2\n", encoding="utf-8")
    with pytest.raises(InputInvalid, match="No column holds dates"):
        score_file(SeriesModel(), open_table(path), tmp_path / "out.csv")
    assert sorted(tmp_path.iterdir()) == [path]
