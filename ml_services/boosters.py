"""Boosted trees that serve: one row through the C interface, many through the library, effects by its TreeSHAP.

Boosters are kept in their library's own text or bytes and rebuilt at first use, so that unpickling in a parent
process starts no OpenMP threads. TreeSHAP: Lundberg et al., Nature Machine Intelligence 2, 2020.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ml_services.additive import Floats
from ml_services.native import (
    LIGHTGBM_CONTRIBUTIONS,
    LIGHTGBM_RAW,
    LightGBMRow,
    Row,
    Unsupported,
    XGBoostContributions,
    XGBoostRow,
)
from ml_services.rebuilt import Rebuilt, Threads


class LightGBMScorer(Rebuilt):
    """A LightGBM booster; native categorical features included."""

    def __init__(self, booster: Any) -> None:
        self._stored: str = booster.model_to_string()
        self.n_outputs = int(booster.num_model_per_iteration())
        self.n_features = int(booster.num_feature())
        self.forget_built()

    def _booster(self) -> Any:
        with self._lock:
            if "all" not in self._boosters:
                from lightgbm import Booster

                self._boosters["all"] = Booster(model_str=self._stored)
            return self._boosters["all"]

    def _row_call(self, kind: int) -> Any:
        width = self.n_outputs * (self.n_features + 1 if kind == LIGHTGBM_CONTRIBUTIONS else 1)
        call: Any
        try:
            call = LightGBMRow(self._booster(), kind=kind, n_features=self.n_features, size=width)
        except Unsupported:
            contributions = kind == LIGHTGBM_CONTRIBUTIONS

            def call(row: Row) -> Any:
                matrix = np.array([row], dtype=np.float64)
                return self._predict(matrix, raw_score=not contributions, pred_contrib=contributions).ravel()

        return call

    def _predict(self, X: Floats, **kind: Any) -> Floats:
        answer: Floats = self._booster().predict(X, num_threads=Threads.for_rows(len(X)), **kind)
        return answer

    def raw_one(self, row: Row) -> Any:
        try:
            call = self._local.raw
        except AttributeError:
            call = self._local.raw = self._row_call(LIGHTGBM_RAW)
        answer = call(row)
        return answer[0] if self.n_outputs == 1 else np.array(answer)

    def effects_one(self, row: Row) -> tuple[Any, Floats]:
        try:
            call = self._local.effects
        except AttributeError:
            call = self._local.effects = self._row_call(LIGHTGBM_CONTRIBUTIONS)
        found = np.array(call(row))
        if self.n_outputs == 1:
            return float(found[-1]), found[:-1]
        table = found.reshape(self.n_outputs, -1).T
        return table[-1], table[:-1]

    def raw(self, X: Floats) -> Floats:
        return self._predict(X, raw_score=True)

    def effects(self, X: Floats) -> tuple[Any, Floats]:
        found = self._predict(X, pred_contrib=True)
        if self.n_outputs == 1:
            return float(found[0, -1]), found[:, :-1]
        table = found.reshape(len(X), self.n_outputs, -1).transpose(0, 2, 1)
        return table[0, -1], table[:, :-1]


class XGBoostScorer(Rebuilt):
    """An XGBoost booster, boosted or a forest; stopped early, it is cut at its best round."""

    def __init__(self, booster: Any) -> None:
        best = booster.attr("best_iteration")
        kept = booster[: int(best) + 1] if best is not None else booster
        self._stored = bytes(kept.save_raw("ubj"))
        self.n_features = int(kept.num_features())
        self.forget_built()
        one = np.zeros((1, self.n_features), dtype=np.float32)
        self.n_outputs = int(np.size(kept.inplace_predict(one, predict_type="margin", validate_features=False)))

    def _booster(self, threads: int) -> Any:
        name = f"{threads} threads"
        with self._lock:
            if name not in self._boosters:
                from xgboost import Booster

                booster = Booster({"nthread": threads})
                booster.load_model(bytearray(self._stored))
                booster.set_param({"nthread": threads})
                self._boosters[name] = booster
            return self._boosters[name]

    def _row_call(self) -> Any:
        try:
            return XGBoostRow(self._booster(1), n_features=self.n_features)
        except Unsupported:
            return lambda row: self.raw(np.array([row], dtype=np.float64)).ravel()

    def raw_one(self, row: Row) -> Any:
        try:
            call = self._local.raw
        except AttributeError:
            call = self._local.raw = self._row_call()
        answer = call(row)
        return answer[0] if self.n_outputs == 1 else np.array(answer[: self.n_outputs], dtype=np.float64)

    def raw(self, X: Floats) -> Floats:
        booster = self._booster(Threads.for_rows(len(X)))
        data = np.ascontiguousarray(X, dtype=np.float32)
        answer: Floats = booster.inplace_predict(data, predict_type="margin", validate_features=False)
        return answer.astype(np.float64)

    def effects_one(self, row: Row) -> tuple[Any, Floats]:
        try:
            call = self._local.effects
        except AttributeError:
            call = self._local.effects = self._effects_call()
        found = np.array(call(row)).reshape(1, self.n_outputs, -1)
        base, effects = self._additive(found, np.array([self.raw_one(row)], dtype=np.float64))
        return base, effects[0]

    def _effects_call(self) -> Any:
        size = self.n_outputs * (self.n_features + 1)
        try:
            return XGBoostContributions(self._booster(1), n_features=self.n_features, size=size)
        except Unsupported:
            return lambda row: self._contributions(np.array([row], dtype=np.float64))

    def _contributions(self, X: Floats) -> Floats:
        """(n, K, k + 1), the base last."""
        from xgboost import DMatrix

        threads = Threads.for_rows(len(X))
        booster = self._booster(threads)
        matrix = DMatrix(X, nthread=threads, feature_types=booster.feature_types, enable_categorical=True)
        matrix.feature_names = booster.feature_names
        found: Floats = booster.predict(matrix, pred_contribs=True, strict_shape=True).astype(np.float64)
        return found

    def effects(self, X: Floats) -> tuple[Any, Floats]:
        return self._additive(self._contributions(X), self.raw(X))

    def _additive(self, found: Floats, raw: Floats) -> tuple[Any, Floats]:
        """XGBoost sums contributions in float32. What that rounding leaves between their sum and the raw score
        (about 1e-6) is spread over the effects in proportion to their size, below their own precision."""
        effects, base = found[:, :, :-1], found[0, :, -1]
        rest = raw.reshape(len(found), self.n_outputs) - base - effects.sum(axis=2)
        size = np.abs(effects) + np.finfo(np.float64).tiny
        effects += rest[:, :, None] * size / size.sum(axis=2, keepdims=True)
        if self.n_outputs == 1:
            return float(base[0]), effects[:, 0]
        return base, effects.transpose(0, 2, 1)


__all__ = ["LightGBMScorer", "XGBoostScorer"]
