"""The verdict on a new version beside the one that serves, and whether it may take its place.

Better: the 95 % interval of the difference lies above zero, all of it by more than another seed would give. Worse: it
lies below zero, and the difference is more than that. Otherwise equal, if the rows show that it is not worse by
`MARGIN` (a test of non-inferiority, as in Piaggio et al., CONSORT extension, JAMA 2012: the interval's lower end above
the margin), or, where they are too few to show so little, if the difference found is no clear loss. So a model truly
worse by the margin is refused at least 39 times in 40 where the rows allow the test, whatever their number.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ml_services.champions.resampling import Difference, Floats

Verdict = Literal["first", "better", "equal", "worse", "not_comparable"]
HOLDOUT, FOLDS, OUTCOMES = "locked hold-out", "cross-validation", "outcomes"

MARGIN = 0.02
"""Of the metric: a loss that a sales team would notice."""
CLEAR_LOSS = 0.005
"""A loss found on rows too few to show that it is below the margin."""
SAME = 0.002
"""A difference that the same recipe shows with another seed, however sure the rows are of it."""
TURNED = -0.3
"""Correlation of both versions' answers below which one says the opposite of the other."""
NAMES = {"roc_auc": "ROC AUC", "spearman": "rank correlation"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`champion`, `challenger`: the metric of each on the same `rows`; `difference` is challenger minus champion, with
    its 95 % interval. `against`: the version compared with; `way`: how both can be judged honestly on these rows.
    `reason`: one sentence for a person. `promotes`: what the evidence alone decides."""

    verdict: Verdict
    promotes: bool
    reason: str
    metric: str | None = None
    champion: float | None = None
    challenger: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    on: str | None = None
    calibration: dict[str, Any] | None = None
    against: str | None = None
    way: str | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As kept with the version."""
        from ml_services.card import rounded

        return dict(rounded(asdict(self)))


def first() -> Comparison:
    """Nothing of the company's own served before."""
    return Comparison("first", True, "It is the first version of your own: there is none to compare it with.")


def not_compared(why: str, *, against: str, by_person: bool) -> Comparison:
    """Where no rows can judge both. A person has chosen the data, and so decides; what runs by itself keeps what
    serves."""
    then = "A person asked for it, so it serves" if by_person else "No person asked for it, so what serves stays"
    return Comparison("not_comparable", by_person, f"Not compared: {why} {then}.", against=against)


def compare(
    *, task: str, y: Floats, champion: Floats, challenger: Floats, seed: int = 42, on: str = HOLDOUT,
    against: str = "", way: str = "", notes: tuple[str, ...] = (),
) -> Comparison:  # fmt: skip
    """Both versions' calibrated answers to the same rows, which neither has learned from. Shapes as in `evaluation`:
    `y` (n,) 0/1, class codes or amounts; the answers (n,), of K classes (n, K); of labels both (n, labels)."""
    from ml_services.champions import calibration_check, resampling

    found = resampling.difference(task, y, champion, challenger, seed)
    calibration = calibration_check.check(task, y, champion, challenger, seed)
    verdict, promotes, why = decide(found, calibration, resampling.METRICS[task])
    if task == "binary" and turned(y, champion, challenger):
        verdict, promotes, why = "worse", False, TURNED_REASON
    made = Comparison(
        verdict, promotes, why, resampling.METRICS[task], found.champion, found.challenger, found.difference,
        found.low, found.high, len(y), on, calibration, against or None, way or None, notes,
    )  # fmt: skip
    return replace(made, reason=_told(made, why))


TURNED_REASON = (
    "the target looks turned round: on these rows one version says the opposite of the other, and one of them is "
    "wrong more often than guessing. Check which value of the target means yes"
)


def decide(found: Difference, calibration: dict[str, Any], metric: str) -> tuple[Verdict, bool, str]:
    """The verdict, whether it promotes, and why in words."""
    gap = found.difference
    if found.high < 0 and gap < -SAME:
        return "worse", False, "worse, and surely so"
    if found.low <= -MARGIN and gap < -CLEAR_LOSS:
        return "worse", False, f"these rows do not show that the loss is below {MARGIN:g}"
    surely = found.low > SAME
    verdict: Verdict = "better" if surely else "equal"
    if not calibration["holds"]:
        what = "its total is off" if metric == "spearman" else "its chances cannot be taken at their word"
        told = f"{calibration['challenger']:.3f} against {calibration['champion']:.3f} of what serves"
        return verdict, False, f"it ranks well enough, but {what} (calibration {told})"
    return verdict, True, "better, and surely so" if surely else "no worse, as far as these rows tell"


def turned(y: Floats, champion: Floats, challenger: Floats) -> bool:
    """Whether one of them is surely wrong more often than right, and the other says the opposite."""
    from ml_services.champions.resampling import correlation
    from ml_services.evaluation import auc_interval

    wrong = any(auc_interval([(y, said)])[1] < 0.5 for said in (champion, challenger))
    return wrong and correlation(champion, challenger) < TURNED


def _told(made: Comparison, why: str) -> str:
    name = NAMES[str(made.metric)]
    ends = f"95 % interval {made.low:+.4f} to {made.high:+.4f}"
    scores = f"{name} {made.challenger:.4f} against {made.champion:.4f} of what serves"
    where = f"{made.rows:,} rows ({made.on})"
    then = "" if made.promotes else " It is kept and does not serve."
    return f"{scores} on {where}, {made.difference:+.4f} ({ends}): {why}.{then}"


__all__ = ["Comparison", "compare", "decide", "first", "not_compared", "turned"]
