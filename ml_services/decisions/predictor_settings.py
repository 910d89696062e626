"""What a company says of one predictor: read, and changed by who may let versions serve."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from ml_services import artifacts, registry, serving
from ml_services.decisions import bands
from ml_services.decisions.setting_rules import MONEY_FIELDS, RETRAINING, rules
from ml_services.models import ModelVersion, PredictorSetting
from platform_core.errors import ArtifactRefused, FieldProblem, InputInvalid, NoModel, NotFound, RecordInvalid
from platform_core.tenancy import current_company
from users import audit
from users.input_fields import read
from users.models import Company

AMOUNTS = ("value_per_win", "cost_per_action")
PLAIN = ("horizon_days", "changeable", *MONEY_FIELDS, "shadow_version", "shadow_share", "silence_means_no")


def of(predictor: str) -> PredictorSetting:
    """The settings of the company in force; where nothing was said, those that count then, not yet a row. Raises
    NotFound."""
    registry.predictor(predictor)
    found: PredictorSetting | None = PredictorSetting.objects.filter(predictor=predictor).first()
    return found or PredictorSetting(company_id=current_company(), predictor=predictor)


def told(predictor: str) -> dict[str, Any]:
    """The settings as plain data. Raises NotFound."""
    row, banded = of(predictor), registry.predictor(predictor).banded
    return {
        "predictor": predictor,
        "band_names": list(banded.names) if banded else [],
        "cuts": bands.last(row.bands),
        "bands": row.bands,
        **{name: _plain(getattr(row, name)) for name in PLAIN},
        "retraining": {**RETRAINING, **row.retraining},
        "currency": Company.objects.values_list("currency", flat=True).get(pk=row.company_id),
    }


def change(*, company_id: int, predictor: str, given: Any) -> dict[str, Any]:
    """The settings with some of them changed. Raises NotFound; RecordInvalid naming each wrong field."""
    known = registry.predictor(predictor)
    asked = read(given, rules(known, lambda: _fields(company_id, predictor)))
    if not asked:
        raise InputInvalid(f"Name at least one setting: {', '.join(rules(known, frozenset))}.")
    if asked.get("shadow_version"):
        _check_shadow(predictor, asked["shadow_version"])
    with transaction.atomic():
        row = bands.locked(company_id, predictor)
        changed = _apply(row, asked)
        if changed:
            row.save()
            audit.record(audit.Event.SETTINGS_CHANGED, subject=f"predictor:{predictor}", detail=changed)
    serving.refresh()
    return told(predictor)


def _apply(row: PredictorSetting, asked: dict[str, Any]) -> dict[str, Any]:
    """Changes the row; what each changed setting was and is."""
    changed: dict[str, Any] = {}
    if "cuts" in asked and (before := bands.last(row.bands)) != tuple(asked["cuts"]):
        bands.append(row, asked["cuts"])
        changed["cuts"] = {"before": before, "after": asked["cuts"]}
    if "retraining" in asked:
        asked["retraining"] = {**RETRAINING, **row.retraining, **asked["retraining"]}
    for name in (*PLAIN, "retraining"):
        if name in asked and (was := _plain(getattr(row, name))) != asked[name]:
            setattr(row, name, asked[name])
            changed[name] = {"before": was, "after": asked[name]}
    return changed


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _fields(company_id: int, predictor: str) -> frozenset[str]:
    try:
        return frozenset(field.name for field in serving.find(company_id, predictor).model.fields)
    except NoModel:
        return frozenset()


def _check_shadow(predictor: str, version: str) -> None:
    """A shadow is a version of the company's own that does not serve, and whose artifact can be loaded."""
    row: ModelVersion | None = ModelVersion.objects.filter(
        company_id=current_company(), predictor=predictor, version=version
    ).first()
    if row is None:
        raise _refused(f"there is no version {version} of {predictor} of your own")
    if row.serving:
        raise _refused("that version serves: a shadow stands beside it")
    if not ModelVersion.objects.filter(company_id=current_company(), predictor=predictor, serving=True).exists():
        raise _refused("no version of your own serves: a shadow stands beside one")
    try:
        artifacts.load(**row.place)
    except (ArtifactRefused, NotFound) as problem:
        raise _refused(f"that version cannot be loaded. {problem.detail}") from None


def _refused(detail: str) -> RecordInvalid:
    return RecordInvalid([FieldProblem("shadow_version", "invalid", f"shadow_version: {detail.rstrip('.')}.")])


def end_shadow(row: ModelVersion) -> None:
    """A version that serves is nobody's shadow any more. Within the promotion's transaction."""
    same = PredictorSetting.across_companies.filter(company_id=row.company_id, predictor=row.predictor)
    same.filter(shadow_version=row.version).update(shadow_version="")


__all__ = ["change", "end_shadow", "of", "told"]
