"""Trials begun before their turn, where there are more workers than one trial has folds.

The order in which trials are looked at, and so the model, is that of one machine: what was begun too early is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import Self

from ml_services.families import Family, Fold, Params, Problem, Trial, cross_validate
from ml_services.scale_out import session

Planned = tuple[Family, Params]


class Lookahead:
    """Judges settings; those of `planned` (in their order) that come next are under way meanwhile."""

    def __init__(self, problem: Problem, planned: Sequence[Planned], folds: Sequence[Fold], seed: int) -> None:
        self.problem, self.planned, self.folds, self.seed = problem, list(planned), folds, seed
        workers = session()
        self.width = math.ceil(workers.threads / len(folds)) if workers else 0
        self._begun: dict[int, Future[Trial]] = {}
        self._turn = 0
        self._pool = ThreadPoolExecutor(self.width) if self.width else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, what: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def trial(self, family: Family, params: Params) -> Trial:
        """One setting, judged on all folds."""
        if self._pool is None or self._turn >= len(self.planned):
            return cross_validate(family, self.problem, params, self.folds, self.seed)
        for place in range(self._turn, min(self._turn + 1 + self.width, len(self.planned))):
            if place not in self._begun:
                self._begun[place] = self._pool.submit(copy_context().run, partial(self._run, *self.planned[place]))
        while self.planned[self._turn] != (family, params):  # a setting that its cost has passed over
            self._begun.pop(self._turn, None)
            self._turn += 1
            if self._turn >= len(self.planned):
                return self._run(family, params)
        begun = self._begun.pop(self._turn, None)
        self._turn += 1
        return begun.result() if begun is not None else self._run(family, params)

    def _run(self, family: Family, params: Params) -> Trial:
        return cross_validate(family, self.problem, params, self.folds, self.seed)


__all__ = ["Lookahead"]
