"""One row through a booster's public C interface, without the library's Python layers.

The Python calls of both libraries spend 65-125 microseconds a row on checks and conversions; the C calls below 3
(LightGBM) and 55 (XGBoost). Every thread gets its own buffers, so threads share a booster without locks. Symbols
that are missing in some build raise `Unsupported`: callers then take the Python interface.

LightGBM: https://lightgbm.readthedocs.io/en/stable/C-API.html (…SingleRowFastInit, …SingleRowFast).
XGBoost: https://xgboost.readthedocs.io/en/stable/dev/group__Prediction.html (XGBoosterPredictFromDense).
"""

from __future__ import annotations

import ctypes
import json
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

LIGHTGBM_RAW = 1
"""C_API_PREDICT_RAW_SCORE."""
LIGHTGBM_CONTRIBUTIONS = 3
"""C_API_PREDICT_CONTRIB."""
LIGHTGBM_FLOAT64 = 1
"""C_API_DTYPE_FLOAT64."""
XGBOOST_MARGIN, XGBOOST_CONTRIBUTIONS = 1, 2

_POINTER = ctypes.c_void_p
_INIT_ARGUMENTS = (_POINTER, *[ctypes.c_int] * 5, ctypes.c_char_p, _POINTER)

Row = Sequence[float]
_init_lock = threading.Lock()


class Unsupported(Exception):
    """The loaded library has no such C function."""


def _function(library: Any, name: str, arguments: Sequence[Any], *, hold_gil: bool = True) -> Callable[..., int]:
    """`hold_gil` for calls of a few microseconds: letting another thread in would cost more than the call."""
    loader = ctypes.PyDLL if hold_gil else ctypes.CDLL
    try:
        function: Any = getattr(loader(library._name, handle=library._handle), name)
    except AttributeError as error:
        raise Unsupported(name) from error
    function.argtypes = arguments
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _lightgbm() -> Any:
    from lightgbm import basic

    try:
        return vars(basic)["_LIB"]
    except KeyError as error:
        raise Unsupported("lightgbm.basic._LIB") from error


@lru_cache(maxsize=1)
def _xgboost() -> Any:
    from xgboost import core

    try:
        return vars(core)["_LIB"]
    except KeyError as error:
        raise Unsupported("xgboost.core._LIB") from error


class LightGBMRow:
    """One thread's prepared call. `kind`: LIGHTGBM_RAW or LIGHTGBM_CONTRIBUTIONS; `size`: numbers it answers."""

    def __init__(self, booster: Any, *, kind: int, n_features: int, size: int) -> None:
        library = _lightgbm()
        init = _function(library, "LGBM_BoosterPredictForMatSingleRowFastInit", _INIT_ARGUMENTS)
        self._free = _function(library, "LGBM_FastConfigFree", [_POINTER])
        hold_gil = kind == LIGHTGBM_RAW
        self._call = _function(library, "LGBM_BoosterPredictForMatSingleRowFast", [_POINTER] * 4, hold_gil=hold_gil)
        self._booster = booster
        self._row: Any = (ctypes.c_double * n_features)()
        self._out = (ctypes.c_double * size)()
        self._length = ctypes.c_int64()
        config = ctypes.c_void_p()
        with _init_lock:
            failed = init(
                booster._handle, kind, 0, -1, LIGHTGBM_FLOAT64, n_features, b"num_threads=1", ctypes.byref(config)
            )
        if failed:
            raise Unsupported("LGBM_BoosterPredictForMatSingleRowFastInit")
        self._config = config.value
        self._pointers = tuple(map(ctypes.addressof, (self._row, self._length, self._out)))

    def __call__(self, row: Row) -> Any:
        """The answer's buffer, overwritten by this thread's next call."""
        self._row[:] = row
        row_at, length_at, out_at = self._pointers
        if self._call(self._config, row_at, length_at, out_at):
            raise RuntimeError("LightGBM could not predict a row")
        return self._out

    def __del__(self) -> None:
        if config := self.__dict__.get("_config"):
            self._free(config)


def _described(address: int, n_features: int) -> bytes:
    """The array interface of one float32 row, as XGBoost reads it."""
    array = {"data": [address, True], "shape": [1, n_features], "typestr": "<f4", "version": 3}
    return json.dumps(array).encode()


class _XGBoostCall:
    """What both calls hold: the row's buffer, its description, and where the answer is put. The booster must be set
    to one thread."""

    def __init__(self, booster: Any, n_features: int, **config: Any) -> None:
        self._booster, self._handle = booster, booster.handle.value
        self._row: Any = (ctypes.c_float * n_features)()
        whole = {"training": False, "iteration_begin": 0, "iteration_end": 0, "strict_shape": False} | config
        self._texts = (_described(ctypes.addressof(self._row), n_features), json.dumps(whole).encode())
        self._array, self._config = (ctypes.cast(ctypes.c_char_p(text), _POINTER).value for text in self._texts)
        self._shape, self._dims = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
        self._out = ctypes.POINTER(ctypes.c_float)()
        self._pointers = tuple(map(ctypes.addressof, (self._shape, self._dims, self._out)))


class XGBoostRow(_XGBoostCall):
    """One thread's prepared call for margins."""

    def __init__(self, booster: Any, *, n_features: int) -> None:
        super().__init__(booster, n_features, type=XGBOOST_MARGIN, missing=float("nan"), cache_id=0)
        self._call = _function(_xgboost(), "XGBoosterPredictFromDense", [_POINTER] * 7)

    def __call__(self, row: Row) -> Any:
        """A pointer to the margins, valid until this thread's next call."""
        self._row[:] = row
        if self._call(self._handle, self._array, self._config, None, *self._pointers):
            raise RuntimeError("XGBoost could not predict a row")
        return self._out


class XGBoostContributions(_XGBoostCall):
    """One thread's prepared call for contributions; `size`: numbers it answers."""

    def __init__(self, booster: Any, *, n_features: int, size: int) -> None:
        super().__init__(booster, n_features, type=XGBOOST_CONTRIBUTIONS)
        library = _xgboost()
        self._size = size
        self._matrix = _function(library, "XGDMatrixCreateFromDense", [_POINTER] * 3)
        self._free = _function(library, "XGDMatrixFree", [_POINTER])
        self._call = _function(library, "XGBoosterPredictFromDMatrix", [_POINTER] * 6, hold_gil=False)
        self._reading = json.dumps({"missing": float("nan"), "nthread": 1}).encode()

    def __call__(self, row: Row) -> list[float]:
        """Contributions and base, output by output."""
        self._row[:] = row
        matrix = ctypes.c_void_p()
        if self._matrix(self._array, self._reading, ctypes.byref(matrix)):
            raise RuntimeError("XGBoost could not read a row")
        try:
            if self._call(self._handle, matrix, self._config, *self._pointers):
                raise RuntimeError("XGBoost could not explain a row")
            return self._out[: self._size]
        finally:
            self._free(matrix)


__all__ = [
    "LIGHTGBM_CONTRIBUTIONS",
    "LIGHTGBM_RAW",
    "LightGBMRow",
    "Row",
    "Unsupported",
    "XGBoostContributions",
    "XGBoostRow",
]
