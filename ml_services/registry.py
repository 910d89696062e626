"""Finds the predictors: every module of `predictors/` declares exactly one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from types import ModuleType

from ml_services import predictors
from ml_services.base import Predictor
from platform_core.errors import NotFound, SettingInvalid


def _declared(module: ModuleType) -> Predictor:
    classes = [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Predictor) and found.__module__ == module.__name__ and not inspect.isabstract(found)
    ]
    if len(classes) != 1:
        raise SettingInvalid(f"{module.__name__} must declare one predictor; it declares {len(classes)}.")
    missing = [
        name for name in ("name", "title", "grain", "task", "inputs", "outputs") if not hasattr(classes[0], name)
    ]
    if missing:
        raise SettingInvalid(f"The predictor in {module.__name__} does not say its {', '.join(missing)}.")
    return classes[0]()


@cache
def all_predictors() -> dict[str, Predictor]:
    """Every predictor by name, in order of name. A broken or duplicate module raises SettingInvalid."""
    found: dict[str, Predictor] = {}
    for entry in sorted(pkgutil.iter_modules(predictors.__path__), key=lambda item: item.name):
        path = f"{predictors.__name__}.{entry.name}"
        try:
            predictor = _declared(importlib.import_module(path))
        except ImportError as problem:
            raise SettingInvalid(f"The predictor module {path} cannot be imported: {problem}.") from problem
        if predictor.name in found:
            raise SettingInvalid(f"Two predictors are named {predictor.name}; the second is in {path}.")
        found[predictor.name] = predictor
    return dict(sorted(found.items()))


def predictor(name: str) -> Predictor:
    """The predictor of that name. Raises NotFound naming those that exist."""
    found = all_predictors().get(name)
    if found is None:
        raise NotFound(f"There is no predictor {name!r}; there are {', '.join(all_predictors())}.")
    return found


__all__ = ["all_predictors", "predictor"]
