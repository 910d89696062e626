"""Finds the predictors: every module of `predictors/` declares exactly one. One that cannot serve stops the start."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from functools import cache
from types import ModuleType
from typing import get_args

from ml_services import predictors
from ml_services.base import Field, Grain, Output, Predictor, Task
from platform_core.errors import NotFound, SettingInvalid

NAMED = ("name", "title", "question", "grain", "task", "inputs", "outputs")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A predictor's name is a part of addresses, folders and command lines."""


def _loaded(path: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except Exception as problem:
        # Whatever a module does wrong while it is read, a syntax error included, is one clear line at the start.
        raise SettingInvalid(
            f"The predictor module {path} cannot be loaded: {type(problem).__name__}: {problem}. "
            "Mend it or take it out of the folder."
        ) from problem


def _declared(module: ModuleType) -> Predictor:
    classes = [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Predictor) and found.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise SettingInvalid(f"{module.__name__} must declare one predictor; it declares {len(classes)}.")
    missing = [name for name in NAMED if not hasattr(classes[0], name)]
    missing += sorted(getattr(classes[0], "__abstractmethods__", ()))
    if missing:
        raise SettingInvalid(f"The predictor in {module.__name__} does not say its {', '.join(missing)}.")
    try:
        predictor: Predictor = classes[0]()
    except Exception as problem:
        raise SettingInvalid(
            f"The predictor in {module.__name__} cannot be made: {type(problem).__name__}: {problem}."
        ) from problem
    if wrong := _wrong(predictor):
        raise SettingInvalid(f"The predictor in {module.__name__} {wrong}.")
    return predictor


def _wrong(predictor: Predictor) -> str:
    """What a predictor says of itself that cannot be, or nothing."""
    if not isinstance(predictor.name, str) or not NAME.fullmatch(predictor.name):
        return f"has the name {predictor.name!r}; small letters, digits and single hyphens make a name"
    for what, value, kinds in (("grain", predictor.grain, get_args(Grain)), ("task", predictor.task, get_args(Task))):
        if value not in kinds:
            return f"has the {what} {value!r}; there are {', '.join(kinds)}"
    if not all(isinstance(field, Field) for field in predictor.inputs):
        return "has an input that is no Field"
    if not all(isinstance(output, Output) for output in predictor.outputs):
        return "has an output that is no Output"
    names = [field.name for field in predictor.inputs]
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"declares the input {twice[0]!r} twice" if twice else ""


@cache
def all_predictors() -> dict[str, Predictor]:
    """Every predictor by name, in order of name. A broken or duplicate module raises SettingInvalid."""
    found: dict[str, Predictor] = {}
    for entry in sorted(pkgutil.iter_modules(predictors.__path__), key=lambda item: item.name):
        path = f"{predictors.__name__}.{entry.name}"
        predictor = _declared(_loaded(path))
        if predictor.name in found:
            first = type(found[predictor.name]).__module__
            raise SettingInvalid(f"Two predictors are named {predictor.name}: in {first} and in {path}. Rename one.")
        found[predictor.name] = predictor
    for predictor in found.values():
        if lacking := [part for part in predictor.parts if part not in found]:
            raise SettingInvalid(f"The predictor {predictor.name} joins {', '.join(lacking)}, which there is not.")
    return dict(sorted(found.items()))


def predictor(name: str) -> Predictor:
    """The predictor of that name. Raises NotFound naming those that exist."""
    found = all_predictors().get(name)
    if found is None:
        raise NotFound(f"There is no predictor {name!r}; there are {', '.join(all_predictors())}.")
    return found


__all__ = ["all_predictors", "predictor"]
