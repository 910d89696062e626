"""What every split must pass, and a model that is easily added up."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services.additive import AdditiveScorer, Curve
from ml_services.base import Field
from ml_services.calibration import Sigmoid
from ml_services.encoded_columns import NumberColumn
from ml_services.encoding import Encoder
from ml_services.predictors.churn import ChurnAnswer
from ml_services.tabular import TabularModel

EXACT = 1e-9


def add_up(told: dict[str, Any]) -> None:
    """Parts sum to the difference, in the output and raw; fields sum to their parts; the ends are what was said."""
    for total, effect in (("difference", "effect"), ("raw_difference", "raw_effect")):
        parts = [told[name] for name in ("data", "time", "version")]
        assert sum(part[effect] for part in parts) == pytest.approx(told[total], abs=EXACT)
        for part in parts[:2]:
            assert sum(one[effect] for one in part["fields"]) == pytest.approx(part[effect], abs=EXACT)
    assert told["after"] - told["before"] == pytest.approx(told["difference"], abs=EXACT)


def only_numbers(*names: str, required: bool = False) -> TabularModel:
    """A sum of straight lines."""
    fields = [Field(name, "number", minimum=0, nullable=not required) for name in names]
    parts = [Curve([0.0, 100.0], [[0.0, 2.0 + k]], [0.0]) for k in range(len(names))]  # type: ignore[arg-type]
    return TabularModel(
        Encoder([NumberColumn(field) for field in fields]),
        AdditiveScorer(parts, -1.0),
        Sigmoid(),
        ChurnAnswer((0.3, 0.6)),
    )
