"""The plan of money and capacity, for an upload's rows or for the ledger's."""

from __future__ import annotations

from typing import Any

from file_uploads import probabilities
from ml_services.decisions import money


def plan_for(predictor: str, given: Any) -> dict[str, Any]:
    """What is asked, planned. Raises NotFound, Conflict, InputInvalid, RecordInvalid."""
    asked = money.asked_of(predictor, given)
    if asked["upload"] is not None:
        said = probabilities.of_upload(asked["upload"], predictor)
        return money.planned(predictor, asked, said, f"upload {asked['upload']}")
    said = money.latest(predictor, asked["days"])
    return money.planned(predictor, asked, said, f"the predictions of the last {asked['days']} days")


__all__ = ["plan_for"]
