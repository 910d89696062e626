"""Trained models on disk or S3. A joblib file is code, so this is the only place that loads one, and it loads
nothing whose digest and signature do not match what this installation wrote.

Layout: `<company id or "shared">/<predictor>/<version>/model.joblib`, beside it what the version was judged by
(`proof.joblib`) and the digests of the rows that it learned from (`rows.bin`), and, written last, `manifest.json`:
without its manifest an artifact does not exist.
"""

from __future__ import annotations

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

from ml_services import stored_files
from ml_services.base import Field, Model, Trained
from ml_services.packing import packed
from platform_core.errors import ArtifactRefused

FORMAT = 1
"""Raised when the pickled classes change shape, so that an old artifact is refused instead of misread."""
LIBRARIES = ("scikit-learn", "lightgbm", "numpy", "scipy")
BOOSTER_LIBRARIES = ("xgboost-cpu", "xgboost")
MODEL, PROOF, ROWS = "model.joblib", "proof.joblib", "rows.bin"
PEOPLE, JUDGED = BESIDE = ("people.bin", "judged.bin")
PARTS = ("manifest.json", MODEL, PROOF, ROWS, *BESIDE)


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
    contents = {MODEL: packed(trained.model)}
    if trained.proof is not None:
        contents[PROOF] = packed(trained.proof)
    if trained.known is not None:
        contents[ROWS] = trained.known.as_bytes()
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
        "sha256": hashlib.sha256(contents[MODEL]).hexdigest(),
        "beside": {name: hashlib.sha256(contents[name]).hexdigest() for name in (PROOF, ROWS) if name in contents},
    }
    place = folder(company_id, predictor, version)
    signed = {**manifest, "hmac": _signature(manifest)}
    try:
        for name, content in contents.items():
            stored_files.write(f"{place}/{name}", content)
        stored_files.write(f"{place}/manifest.json", json.dumps(signed, indent=1, sort_keys=True, default=str).encode())
    except Exception:
        delete(company_id=company_id, predictor=predictor, version=version)
        raise


def quantiles(*, company_id: int | None, predictor: str, version: str) -> dict[str, Any]:
    """What the rows looked like that the model learned from (see `training_quantiles`); empty where it has no table to
    speak of. Raises ArtifactRefused."""
    found: dict[str, Any] = _manifest(folder(company_id, predictor, version), f"{predictor} {version}")["quantiles"]
    return found


def facts(*, company_id: int | None, predictor: str, version: str) -> dict[str, Any]:
    """The manifest without anything that was read from rows: no quantiles, no values of categories."""
    found = _manifest(folder(company_id, predictor, version), f"{predictor} {version}")
    shown = {name: found[name] for name in ("format", "evidence", "libraries", "sha256", "metrics")}
    return {**shown, "fields": [{"name": one["name"], "kind": one["kind"]} for one in found["fields"]]}


def load(*, company_id: int | None, predictor: str, version: str) -> Model:
    """The model, after its signature, digest, place and library versions were checked. Raises ArtifactRefused."""
    return _load(MODEL, company_id, predictor, version)


def load_proof(*, company_id: int | None, predictor: str, version: str) -> Model:
    """What the version was judged by: its recipe without the hold-out. Raises ArtifactRefused, also of none."""
    return _load(PROOF, company_id, predictor, version)


def rows(*, company_id: int | None, predictor: str, version: str) -> tuple[bytes | None, bool]:
    """The digests of the rows learned from (`champions.rows`), None where none were kept; and whether there is a proof.
    Raises ArtifactRefused."""
    name, place = f"{predictor} {version}", folder(company_id, predictor, version)
    beside = _manifest(place, name).get("beside", {})
    if ROWS not in beside:
        return None, PROOF in beside
    return _checked(f"{place}/{ROWS}", name, beside[ROWS]), PROOF in beside


def _load(part: str, company_id: int | None, predictor: str, version: str) -> Model:
    import joblib

    name = f"{predictor} {version}"
    place = folder(company_id, predictor, version)
    manifest = _manifest(place, name)
    if (manifest["company"], manifest["predictor"], manifest["version"]) != (company_id, predictor, version):
        raise ArtifactRefused(f"The artifact of {name} was made for another place.")
    if manifest["format"] != FORMAT or manifest["libraries"] != libraries():
        raise ArtifactRefused(f"The artifact of {name} was made by other library versions. Train it again.")
    content = _checked(f"{place}/{part}", name, {MODEL: manifest["sha256"], **manifest.get("beside", {})}.get(part))
    try:
        model = joblib.load(io.BytesIO(content))
    except Exception as problem:
        # Whatever unpickling raises (a class that moved, a missing library) means the same: it cannot serve.
        raise ArtifactRefused(f"The artifact of {name} cannot be loaded: {type(problem).__name__}.") from problem
    if not isinstance(model, Model):
        raise ArtifactRefused(f"The artifact of {name} does not hold a model.")
    return model


def _checked(path: str, name: str, digest: str | None) -> bytes:
    content = stored_files.read(path, name)
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), str(digest)):
        raise ArtifactRefused(f"The artifact of {name} is not what was written: its digest differs.")
    return content


def fields(*, company_id: int | None, predictor: str, version: str) -> tuple[Field, ...]:
    """The input schema by the manifest alone, for processes that must not load a model. Raises ArtifactRefused."""
    manifest = _manifest(folder(company_id, predictor, version), f"{predictor} {version}")
    lists = ("choices", "missing")
    return tuple(Field(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in manifest["fields"])


def delete(*, company_id: int | None, predictor: str, version: str) -> None:
    """Removes an artifact, manifest first, so that a half-deleted one cannot be loaded."""
    stored_files.remove(folder(company_id, predictor, version), PARTS)


def save_beside(name: str, content: bytes, *, company_id: int | None, predictor: str, version: str) -> None:
    """Keeps bytes beside the model: whose data it was trained with, the rows it was judged on (one of BESIDE)."""
    stored_files.write(f"{folder(company_id, predictor, version)}/{name}", content)


def beside(name: str, *, company_id: int | None, predictor: str, version: str) -> bytes | None:
    """What `save_beside` kept; None where nothing was."""
    try:
        return stored_files.read(f"{folder(company_id, predictor, version)}/{name}", f"{predictor} {version}")
    except ArtifactRefused:
        return None


def _manifest(place: str, name: str) -> dict[str, Any]:
    try:
        manifest = json.loads(stored_files.read(f"{place}/manifest.json", name))
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


__all__ = [
    "JUDGED", "PEOPLE", "beside", "delete", "facts", "fields", "folder", "libraries", "load", "load_proof", "quantiles",
    "rows", "save", "save_beside",
]  # fmt: skip
