"""What `benchmarks.request` measures: a model at work, a key in memory, and layers that can be switched off."""

from __future__ import annotations

import logging
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import company_with_key

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Layers:
    """Records to ask with, the model, its source, and who asks. `after`: writes the log of requests that waits."""

    records: list[dict[str, Any]]
    model: Any
    source: str
    company: int
    key: str
    after: Call

    def commit_s(self) -> float:
        """Seconds from a row to its commit, the median of some."""
        from ml_services import answering, serving
        from request_logs import ledger
        from request_logs.identifiers import time_ordered
        from users.asking import Asker

        slot, asker = serving.find(self.company, "churn"), Asker("key", 1, "", self.company)
        answer = slot.model.answer(self.records[0], explain=False)
        times = []
        for _ in range(100):
            row = answering.entry(asker, self.company, slot, time_ordered(), "", self.records[0], answer, 0.1)
            started = time.perf_counter()
            ledger.keep([row])
            times.append(time.perf_counter() - started)
        return statistics.median(times)


def prepare() -> Layers:
    """Puts the model to work and the key into the process's memory."""
    from django.conf import settings

    from benchmarks.serving import lightgbm_peer
    from benchmarks.serving_rows import telco
    from ml_services import registry, serving
    from ml_services.calibration import Sigmoid
    from ml_services.presentation import Learned
    from ml_services.tabular import TabularModel
    from request_logs import access
    from users import keys

    logging.disable(logging.WARNING)
    rows = telco()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = lightgbm_peer(rows.X, rows.y)
    churn: Any = registry.predictor("churn")
    model = TabularModel(rows.encoder, peer.scorer, Sigmoid(), churn.presentation(Learned(share=float(rows.y.mean()))))
    info = {"name": "churn", "version": "bench", "trained_at": "2026-01-01T00:00:00Z", "evidence": "full"}
    serving._slots[(None, "churn")] = serving.Slot(churn, model, info)
    serving._state["known"] = True
    company, key = company_with_key("benchmark")
    # The limits count as always, and are too high to refuse.
    settings.LIMITS = {name: 10**8 if most else 0 for name, most in settings.LIMITS.items()}
    # A hit in memory; a look-up every four seconds costs a hundredth of what is measured here.
    keys._cache[keys.digest(key)] = (float("inf"), keys._look_up(keys.digest(key)))
    source = f"{rows.source}: {len(rows.encoder.fields)} fields"
    return Layers(rows.records, model, source, company, key, access.flush)


def only_answered(asker: Any, company_id: int, name: str, record: Any, *, explain: bool) -> dict[str, Any]:
    """A prediction that is kept nowhere."""
    from ml_services import serving

    return {"prediction_id": "", **serving.predict_one(company_id, name, record, explain=explain)}


def switch_off(layers: Sequence[str]) -> None:
    """Switches the ledger or the log of requests off, for the rest of this process."""
    from ml_services import answering
    from request_logs import access

    if "ledger" in layers:
        answering.answer_one = only_answered
    if "log" in layers:
        access.note = lambda *given: None


def without(call: Call, *layers: str) -> Call:
    """The same request with some layers switched off."""
    from django.conf import settings

    from ml_services import answering
    from request_logs import access

    no_limits: dict[str, int] = dict.fromkeys(settings.LIMITS, 0)

    def bare() -> Any:
        with ExitStack() as off:
            off.callback(setattr, answering, "answer_one", answering.answer_one)
            off.callback(setattr, access, "note", access.note)
            switch_off(layers)
            if "limits" in layers:
                off.callback(setattr, settings, "LIMITS", settings.LIMITS)
                settings.LIMITS = no_limits
            return call()

    return bare


def paused(call: Call, pause_s: float) -> Call:
    """The same call, and then nothing for a while."""

    def waits() -> Any:
        found = call()
        time.sleep(pause_s)
        return found

    return waits


def backend_cpu_s() -> float:
    """Seconds of CPU of the ledger's process in the database (Linux, on this machine)."""
    from request_logs import ledger

    text = Path(f"/proc/{ledger.call.backend_pid()}/schedstat").read_text(encoding="ascii")
    return int(text.split()[0]) / 1e9


__all__ = ["Layers", "backend_cpu_s", "paused", "prepare", "switch_off", "without"]
