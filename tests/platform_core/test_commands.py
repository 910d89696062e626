"""The commands as a person types them: train on a file, score a file, make a key; and what goes wrong clearly."""

from __future__ import annotations

import csv
import json
import os
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ml_services import serving
from ml_services.models import ModelVersion
from platform_core.errors import FileRefused, InputInvalid, NoModel, NotFound, PlatformError, TrainingRefused
from platform_core.tenancy import installation_wide
from request_logs.models import Prediction
from tests.stored import found
from users import keys
from users.models import Company

ROWS = 300
HEADER = ["customer", "months", "fee", "plan", "left"]


def write(path: Path, rows: list[list[Any]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def customers(count: int = ROWS, seed: int = 1) -> list[list[Any]]:
    """Customers who leave the more likely, the newer they are and the dearer their plan."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        months, plan = chance.randint(1, 60), chance.choice(["basic", "plus", "pro"])
        fee = round(chance.uniform(5, 90), 2)
        left = chance.random() < (0.7 if months < 15 else 0.2) + (0.15 if plan == "pro" else 0)
        rows.append([f"C{number:05d}", months, fee, plan, "yes" if left else "no"])
    return rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "customers.csv", customers())


def train(*arguments: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command("train_models", "churn", *map(str, arguments), "--budget-s", "3", stdout=out, **options)
    return out.getvalue()


def test_training_on_a_file_prints_and_writes_the_card_and_serves(alice: Company, file: Path, tmp_path: Path) -> None:
    printed = train("--data", file, "--target", "left", "--card", tmp_path / "card.json")
    card = json.loads((tmp_path / "card.json").read_text())
    row = found(ModelVersion)[0]
    assert (row.company_id, row.version, row.serving) == (alice.pk, card["version"], True)
    assert card["predictor"] == "churn" and card["data"]["rows"] == ROWS
    assert {one["name"]: one["used"] for one in card["columns"]}["customer"] is False
    assert {"roc_auc", "roc_auc_low", "roc_auc_high", "log_loss", "brier", "ece"} <= set(card["metrics"])
    assert row.version in printed
    record = {"months": 3, "fee": 20.0, "plan": "pro"}
    assert 0 < serving.predict_one(alice.pk, "churn", record, explain=False)["probability"] < 1


def test_a_version_that_is_not_promoted_does_not_serve(alice: Company, file: Path) -> None:
    train("--data", file, "--target", "left", "--no-promote")
    assert found(ModelVersion)[0].serving is False
    with pytest.raises(NoModel):
        serving.find(alice.pk, "churn")


def test_bobs_company_does_not_get_alices_model(alice: Company, bob: Company, file: Path) -> None:
    train("--data", file, "--target", "left", "--company", "alice")
    with pytest.raises(NoModel):
        serving.find(bob.pk, "churn")


def test_with_two_companies_the_command_asks_which(alice: Company, bob: Company, file: Path) -> None:
    with pytest.raises(InputInvalid, match="--company"):
        train("--data", file, "--target", "left")
    with pytest.raises(NotFound, match="alice, bob"):
        train("--data", file, "--target", "left", "--company", "carol")


def bad_files(folder: Path) -> list[tuple[str, Path]]:
    rows = customers()
    return [
        ("empty", write_bytes(folder / "empty.csv", b"")),
        ("header only", write(folder / "header.csv", [])),
        ("no target value", write(folder / "blank.csv", [[*row[:4], ""] for row in rows])),
        ("one class", write(folder / "constant.csv", [[*row[:4], "no"] for row in rows])),
        ("too few", write(folder / "few.csv", [[*row[:4], "yes" if n < 5 else "no"] for n, row in enumerate(rows)])),
        ("one column", write(folder / "one.csv", [[row[4]] for row in rows], ["left"])),
        ("binary", write_bytes(folder / "junk.csv", bytes(range(256)) * 40)),
        ("twice", write(folder / "twice.csv", rows, ["a", "a", "b", "c", "left"])),
        ("ragged", write(folder / "ragged.csv", [row[: 1 + n % 3] for n, row in enumerate(rows)])),
        ("5,000 columns", write(folder / "wide.csv", [[1] * 5_000] * 20, [*(f"v{n}" for n in range(4_999)), "left"])),
        ("more than 2 GB", sparse(folder / "large.csv", (2 << 30) + 1)),
        ("three values", write(folder / "three.csv", [[*row[:4], n % 3] for n, row in enumerate(rows)])),
    ]


def write_bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def sparse(path: Path, size: int) -> Path:
    """A file of that size which takes no room."""
    path.touch()
    os.truncate(path, size)
    return path


def test_bad_files_get_a_clear_answer_and_leave_nothing_behind(alice: Company, tmp_path: Path) -> None:
    for what, path in bad_files(tmp_path):
        with pytest.raises((FileRefused, TrainingRefused, InputInvalid)) as caught:
            train("--data", path, "--target", "left")
        assert len(caught.value.detail) > 20, what
    assert len(found(ModelVersion)) == 0
    assert not list((tmp_path / "models").rglob("*.joblib"))


def test_a_missing_file_a_wrong_target_and_a_wrong_predictor_are_named(alice: Company, file: Path) -> None:
    with pytest.raises(PlatformError, match=r"nowhere\.csv"):
        train("--data", "nowhere.csv", "--target", "left")
    with pytest.raises(PlatformError, match="lefft"):
        train("--data", file, "--target", "lefft")
    with pytest.raises(NotFound, match="There is no predictor"):
        call_command("train_models", "churm", "--data", str(file), "--target", "left")


def test_predicting_a_file_keeps_its_columns_order_and_every_row(alice: Company, file: Path, tmp_path: Path) -> None:
    train("--data", file, "--target", "left")
    rows = customers(50, seed=2)
    rows[7][1] = "many"
    source = write(tmp_path / "new.csv", rows)
    output, rejects = tmp_path / "out.csv", tmp_path / "rejects.csv"
    call_command("predict", "churn", "--input", str(source), "--output", str(output), "--rejects", str(rejects))
    with output.open(encoding="utf-8") as file_:
        done = list(csv.DictReader(file_))
    with rejects.open(encoding="utf-8") as file_:
        refused = list(csv.DictReader(file_))
    assert [row["customer"] for row in done] == [row[0] for number, row in enumerate(rows) if number != 7]
    assert list(done[0])[:5] == HEADER
    assert all(0 < float(row["prediction_probability"]) < 1 for row in done)
    assert [(row["row"], row["column"], row["value"]) for row in refused] == [("8", "months", "many")]
    one = serving.predict_one(
        alice.pk, "churn", {"months": rows[0][1], "fee": rows[0][2], "plan": rows[0][3]}, explain=False
    )
    assert float(done[0]["prediction_probability"]) == pytest.approx(one["probability"], abs=1e-12)


def test_a_file_without_a_needed_column_is_refused_before_anything_is_written(
    alice: Company, file: Path, tmp_path: Path
) -> None:
    train("--data", file, "--target", "left")
    source = write(tmp_path / "new.csv", [[1, 2]], ["months", "fee"])
    with pytest.raises(InputInvalid, match="plan"):
        call_command("predict", "churn", "--input", str(source), "--output", str(tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()


def test_a_key_made_by_the_command_is_recognised(alice: Company) -> None:
    out = StringIO()
    call_command("create_api_key", "alice", "shop", "--scope", "predict", stdout=out)
    holder = keys.recognise(out.getvalue().strip())
    assert holder is not None and holder.company_id == alice.pk and holder.scopes == {"predict"}


def test_the_demo_may_be_seeded_twice(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform_core.env.home", lambda: tmp_path)
    first, second = StringIO(), StringIO()
    call_command("seed_demo", stdout=first)
    call_command("seed_demo", stdout=second)
    assert first.getvalue() == second.getvalue()
    with installation_wide():
        assert Company.objects.filter(slug="demo").count() == 1
    asked = [(row.predictor, row.external_id) for row in found(Prediction)]
    assert ("tag", "example") in asked
    assert len(asked) == len(set(asked)), "the second time asks nothing again"
