"""The environment: typed, loud, secret."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from platform_core import env
from platform_core.errors import SettingInvalid


def test_an_unset_setting_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    assert env.get("PORT") == 8000


WRONG = [("PORT", "eighty"), ("PORT", "-1"), ("DEBUG", "maybe"), ("LOG_LEVEL", "x")]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_names_the_setting_and_the_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingInvalid, match=name) as caught:
        env.get(name)
    assert value in caught.value.detail


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.secret_key() == "from-a-file"


def test_a_missing_secret_file_is_an_error_not_an_empty_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "gone"))
    with pytest.raises(SettingInvalid, match="SECRET_KEY_FILE"):
        env.secret_key()


def test_a_made_secret_is_kept_and_only_its_owner_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLATFORM_HOME", str(tmp_path / "home"))
    made = env.kept_secret("some_secret")
    assert len(made) >= 48
    assert env.kept_secret("some_secret") == made
    assert stat.S_IMODE((tmp_path / "home" / "some_secret").stat().st_mode) == 0o600


def test_a_folder_that_was_there_keeps_its_mode(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o750)
    monkeypatch.setenv("PLATFORM_HOME", str(theirs / "ours"))
    env.kept_secret("x")
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o750
