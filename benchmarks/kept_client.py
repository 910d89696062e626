"""One client of the kill load: asks on one connection, notes every prediction it was answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

PATH = "/api/nlp/tag/?explain=false"
BATCH_EVERY, BATCH = 7, 10
"""Every seventh request is a batch of ten."""
TIMEOUT_S = 30
TRIES = 60
AGAIN_S = 0.5
TEXT = "The delivery was late, the refund took three weeks and nobody in support answered my e-mails."


@dataclass(frozen=True, slots=True)
class Answered:
    """One prediction out of a 2xx answer."""

    prediction_id: str
    company: str
    external_id: str


class Client:
    """Asks one request after another. Every third asks under an Idempotency-Key, and again until it is answered."""

    def __init__(self, port: int, key: str, company: str, number: int, stop: threading.Event) -> None:
        self.port, self.key, self.company, self.number, self.stop = port, key, company, number, stop
        self.answered: list[Answered] = []
        self.statuses: Counter[int] = Counter()
        self.asked_again = 0
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            many = BATCH if count % BATCH_EVERY == 0 else 1
            marks = [f"{self.company}-{self.number}-{count}-{place}" for place in range(many)]
            self._ask(marks, f"once-{self.number}-{count}" if self.number % 3 == 0 else "")
        self._close()

    def _ask(self, marks: list[str], once: str) -> None:
        records = [{"text": f"{TEXT} {mark}", "external_id": mark} for mark in marks]
        body = json.dumps(records[0] if len(records) == 1 else {"records": records}).encode()
        for _ in range(TRIES):
            status, answer = self._sent(body, once)
            self.statuses[status] += 1
            if 200 <= status < 300:
                results = answer.get("results", [answer])
                self.answered += [
                    Answered(result["prediction_id"], self.company, mark)
                    for result, mark in zip(results, marks, strict=True)
                ]
                return
            if not once:
                return
            self.asked_again += 1
            time.sleep(AGAIN_S)

    def _sent(self, body: bytes, once: str) -> tuple[int, Any]:
        """Status and answer; 0 where the connection broke before an answer was whole."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        if once:
            headers["Idempotency-Key"] = once
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            self._connection.request("POST", PATH, body, headers)
            response = self._connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._close()
            return 0, None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


__all__ = ["Answered", "Client"]
