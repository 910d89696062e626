"""Trainings told to MLflow as well, where MLFLOW_TRACKING_URI names a server or store (the extra `tracking`).

Our own registry stays the one of record: what cannot be told is a warning in the log and a note in the card, never a
failed training. What goes out: settings, figures, the card and the manifest's facts; no row of anybody's data, and of
the card not its file's name.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ml_services.base import TrainingData, TrainingOptions
from platform_core import env
from platform_core.errors import PlatformError

log = logging.getLogger(__name__)

EXPERIMENT = "prediction-platform"
MOST_WAIT_S = 10.0
"""For a server that does not answer; the training is done and waits no longer."""
ONE_TRY_S = "3"
NEVER = "MLflow was not told of this training ({why}); the registry here has it."


class Version(Protocol):
    """A registered version, as much of it as is told."""

    company_id: int | None
    predictor: str
    version: str
    card: dict[str, Any]


def tell(
    version: Version, data: TrainingData, options: TrainingOptions, facts: Callable[[], dict[str, Any]]
) -> str | None:
    """Logs a training as one run; its id, or None where there is nobody to tell or it could not be told: then
    `version.card["notes"]` says so. `facts`: reads what the manifest says, where it is needed."""
    address = env.get("MLFLOW_TRACKING_URI")
    if not address:
        return None
    card = version.card
    box: dict[str, Any] = {}
    parameters = _parameters(version, data, options)

    def speak() -> None:
        try:
            box["run"] = _log(address, parameters, card, facts_read)
        except Exception as problem:  # whatever MLflow or its store raises: the training stands
            box["why"] = _why(problem)

    try:
        facts_read = facts()
    except PlatformError as problem:
        facts_read = {"problem": problem.detail}
    # A thread, since a host that swallows packets would hold a client beyond its own timeouts.
    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    speaker.join(MOST_WAIT_S)
    if "run" in box:
        return str(box["run"])
    why = box.get("why") or f"no answer in {MOST_WAIT_S:.0f} s"
    log.warning("a training of %s could not be told to MLflow: %s", version.predictor, why)
    card["notes"] = [*card.get("notes", []), NEVER.format(why=why)]
    return None


def _why(problem: Exception) -> str:
    """The kind of what went wrong, without its text: that may hold the server's password."""
    if isinstance(problem, ImportError):
        return 'MLflow is not installed: pip install "prediction-platform[tracking]"'
    return type(problem).__name__


def _log(address: str, parameters: Mapping[str, Any], card: Mapping[str, Any], manifest: dict[str, Any]) -> str:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # the makers of MLflow are nobody to tell
    from mlflow import MlflowClient
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES, MLFLOW_HTTP_REQUEST_TIMEOUT

    MLFLOW_HTTP_REQUEST_TIMEOUT.set(ONE_TRY_S)
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set("0")
    client = MlflowClient(tracking_uri=address)
    known = client.get_experiment_by_name(EXPERIMENT)
    place = known.experiment_id if known else client.create_experiment(EXPERIMENT)
    run = client.create_run(place, run_name=f"{parameters['predictor']} {parameters['version']}")
    try:
        for name, value in parameters.items():
            client.log_param(run.info.run_id, name, value)
        for name, value in _metrics(card).items():
            client.log_metric(run.info.run_id, name, value)
        client.log_dict(run.info.run_id, _public(card), "card.json")
        client.log_dict(run.info.run_id, manifest, "manifest.json")
    except Exception:
        client.set_terminated(run.info.run_id, "FAILED")
        raise
    client.set_terminated(run.info.run_id)
    return str(run.info.run_id)


def _parameters(version: Version, data: TrainingData, options: TrainingOptions) -> dict[str, Any]:
    card = version.card
    champion = card.get("champion")
    recipe: Mapping[str, Any] = next((one for one in card.get("candidates", []) if one.get("name") == champion), {})
    return {
        "predictor": version.predictor, "company": version.company_id or "shared", "version": version.version,
        "seed": options.seed,
        "budget_s": options.budget_s, "target": (card.get("target") or {}).get("name", options.target),
        "data_sha256": data.sha256, "rows": data.table.num_rows, "columns": data.table.num_columns,
        "evidence": card.get("evidence"), "champion": champion, "backend": (card.get("backend") or {}).get("name"),
        **{f"champion.{name}": value for name, value in (recipe.get("settings") or {}).items()},
        **{f"champion.{name}": recipe[name] for name in ("rounds", "copies") if name in recipe},
    }  # fmt: skip


def _metrics(card: Mapping[str, Any]) -> dict[str, float]:
    parts = {"": card.get("metrics"), "guessing.": card.get("guessing")}
    found = {
        f"{prefix}{name}": float(value)
        for prefix, figures in parts.items()
        for name, value in (figures or {}).items()
        if isinstance(value, int | float)
    }
    for one in card.get("candidates", []):
        for name, value in (one.get("metrics") or {}).items():
            if isinstance(value, int | float):
                found[f"candidate.{one['name']}.{name}"] = float(value)
    if isinstance(card.get("seconds"), int | float):
        found["seconds"] = float(card["seconds"])
    return found


def _public(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card without the file's name, which may be a person's, and without what the rows looked like."""
    shown = {name: value for name, value in card.items() if name != "quantiles"}
    return {**shown, "data": {name: value for name, value in (card.get("data") or {}).items() if name != "name"}}


__all__ = ["tell"]
