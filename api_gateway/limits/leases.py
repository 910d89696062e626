"""Allowances that a process has leased from the shared counters.

A shared counter per request would cost more than the prediction. So a process takes a block of a window's allowance
at a time and spends it from memory, under a lock. What is leased is counted as used: over all processes no more than
the limit is ever admitted, and a process that ends takes the rest of its blocks with it (at most a twentieth of what
was left of the window when it took them, and 50).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from api_gateway.limits.windows import Window

LARGEST_BLOCK = 50
SHARE = 20
"""A block is at most this part of what remains, so that the last ones are dealt out one by one."""
MOST_SLOTS = 100_000
"""Windows kept in memory (some 200 bytes each). Forgetting one forgets allowance, it never makes any."""
MOST_TRIES = 50
"""A lease may be spent by other threads of the process before its own request takes it."""
PATIENCE_S = 1.0
"""How long a thread waits for another one's lease before it asks for its own."""


class Ask(NamedTuple):
    """What a process wants of one counter: `need` units at least, in the window that starts at `start`."""

    name: str
    start: int
    seconds: int
    limit: int
    need: int


class Lease(NamedTuple):
    """What it got: `granted` units (0: refused), after which `taken` are used in the window that starts at `start`."""

    start: int
    taken: int
    granted: int


class Store(Protocol):
    """Counters that all processes share."""

    def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
        """Each ask's lease, in one round trip. A counter that cannot give `need` gives nothing, save that one asked
        for more than its whole limit gives it while less than half is used (what is beyond is booked on the next
        windows)."""


@dataclass(slots=True)
class Slot:
    """One window of this process. `left`: leased and not spent; `shared`: what the counter had left when last asked,
    negative in debt. It only falls until `ends`, so a refusal that follows from it needs no question."""

    start: int
    ends: int
    left: int = 0
    shared: int = 1 << 62


class Standing(NamedTuple):
    """Where a subject stands in its tightest window. `refused`: in this one, and the request must not be done."""

    window: Window
    remaining: int
    reset_s: int
    refused: bool = False


Claim = tuple[Window, str]
"""A window and the id of its subject."""


class Book:
    """The leases of one process."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.store, self.clock = store, clock
        self._slots: dict[str, Slot] = {}
        self._lock = threading.Lock()
        self._leasing = threading.Lock()

    def charge(self, claims: Sequence[Claim], cost: int) -> Standing | None:
        """Takes `cost` of every window, or of none where one refuses. None where there are no claims."""
        if not claims:
            return None
        now = int(self.clock())
        with self._lock:
            standing, _ = self._try(claims, cost, now)
        if standing is not None:
            return standing
        # One question at a time, so that one lease serves all threads that wait for it; not where it hangs.
        held = self._leasing.acquire(timeout=PATIENCE_S)
        try:
            return self._leased(claims, cost, now)
        finally:
            if held:
                self._leasing.release()

    def _leased(self, claims: Sequence[Claim], cost: int, now: int) -> Standing:
        for _ in range(MOST_TRIES):
            with self._lock:
                standing, asks = self._try(claims, cost, now)
            if standing is not None:
                return standing
            leases = self.store.lease(asks)
            with self._lock:
                self._keep(asks, leases)
                standing, asks = self._try(claims, cost, now)
            if standing is not None:
                return standing
        with self._lock:
            return self._refusal(claims[0][0], self._slot(claims[0], now), cost, now)

    def give_back(self, claims: Sequence[Claim], cost: int) -> None:
        """What was charged for something that need not be done."""
        now = int(self.clock())
        with self._lock:
            for window, subject in claims:
                slot = self._slots.get(window.mark + subject)
                if slot is not None and now < slot.ends:
                    slot.left += cost

    def _slot(self, claim: Claim, now: int) -> Slot:
        window, subject = claim
        name = window.mark + subject
        slot = self._slots.get(name)
        if slot is None or now >= slot.ends:
            if len(self._slots) >= MOST_SLOTS:
                self._slots = {kept: one for kept, one in self._slots.items() if now < one.ends}
                if len(self._slots) >= MOST_SLOTS:
                    self._slots = {}
            start = window.starts(now)
            slot = self._slots[name] = Slot(start, start + window.seconds)
        return slot

    def _try(self, claims: Sequence[Claim], cost: int, now: int) -> tuple[Standing | None, list[Ask]]:
        """Takes the cost where all windows have it; else a refusal that is certain; else what must be leased."""
        asks: list[Ask] = []
        slots: list[Slot] = []
        for claim in claims:
            slot = self._slot(claim, now)
            slots.append(slot)
            if slot.left < cost:
                window, need = claim[0], cost - slot.left
                if cost > window.most or not _may_give(slot.shared, window.limit, need):
                    return self._refusal(window, slot, cost, now), []
                asks.append(Ask(window.mark + claim[1], slot.start, window.seconds, window.limit, need))
        if asks:
            return None, asks
        tightest = 0
        fewest = 1 << 62
        for place, slot in enumerate(slots):
            slot.left -= cost
            remaining = slot.left + slot.shared if slot.shared > 0 else slot.left
            if remaining < fewest:
                fewest, tightest = remaining, place
        return Standing(claims[tightest][0], fewest, slots[tightest].ends - now), []

    def _keep(self, asks: Sequence[Ask], leases: dict[str, Lease]) -> None:
        for ask in asks:
            lease = leases[ask.name]
            slot = self._slots.get(ask.name)
            if slot is None or slot.start < lease.start:
                # The counter is already in the next window, by another machine's clock.
                slot = self._slots[ask.name] = Slot(lease.start, lease.start + ask.seconds)
            slot.left += lease.granted
            slot.shared = ask.limit - lease.taken

    def _refusal(self, window: Window, slot: Slot, cost: int, now: int) -> Standing:
        """When the cost could be had again, debts paid: each window that passes pays one limit of them."""
        wanted = min(cost, window.limit)
        lacking = wanted - min(slot.shared, window.limit)
        passes = max(1, -(-lacking // window.limit))
        remaining = max(0, slot.left + min(slot.shared, window.limit))
        return Standing(window, remaining, max(1, slot.start + passes * window.seconds - now), refused=True)


def _may_give(shared: int, limit: int, need: int) -> bool:
    """Whether a counter with so much left could give so much; the rule of the stores."""
    return need <= shared if need <= limit else shared * 2 > limit


__all__ = ["LARGEST_BLOCK", "SHARE", "Ask", "Book", "Claim", "Lease", "Standing", "Store"]
