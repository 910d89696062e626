"""A web process that is killed while a file comes in, and right after it has answered."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import pytest

from file_uploads.batch import incoming, store
from file_uploads.models import BatchJob
from platform_core import env
from platform_core.tenancy import company_in_force
from tests.faults.conftest import LONG, Scene
from users import keys

pytestmark = pytest.mark.slow
MARK = "a-line-between-parts"
START_S = 90
CUT_BYTES = 1 << 20


class Web:
    """A web server of the installation, as a process group that can be killed whole."""

    def __init__(self, scene: Scene) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        surroundings = {**scene.place.environment, "WEB_WORKERS": "1", "WORKERS": "0"}
        with (scene.place.base / "worker-web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.quick_web", str(self.port)],
                cwd=env.CHECKOUT, env=surroundings, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, scene.crew.said()
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/", timeout=5)
            return True
        return False

    def kill(self) -> None:
        """kill -9, the parent and its web processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def web(scene: Scene) -> Iterator[Web]:
    served = Web(scene)
    try:
        yield served
    finally:
        served.kill()


def body_of(scene: Scene) -> bytes:
    """The form with the file."""
    head = f'--{MARK}\r\nContent-Disposition: form-data; name="predictor"\r\n\r\nchurn\r\n--{MARK}\r\n'
    head += f'Content-Disposition: form-data; name="explain"\r\n\r\n{str(LONG).lower()}\r\n--{MARK}\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="in.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return head.encode() + scene.file.read_bytes() + f"\r\n--{MARK}--\r\n".encode()


def begun(served: Web, key: str, length: int) -> http.client.HTTPConnection:
    """A request whose head is sent."""
    request = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    request.putrequest("POST", "/api/upload/")
    request.putheader("X-API-Key", key)
    request.putheader("Content-Type", f"multipart/form-data; boundary={MARK}")
    request.putheader("Content-Length", str(length))
    request.endheaders()
    return request


def test_an_upload_that_is_cut_off_leaves_nothing_and_one_that_is_answered_is_kept(
    scene: Scene, undisturbed: list[bytes]
) -> None:
    scene.crew.ready(2)
    key = keys.create(company=scene.company, name="faults", scopes=["upload"])[1]
    body = body_of(scene)
    with web(scene) as served:
        request = begun(served, key, 2 * CUT_BYTES)
        request.send(body.partition(f"\r\n--{MARK}--".encode())[0].ljust(CUT_BYTES))  # and as much that never comes
        scene.wait(lambda: any(path.stat().st_size for path in incoming.folder().iterdir()))
        served.kill()
        request.close()
    with company_in_force(scene.company.pk):
        assert not BatchJob.objects.exists()
    assert not store.names(scene.company.pk, "")
    forget_incoming()
    with web(scene) as served:
        request = begun(served, key, len(body))
        request.send(body)
        answer = request.getresponse()
        status, told = answer.status, json.loads(answer.read())
        served.kill()
        answer.close()
        request.close()
    assert status == 202, told
    with company_in_force(scene.company.pk):
        job = BatchJob.objects.get(pk=UUID(told["id"]))
    scene.check(job, undisturbed)
    scene.tell("web processes killed in an upload and after its answer", job)


def forget_incoming() -> None:
    """An hour later the chore removes what broke off."""
    old = time.time() - incoming.HELD_S - 60
    for path in incoming.folder().iterdir():
        os.utime(path, (old, old))
    incoming.clean()
    assert not list(incoming.folder().iterdir())
