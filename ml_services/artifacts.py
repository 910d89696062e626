"""Trained models on disk or S3. A joblib file is code, so this is the only place that loads one, and it loads
nothing whose digest and signature do not match what this installation wrote.

Layout: `<company id or "shared">/<predictor>/<version>/model.joblib` and, written last, `manifest.json`: without its
manifest an artifact does not exist.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import io
import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import version as installed_version
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from ml_services.base import Field, Model, Trained
from platform_core.errors import ArtifactRefused, PlatformError

FORMAT = 1
"""Raised when the pickled classes change shape, so that an old artifact is refused instead of misread."""
LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "scipy")
BOOSTER_LIBRARIES = ("xgboost-cpu", "xgboost")
PEOPLE, JUDGED = BESIDE = ("people.bin", "judged.bin")


def folder(company_id: int | None, predictor: str, version: str) -> str:
    """The artifact's place in the store."""
    return f"{company_id or 'shared'}/{predictor}/{version}"


@cache
def libraries() -> dict[str, str]:
    """Versions of what an artifact depends on, as installed here."""
    found = {name: installed_version(name) for name in LIBRARIES}
    for name in BOOSTER_LIBRARIES:
        try:
            found["xgboost"] = installed_version(name)
        except ModuleNotFoundError:
            continue
        break
    return {**found, "python": ".".join(platform.python_version_tuple()[:2])}


def save(*, company_id: int | None, predictor: str, version: str, trained: Trained) -> None:
    """Writes the model, then its manifest. Nothing can be loaded before the manifest is there."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(trained.model, buffer, compress=3)
    manifest = {
        "format": FORMAT,
        "company": company_id,
        "predictor": predictor,
        "version": version,
        "evidence": trained.evidence,
        "fields": [asdict(field) for field in trained.model.fields],
        "metrics": trained.card.get("metrics", {}),
        "quantiles": trained.card.pop("quantiles", {}),  # kept here alone: a card is read by people
        "libraries": libraries(),
        "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
    }
    place = folder(company_id, predictor, version)
    signed = {**manifest, "hmac": _signature(manifest)}
    try:
        _write(f"{place}/model.joblib", buffer.getvalue())
        _write(f"{place}/manifest.json", json.dumps(signed, indent=1, sort_keys=True, default=str).encode())
    except Exception:
        delete(company_id=company_id, predictor=predictor, version=version)
        raise


def quantiles(*, company_id: int | None, predictor: str, version: str) -> dict[str, Any]:
    """What the rows looked like that the model learned from (see `training_quantiles`); empty where it has no table to
    speak of. Raises ArtifactRefused."""
    found: dict[str, Any] = _manifest(folder(company_id, predictor, version), f"{predictor} {version}")["quantiles"]
    return found


def load(*, company_id: int | None, predictor: str, version: str) -> Model:
    """The model, after its signature, digest, place and library versions were checked. Raises ArtifactRefused."""
    import joblib

    name = f"{predictor} {version}"
    place = folder(company_id, predictor, version)
    manifest = _manifest(place, name)
    if (manifest["company"], manifest["predictor"], manifest["version"]) != (company_id, predictor, version):
        raise ArtifactRefused(f"The artifact of {name} was made for another place.")
    if manifest["format"] != FORMAT or manifest["libraries"] != libraries():
        raise ArtifactRefused(f"The artifact of {name} was made by other library versions. Train it again.")
    content = _read(f"{place}/model.joblib", name)
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), str(manifest["sha256"])):
        raise ArtifactRefused(f"The artifact of {name} is not what was written: its digest differs.")
    try:
        model = joblib.load(io.BytesIO(content))
    except Exception as problem:
        # Whatever unpickling raises (a class that moved, a missing library) means the same: it cannot serve.
        raise ArtifactRefused(f"The artifact of {name} cannot be loaded: {type(problem).__name__}.") from problem
    if not isinstance(model, Model):
        raise ArtifactRefused(f"The artifact of {name} does not hold a model.")
    return model


def fields(*, company_id: int | None, predictor: str, version: str) -> tuple[Field, ...]:
    """The input schema by the manifest alone, for processes that must not load a model. Raises ArtifactRefused."""
    manifest = _manifest(folder(company_id, predictor, version), f"{predictor} {version}")
    lists = ("choices", "missing")
    return tuple(Field(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in manifest["fields"])


def delete(*, company_id: int | None, predictor: str, version: str) -> None:
    """Removes an artifact, manifest first, so that a half-deleted one cannot be loaded."""
    for part in ("manifest.json", "model.joblib", *BESIDE):
        _store().delete(f"{folder(company_id, predictor, version)}/{part}")
    with contextlib.suppress(OSError):  # something that is not ours lies there: let it
        _store().delete(folder(company_id, predictor, version))


def save_beside(name: str, content: bytes, *, company_id: int | None, predictor: str, version: str) -> None:
    """Keeps bytes beside the model: whose data it was trained with, the rows it was judged on (one of BESIDE)."""
    _write(f"{folder(company_id, predictor, version)}/{name}", content)


def beside(name: str, *, company_id: int | None, predictor: str, version: str) -> bytes | None:
    """What `save_beside` kept; None where nothing was."""
    try:
        return _read(f"{folder(company_id, predictor, version)}/{name}", f"{predictor} {version}")
    except ArtifactRefused:
        return None


def _store() -> Storage:
    return storages["models"]


def _write(path: str, content: bytes) -> None:
    """All or nothing: a file is written under another name and renamed; S3 puts are whole by themselves."""
    store = _store()
    try:
        local = store.path(path)
    except NotImplementedError:
        store.save(path, ContentFile(content))
        return
    from pathlib import Path

    try:
        store.save(f"{path}.part", ContentFile(content))
        Path(store.path(f"{path}.part")).replace(local)
    except OSError as problem:
        store.delete(f"{path}.part")
        if problem.errno == errno.ENOSPC:
            raise PlatformError("The disk is full: the model could not be kept. Make room and train again.") from None
        raise


def _read(path: str, name: str) -> bytes:
    try:
        with _store().open(path) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        raise ArtifactRefused(f"The artifact of {name} is missing: {path}.") from None


def _manifest(place: str, name: str) -> dict[str, Any]:
    try:
        manifest = json.loads(_read(f"{place}/manifest.json", name))
        claimed = manifest.pop("hmac")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ArtifactRefused(f"The manifest of {name} cannot be read.") from None
    if not hmac.compare_digest(_signature(manifest), str(claimed)):
        raise ArtifactRefused(f"The manifest of {name} was not signed by this installation.")
    found: dict[str, Any] = manifest
    return found


def _signature(manifest: dict[str, Any]) -> str:
    key = hashlib.sha256(b"artifacts:" + settings.SECRET_KEY.encode()).digest()
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), default=str).encode()
    return hmac.new(key, canonical, hashlib.sha256).hexdigest()


__all__ = ["JUDGED", "PEOPLE", "beside", "delete", "fields", "folder", "libraries", "load", "quantiles", "save",
           "save_beside"]  # fmt: skip
