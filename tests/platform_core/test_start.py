"""What can be wrong with a machine at the start is told in one line."""

from __future__ import annotations

import errno
import shutil
import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import management

import manage
from platform_core.errors import PlatformError, SettingInvalid
from platform_core.management.commands import serve


def test_a_taken_port_is_named_with_another_to_choose() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingInvalid, match=f"Port {port} on 127.0.0.1 is taken.*PORT=8001"):
            serve.bind("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("203.0.113.7", 8000)])
def test_an_address_that_cannot_be_listened_on_is_refused(host: str, port: int) -> None:
    with pytest.raises(SettingInvalid, match="cannot be listened on"):
        serve.bind(host, port)


def test_a_full_disk_is_told_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=3 * 2**20))
    with pytest.raises(PlatformError, match="is full: 3 MB free"):
        serve.check_space()


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception) -> tuple[int, str]:
    """The code and the words with which a command ends that runs into `problem`."""

    def run(argv: list[str]) -> Any:
        raise problem

    monkeypatch.setattr(management, "execute_from_command_line", run)
    monkeypatch.setattr(sys, "argv", ["manage.py", "check"])
    code = manage.main()
    return code, capsys.readouterr().err


def test_a_disk_that_fills_up_later_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = told(monkeypatch, capsys, OSError(errno.ENOSPC, "No space left on device", "/data/x"))
    assert (code, words) == (1, "error: The disk is full: /data/x cannot be written.\n")


def test_what_we_can_name_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(monkeypatch, capsys, SettingInvalid("PORT must be a number.")) == (1, "error: PORT must be a number.\n")


def test_an_old_python_is_told_which_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert manage.main() == 1
    assert "3.11 or newer is needed" in capsys.readouterr().out
