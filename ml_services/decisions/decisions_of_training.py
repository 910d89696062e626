"""What a training of a company's own version changes for those who decide by it: its cuts, and who would move."""

from __future__ import annotations

from ml_services.base import Predictor, Trained, TrainingData, TrainingOptions
from ml_services.decisions import bands, holdout_movers, predictor_settings
from ml_services.models import ModelVersion


def note(company_id: int, predictor: Predictor, data: TrainingData, options: TrainingOptions, trained: Trained) -> None:
    """Within the transaction that registers the version, with the company in force: `bands.settle`, then the movers
    over the rows held out."""
    if predictor.banded is None:
        return
    bands.settle(
        company_id=company_id,
        predictor=predictor,
        trained=trained,
        previous=options.previous,
        settings=options.settings,
    )
    setting = predictor_settings.of(predictor.name)
    cuts = bands.last(setting.bands)
    present = ModelVersion.objects.filter(company_id=company_id, predictor=predictor.name, serving=True).first()
    if cuts is None or options.previous is None or present is None:
        return
    holdout_movers.note(
        banded=predictor.banded,
        cuts=cuts,
        table=data.table,
        trained=trained,
        previous=options.previous,
        version=present.version,
        capacity=setting.capacity,
    )


__all__ = ["note"]
