"""A file of purchases is answered customer by customer, wherever their rows lie."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from file_uploads.reading import open_table
from file_uploads.scoring import score_file
from ml_services.base import Model, TrainingData, TrainingOptions
from ml_services.predictors.clv import Clv
from tests.ml_services.lifetime.shop import table, visits


@pytest.fixture(scope="module")
def model() -> Model:
    data = TrainingData(table(visits(500, 300)), "shop.csv", "0" * 64)
    return Clv().train(data, TrainingOptions(target="amount")).model


def test_every_purchase_gets_its_customers_answer_and_bad_rows_are_rejected(model: Model, tmp_path: Path) -> None:
    rows = [("a", "2024-01-05", "20.00"), ("b", "2024-02-01", "35.00"), ("", "2024-02-02", "1.00")] + [
        ("a" if k % 2 else "c", f"2024-0{2 + k % 5}-1{k % 7}", f"{10 + k}.50") for k in range(40)
    ]
    path, output = tmp_path / "purchases.csv", tmp_path / "out.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("customer_id", "date", "amount"), *rows])
    report = score_file(model, open_table(path), output, tmp_path / "rejects.csv")
    assert (report.rows_total, report.rows_done, report.rows_rejected) == (len(rows), len(rows) - 1, 1)
    told = list(csv.DictReader(output.read_text(encoding="utf-8").splitlines()))
    values = {row["customer_id"]: set() for row in told}
    for row in told:
        values[row["customer_id"]].add(row["prediction_value"])
    assert [len(found) for found in values.values()] == [1, 1, 1]
    assert len(set.union(*values.values())) == 3
    assert any("its customer" in note for note in report.notes)
