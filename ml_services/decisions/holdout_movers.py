"""Who moves over the rows that a training held out: counted while the file is at hand, for when the ledger is empty.
The candidate is the model that has not seen these rows; what serves may have, where it learned from the same file.
Only counts are kept: which record moved is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ml_services.base import Banded, Judged, Model, Trained
from ml_services.card import rounded
from ml_services.decisions import intervals
from ml_services.decisions.setting_rules import LISTED_MOVERS, MOST_MOVERS
from platform_core.errors import PlatformError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]

NOTE = (
    "The ledger holds no whole record of this predictor. These are the rows that the candidate's training held out; "
    "what serves now may have learned from some of them."
)


def note(
    *, banded: Banded, cuts: Sequence[float], table: pa.Table, trained: Trained, previous: Model, version: str,
    capacity: int | None,
) -> None:  # fmt: skip
    """Writes into the card what the promotion would change against `previous`, which serves as `version`. Nothing where
    no rows were held out, or what serves cannot answer them."""
    import numpy as np
    import pyarrow as pa

    judged = trained.judged
    if judged is None or judged.rows is None or not len(judged.rows):
        return
    places = np.unique(np.linspace(0, len(judged.rows) - 1, min(len(judged.rows), MOST_MOVERS)).astype(np.int64))
    try:
        answer = previous.answer_table(table.take(pa.array(judged.rows[places])), explain=False)
    except PlatformError:
        return  # it asks for columns that this file does not have
    kept = places[answer.positions]
    if not len(kept):
        return
    ours = answer.columns["probability"].to_numpy(zero_copy_only=False)
    told = _counted(banded, cuts, ours, Judged(judged.truth[kept], judged.said[kept]), capacity)
    lost = len(places) - len(kept)
    trained.card["movers"] = {"serving": version, "unanswered": lost, **told}


def _counted(
    banded: Banded, cuts: Sequence[float], ours: Floats, judged: Judged, capacity: int | None
) -> dict[str, Any]:
    import numpy as np

    theirs, truth = judged.said, judged.truth
    size = min(capacity or LISTED_MOVERS, len(ours))
    counts = [[0] * len(banded.names) for _ in banded.names]
    for one, other in zip(intervals.cut(ours, cuts), intervals.cut(theirs, cuts), strict=True):
        counts[one][other] += 1
    chosen = [np.argsort(-said, kind="stable")[:size] for said in (ours, theirs)]

    def top(rows: npt.NDArray[np.int64]) -> dict[str, Any]:
        return {
            "expected_by_serving": float(ours[rows].sum()),
            "expected_by_candidate": float(theirs[rows].sum()),
            "outcomes_known": size,
            "wins_known": int(truth[rows].sum()),
        }

    found = {
        "records": len(ours),
        "matrix": counts,
        "changed": len(ours) - sum(counts[place][place] for place in range(len(counts))),
        "mean_change": float((theirs - ours).mean()),
        "top": {"n": size, "in_both": len(np.intersect1d(chosen[0], chosen[1])), "of_serving": top(chosen[0]),
                "of_candidate": top(chosen[1])},
    }  # fmt: skip
    return dict(rounded(found))


__all__ = ["NOTE", "note"]
