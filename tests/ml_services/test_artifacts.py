"""Artifacts: written whole, loaded only when they are what this installation wrote."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import joblib
import pytest

from ml_services import artifacts
from platform_core.errors import ArtifactRefused, PlatformError
from tests.ml_services.fakes import trained

PLACE = {"company_id": 7, "predictor": "churn", "version": "v1"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    artifacts.save(**PLACE, trained=trained())
    return tmp_path / "models" / "7" / "churn" / "v1"


def test_what_was_saved_loads(place: Path) -> None:
    assert artifacts.load(**PLACE).answer({"amount": 4}, explain=False) == {"probability": 8.0}


def test_no_half_written_file_is_left(place: Path) -> None:
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "model.joblib"]


def test_a_changed_model_is_never_unpickled(place: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "exploded",))  # type: ignore[return-value]

    joblib.dump(Bomb(), place / "model.joblib")
    with pytest.raises(ArtifactRefused, match="digest"):
        artifacts.load(**PLACE)
    assert not (tmp_path / "exploded").exists()


def test_a_changed_manifest_is_refused(place: Path) -> None:
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["sha256"] = "0" * 64
    (place / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactRefused, match="signed"):
        artifacts.load(**PLACE)


def test_another_installations_key_is_refused(place: Path, settings: object) -> None:
    settings.SECRET_KEY = "another-installation"  # type: ignore[attr-defined]
    with pytest.raises(ArtifactRefused, match="signed"):
        artifacts.load(**PLACE)


def test_an_artifact_moved_to_another_company_is_refused(place: Path) -> None:
    (place.parents[2] / "8" / "churn").mkdir(parents=True)
    place.rename(place.parents[2] / "8" / "churn" / "v1")
    with pytest.raises(ArtifactRefused, match="another place"):
        artifacts.load(**{**PLACE, "company_id": 8})


def test_a_model_of_other_library_versions_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "libraries", lambda: {"lightgbm": "0.0"})
    with pytest.raises(ArtifactRefused, match="library versions"):
        artifacts.load(**PLACE)


@pytest.mark.parametrize("gone", ["manifest.json", "model.joblib"])
def test_a_missing_file_is_refused(place: Path, gone: str) -> None:
    (place / gone).unlink()
    with pytest.raises(ArtifactRefused, match="missing"):
        artifacts.load(**PLACE)


@pytest.mark.parametrize("junk", ["", "[]", "{}", "not json"])
def test_a_manifest_that_is_no_manifest_is_refused(place: Path, junk: str) -> None:
    (place / "manifest.json").write_text(junk)
    with pytest.raises(ArtifactRefused):
        artifacts.load(**PLACE)


@pytest.mark.parametrize("full_at", ["model.joblib", "manifest.json"])
def test_a_disk_that_fills_up_leaves_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: str
) -> None:
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if full_at in self.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(PlatformError, match="disk is full"):
        artifacts.save(**PLACE, trained=trained())
    assert list((tmp_path / "models" / "7" / "churn").iterdir()) == []
