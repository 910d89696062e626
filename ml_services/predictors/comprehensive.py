"""Value, churn and segment of one customer in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ml_services.base import Model, Output, Predictor, Progress, Trained, TrainingData, TrainingOptions, silent
from ml_services.customer_fields import CUSTOMER_FIELDS
from platform_core.errors import TrainingRefused


class Comprehensive(Predictor):
    """Has no artifact of its own: it serves whatever versions of its parts serve."""

    name = "comprehensive"
    title = "Everything about a customer"
    question = "What is this customer worth, will they leave, and who are they like?"
    grain = "row"
    task = "composite"
    inputs = CUSTOMER_FIELDS
    outputs = (
        Output("clv", "object", "As answered by clv"),
        Output("churn", "object", "As answered by churn"),
        Output("segment", "object", "As answered by segment"),
    )
    parts: ClassVar[tuple[str, ...]] = ("clv", "churn", "segment")
    cost = 3

    @classmethod
    def compose(cls, parts: Mapping[str, Model]) -> Model:
        """The model that joins these, by name."""
        from ml_services.composite import CompositeModel

        return CompositeModel(parts)

    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        raise TrainingRefused("comprehensive learns nothing of its own. Train clv, churn and segment.")
