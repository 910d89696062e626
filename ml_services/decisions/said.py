"""What companies say of their predictors, as a process that serves them all needs it: one query for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from ml_services.decisions import bands
from ml_services.models import PredictorSetting
from platform_core.tenancy import installation_wide


@dataclass(frozen=True, slots=True)
class Said:
    """`cuts` None: those that the version was trained with. `shadow` "": none."""

    cuts: tuple[float, ...] | None = None
    shadow: str = ""
    share: float = 0.0


NOTHING_SAID = Said()


def said_of_all() -> dict[tuple[int | None, str], Said]:
    """By company and predictor."""
    columns = ("company_id", "predictor", "bands", "shadow_version", "shadow_share")
    with installation_wide():  # a process serves all companies
        rows = PredictorSetting.across_companies.values_list(*columns)
        return {(whose, name): Said(bands.last(known), shadow, share) for whose, name, known, shadow, share in rows}


__all__ = ["NOTHING_SAID", "Said", "said_of_all"]
