"""As much of S3's protocol as the store of files uses, in memory, and able to be overloaded or slow. (moto's own server
wants packages that are not among our pins.)"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
MISSING = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
DATE = "Fri, 27 Nov 2026 12:00:00 GMT"


class BucketServer(ThreadingHTTPServer):
    """Objects by path. `mode`: how it answers now; `refused` and `delayed` count."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.mode, self.slow_s = "", 0.0
        self.refused = self.delayed = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: BucketServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _begin(self) -> tuple[str, bytes] | None:
        """The path and the body, unless the server is in no mood."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.mode == "slow":
            self.server.delayed += 1
            time.sleep(self.server.slow_s)
        if self.server.mode == "busy":
            self.server.refused += 1
            self._answer(503, BUSY)
            return None
        return unquote(urlsplit(self.path).path), body

    def _answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Last-Modified", DATE)
        self.send_header("ETag", '"none"')
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        if begun := self._begin():
            self.server.objects[begun[0]] = begun[1]
            self._answer(200)

    def do_DELETE(self) -> None:
        if begun := self._begin():
            self.server.objects.pop(begun[0], None)
            self._answer(204)

    def do_HEAD(self) -> None:
        if begun := self._begin():
            found = self.server.objects.get(begun[0])
            self._answer(404, length=0) if found is None else self._answer(200, length=len(found))

    def do_GET(self) -> None:
        if begun := self._begin():
            found = self.server.objects.get(begun[0])
            if "prefix=" in self.path:
                self._answer(200, self._listed())
            elif found is None:
                self._answer(404, MISSING)
            else:
                self._answer(200, found)

    def _listed(self) -> bytes:
        """Names below a prefix, those with a further slash as folders."""
        parts = urlsplit(self.path)
        prefix = parse_qs(parts.query, keep_blank_values=True)["prefix"][0]
        start = len(parts.path.rstrip("/")) + 1
        names = [path[start:] for path in sorted(self.server.objects) if path[start:].startswith(prefix)]
        below = [name[len(prefix) :] for name in names]
        folders = sorted({prefix + name.split("/")[0] + "/" for name in below if "/" in name})
        files = [prefix + name for name in below if "/" not in name]
        text = "".join(f"<CommonPrefixes><Prefix>{escape(quote(one))}</Prefix></CommonPrefixes>" for one in folders)
        text += "".join(f"<Contents><Key>{escape(quote(one))}</Key><Size>1</Size></Contents>" for one in files)
        head = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
        return f"{head}{text}</ListBucketResult>".encode()


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """A server for a block."""
    server = BucketServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


__all__ = ["BucketServer", "bucket_server"]
