"""Will this customer leave?"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ml_services.base import Banded, Output
from ml_services.customer_fields import CUSTOMER_FIELDS
from ml_services.presentation import Learned, TabularPredictor, cuts_from, lift_cuts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

RISKS = ("low", "medium", "high")


@dataclass(frozen=True)
class ChurnAnswer:
    """`cuts`: the probabilities from which the risk is medium, and high."""

    cuts: tuple[float, ...]
    subject: str = "the chance of leaving"

    def one(self, calibrated: float, raw: float) -> dict[str, Any]:
        return {"probability": calibrated, "risk": RISKS[bisect_right(self.cuts, calibrated)]}

    def many(self, calibrated: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        levels = np.searchsorted(self.cuts, calibrated, side="right")
        return {"probability": pa.array(calibrated), "risk": pa.array(RISKS).take(pa.array(levels))}


class Churn(TabularPredictor):
    """The risk is told from the average: medium from the average chance of leaving, high from twice that chance
    (midway to certainty where twice is beyond it). Setting `risk_cuts`: a company's own two probabilities."""

    name = "churn"
    title = "Churn"
    question = "Will this customer leave?"
    task = "binary"
    target = "churned"
    inputs = CUSTOMER_FIELDS
    outputs = (
        Output("probability", "number", "Calibrated chance that the customer leaves within the horizon learned"),
        Output(
            "risk",
            "string",
            "By the company's cuts. At first high: at least twice the average chance; medium: at least the average",
            choices=RISKS,
        ),
    )
    banded = Banded("risk", RISKS, "risk_cuts")
    sample_file = "customers.csv"

    def presentation(self, learned: Learned) -> ChurnAnswer:
        return ChurnAnswer(cuts_from(learned.settings, "risk_cuts", lift_cuts(learned.share)[1:]))
