"""Artifacts without a version: what a training left behind that was ended between writing its model and its row."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ml_services import artifacts, registry, stored_files
from ml_services.models import ModelVersion
from platform_core.tenancy import installation_wide

LEFT = timedelta(hours=1)
"""An artifact without a row is left alone so long: its row may be about to come."""
SHARED = "shared"


def clean() -> int:
    """Removes them. Returns how many. A version's own files are never touched, nor anything that is not ours."""
    with installation_wide():  # whichever company's they are
        there = set(ModelVersion.across_companies.values_list("company_id", "predictor", "version"))
    removed, until = 0, timezone.now() - LEFT
    for owner in stored_files.folders(""):
        if not (owner == SHARED or owner.isdecimal()):
            continue
        company_id = None if owner == SHARED else int(owner)
        for predictor in set(stored_files.folders(owner)) & set(registry.all_predictors()):
            for version in stored_files.folders(f"{owner}/{predictor}"):
                newest = stored_files.newest(f"{owner}/{predictor}/{version}")
                if (company_id, predictor, version) not in there and newest is not None and newest < until:
                    artifacts.delete(company_id=company_id, predictor=predictor, version=version)
                    removed += 1
    return removed


__all__ = ["clean"]
