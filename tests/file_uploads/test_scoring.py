"""Every row of a file ends in the output or in the rejects; after an error nothing is left."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_uploads.reading import open_table
from file_uploads.scoring import ScoreReport, score_file
from platform_core.errors import FileRefused, InputInvalid, PlatformError
from tests.file_uploads.conftest import Put
from tests.file_uploads.fakes import Doubling, Failing, Losing
from tests.file_uploads.test_reading import PER_EXAMPLE

HEADER = "id,Amount due,name,Value\n"


def lines_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def scored(put: Put, content: str, tmp_path: Path, **options: object) -> ScoreReport:
    return score_file(Doubling(), open_table(put(content)), tmp_path / "out.csv", **options)  # type: ignore[arg-type]


def test_a_files_own_columns_come_back_in_order_with_the_prediction(put: Put, tmp_path: Path) -> None:
    report = scored(put, HEADER + '1,21,"Ann, B",yes\n2,4,"say ""x""\nhere",\n', tmp_path)
    assert lines_of(tmp_path / "out.csv") == [
        ["id", "Amount due", "name", "Value", "prediction_value"],
        ["1", "21", "Ann, B", "yes", "42"],
        ["2", "4", 'say "x"\nhere', "", "8"],
    ]
    assert (report.rows_total, report.rows_done, report.rows_rejected, report.rejects) == (2, 2, 0, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "table.csv"]


def test_a_row_with_two_faults_is_told_twice_and_counted_once(put: Put, tmp_path: Path) -> None:
    content = HEADER + "1,x,,\n2,4,Bo,\n3,4\n4,y,Cy,\n"
    report = scored(put, content, tmp_path, rejects=tmp_path / "bad.csv")
    assert lines_of(tmp_path / "bad.csv") == [
        ["row", "column", "value", "reason"],
        ["1", "Amount due", "x", "is not a number"],
        ["1", "name", "", "is blank"],
        ["3", "", "3,4", "the row has 2 values where the file has 4 columns"],
        ["4", "Amount due", "y", "is not a number"],
    ]
    assert (report.rows_total, report.rows_done, report.rows_rejected) == (4, 1, 3)


def test_rejects_nobody_asked_for_are_kept_beside_the_output_and_told(put: Put, tmp_path: Path) -> None:
    report = scored(put, HEADER + "1,x,Ann,\n2,4,Bo,\n", tmp_path)
    assert report.rejects == tmp_path / "out.csv.rejects.csv"
    assert len(lines_of(tmp_path / "out.csv.rejects.csv")) == 2
    assert "out.csv.rejects.csv" in report.notes[0]
    scored(put, HEADER + "2,4,Bo,\n", tmp_path)
    assert not (tmp_path / "out.csv.rejects.csv").exists()


def test_a_file_of_rejects_only_gives_an_output_with_names_only(put: Put, tmp_path: Path) -> None:
    scored(put, HEADER + "1,x,Ann,\n", tmp_path)
    assert lines_of(tmp_path / "out.csv") == [["id", "Amount due", "name", "Value", "prediction_value"]]


@settings(PER_EXAMPLE, max_examples=50)
@given(
    rows=st.lists(st.sampled_from(["1,2,a,b", "1,x,a,b", "1,2,,b", "1,x,,b", "1,2", '"', "", "1,2,a,b,c"]), min_size=1)
)
def test_no_row_is_lost(put: Put, tmp_path: Path, rows: list[str]) -> None:
    content = HEADER + "0,1,n,v\n" * (len(rows) + 1) + "\n".join(rows)
    report = scored(put, content, tmp_path, rejects=tmp_path / "bad.csv")
    assert report.rows_total == report.rows_done + report.rows_rejected
    assert report.rows_done == len(lines_of(tmp_path / "out.csv")) - 1
    assert report.rows_rejected == len({line[0] for line in lines_of(tmp_path / "bad.csv")[1:]})


def test_columns_match_but_for_case_spaces_and_punctuation_and_it_is_told(put: Put, tmp_path: Path) -> None:
    report = scored(put, "ID;amount_due;NAME\n1;2;x\n", tmp_path)
    assert lines_of(tmp_path / "out.csv")[0] == ["ID", "amount_due", "NAME", "prediction_value"]
    assert "Column 'amount_due' was taken for 'Amount due'." in report.notes


def test_missing_columns_are_all_named_and_nothing_is_written(put: Put, tmp_path: Path) -> None:
    with pytest.raises(
        InputInvalid, match=r"lacks 2 column\(s\) that the model needs: Amount due, name\. It has: a, b"
    ):
        scored(put, "a,b\n1,2\n", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_file_scored_before_keeps_its_old_answer_under_another_name(put: Put, tmp_path: Path) -> None:
    scored(put, "Amount due,name,prediction_value\n3,x,99\n", tmp_path)
    assert lines_of(tmp_path / "out.csv") == [
        ["Amount due", "name", "prediction_value_earlier", "prediction_value"],
        ["3", "x", "99", "6"],
    ]


def test_formulas_are_made_harmless_where_a_spreadsheet_would_run_them(put: Put, tmp_path: Path) -> None:
    scored(put, HEADER + "1,-3,=cmd(),+1 (234) 5\n=x,4,@a,-2+cmd|x\n", tmp_path, rejects=tmp_path / "bad.csv")
    assert [line[:4] for line in lines_of(tmp_path / "out.csv")[1:]] == [
        ["1", "-3", "'=cmd()", "+1 (234) 5"],
        ["'=x", "4", "'@a", "'-2+cmd|x"],
    ]
    scored(put, HEADER + "1,=1+x,n,\n", tmp_path, rejects=tmp_path / "bad.csv")
    assert lines_of(tmp_path / "bad.csv")[1][2] == "'=1+x"


def test_results_may_be_parquet(put: Put, tmp_path: Path) -> None:
    path = put(HEADER + "1,-3,=cmd(),x\n2,x,y,z\n")
    score_file(Doubling(), open_table(path), tmp_path / "out.parquet", explain=True)
    (row,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (row["name"], row["prediction_value"]) == ("=cmd()", -6.0)
    assert row["prediction_reasons"] == '[{"feature": "Amount due"}]'


@pytest.mark.parametrize("model", [Losing(), Failing()])
def test_after_an_error_nothing_is_left(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Doubling
) -> None:
    monkeypatch.setattr("file_uploads.reading.MIN_BLOCK_BYTES", 100)
    monkeypatch.setattr("file_uploads.charsets.BLOCK_BYTES", 100)
    monkeypatch.setattr("file_uploads.scoring.PLAIN_ROWS", 5)
    path = put(HEADER + "1,2,a,b\n" * 500)
    (tmp_path / "out.csv").write_text("kept")
    with pytest.raises((PlatformError, RuntimeError)):
        score_file(model, open_table(path), tmp_path / "out.csv", tmp_path / "bad.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "table.csv"]
    assert (tmp_path / "out.csv").read_text() == "kept"


def test_trouble_found_while_reading_is_raised_and_nothing_is_left(put: Put, tmp_path: Path) -> None:
    path = put(gzip.compress((HEADER + "".join(f"{at},2,a,b\n" for at in range(100_000))).encode()))
    file = open_table(path)
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(FileRefused, match="damaged gzip"):
        score_file(Doubling(), file, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_places_that_cannot_be_written_are_refused_first(put: Put, tmp_path: Path) -> None:
    file = open_table(put(HEADER + "1,2,a,b\n"))
    for output, said in (
        (tmp_path / "out.xlsx", r"\.csv or \.parquet"),
        (tmp_path / "nowhere" / "out.csv", "no folder"),
        (tmp_path / "table.csv", "three different files"),
    ):
        with pytest.raises(InputInvalid, match=said):
            score_file(Doubling(), file, output)


def test_progress_is_told(put: Put, tmp_path: Path) -> None:
    told: list[float] = []
    scored(put, HEADER + "1,2,a,b\n", tmp_path, progress=lambda stage, fraction, detail="": told.append(fraction))
    assert told == [1.0]
