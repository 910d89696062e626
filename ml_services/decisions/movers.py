"""Who would move if a version served: the same records, answered by what serves and by the candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml_services import past_models, selectors, serving
from ml_services.base import Banded, Model
from ml_services.card import rounded
from ml_services.decisions import bands, effects, holdout_movers, predictor_settings
from ml_services.decisions.evidence import banded_of
from ml_services.decisions.setting_rules import LISTED_MOVERS, MOST_MOVERS
from platform_core.errors import RecordInvalid
from platform_core.tenancy import current_company
from request_logs.models import Outcome, Prediction

MOST_RECORDS, LISTED, MOST_LISTED = MOST_MOVERS, LISTED_MOVERS, 500
NOTHING_KEPT = (
    "The ledger holds no record of this predictor whose input was kept whole, so nobody can be said to move. "
    "Ask for some predictions first."
)
NOT_ANSWERED = "{count} record(s) of the ledger cannot be answered by both versions, as their fields differ."


@dataclass(frozen=True, slots=True)
class Pair:
    """A record of the ledger with both answers."""

    row: Prediction
    serving: dict[str, Any]
    candidate: dict[str, Any]

    @property
    def change(self) -> float:
        """By how much the probability would move."""
        return float(self.candidate["probability"]) - float(self.serving["probability"])


def movers(predictor: str, version: str, *, n: int = LISTED) -> dict[str, Any]:
    """What the promotion of a version would change, over the latest record of each `external_id` in the ledger (at
    most MOST_RECORDS). Raises NotFound, InputInvalid for a predictor without bands, NoModel, ArtifactRefused."""
    banded = banded_of(predictor)
    row = selectors.version(predictor, version)
    slot = serving.find(current_company(), predictor)
    candidate = past_models.model_of(row.company_id, predictor, row.version)
    if row.company_id is not None:
        candidate = candidate.with_cuts(bands.in_force(row.company_id, predictor))
    records = latest(predictor)
    pairs = answered(records, slot.model, candidate, banded)
    moved = sorted(pairs, key=lambda pair: -abs(pair.change))[:n]
    lost = len(records) - len(pairs)
    about = {"predictor": predictor, "serving": slot.info["version"], "candidate": row.version}
    counted = row.card.get("movers") or {}
    if not records and counted.get("serving") == slot.info["version"]:
        told = {"source": "rows held out", "note": holdout_movers.NOTE, "band_names": list(banded.names)}
        return {**about, **counted, **told, "movers": []}
    return {
        **about,
        "source": "ledger",
        "records": len(pairs),
        "unanswered": lost,
        "note": NOTHING_KEPT if not records else NOT_ANSWERED.format(count=lost) if lost else None,
        "band_names": list(banded.names),
        **matrix(banded, [(one.serving[banded.output], one.candidate[banded.output]) for one in pairs]),
        "mean_change": rounded(sum(pair.change for pair in pairs) / len(pairs)) if pairs else None,
        "top": _top(predictor, pairs, n) if pairs else None,
        "movers": _listed(banded, moved, slot.model, candidate),
    }


def latest(predictor: str) -> list[Prediction]:
    """The latest prediction of each `external_id` whose input is whole; those without one are each a record."""
    seen: set[str] = set()
    found = []
    rows = Prediction.objects.filter(predictor=predictor, redacted=[]).only("id", "company_id", "external_id", "input")
    for row in rows.order_by("-id")[:MOST_RECORDS]:
        if row.external_id not in seen:
            found.append(row)
        if row.external_id:
            seen.add(row.external_id)
    return found


def answered(records: Sequence[Prediction], present: Model, candidate: Model, banded: Banded) -> list[Pair]:
    """Those that both models put into a band."""
    inputs = [row.input for row in records]
    if not inputs:
        return []
    both = zip(records, present.answers(inputs, explain=False), candidate.answers(inputs, explain=False), strict=True)
    return [
        Pair(row, one, other)
        for row, one, other in both
        if not isinstance(one, RecordInvalid)
        and not isinstance(other, RecordInvalid)
        and banded.output in one
        and banded.output in other
    ]


def matrix(banded: Banded, changes: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """How many are in which band by both, [serving's][candidate's], and how many change theirs."""
    counts = [[0] * len(banded.names) for _ in banded.names]
    place = {name: number for number, name in enumerate(banded.names)}
    for one, other in changes:
        counts[place[one]][place[other]] += 1
    return {"matrix": counts, "changed": sum(one != other for one, other in changes)}


def _top(predictor: str, pairs: Sequence[Pair], n: int) -> dict[str, Any]:
    """The first N by each version: the wins expected there by both, and those known. N: the team's capacity, or n."""
    size = min(predictor_settings.of(predictor).capacity or n, len(pairs))
    by_serving = sorted(pairs, key=lambda pair: -float(pair.serving["probability"]))[:size]
    by_candidate = sorted(pairs, key=lambda pair: -float(pair.candidate["probability"]))[:size]
    chosen = {pair.row.pk for pair in (*by_serving, *by_candidate)}
    happened = Outcome.objects.filter(prediction_id__in=chosen, current=True).values_list("prediction_id", "value")
    wins = {mark: value for mark, value in happened if isinstance(value, bool)}
    return {
        "n": size,
        "in_both": len({pair.row.pk for pair in by_serving} & {pair.row.pk for pair in by_candidate}),
        "of_serving": _expected(by_serving, wins),
        "of_candidate": _expected(by_candidate, wins),
    }


def _expected(chosen: Sequence[Pair], wins: dict[Any, bool]) -> dict[str, Any]:
    known = [wins[pair.row.pk] for pair in chosen if pair.row.pk in wins]
    found = {
        "expected_by_serving": sum(float(pair.serving["probability"]) for pair in chosen),
        "expected_by_candidate": sum(float(pair.candidate["probability"]) for pair in chosen),
        "outcomes_known": len(known),
        "wins_known": sum(known),
    }
    return dict(rounded(found))


def _listed(banded: Banded, moved: Sequence[Pair], present: Model, candidate: Model) -> list[dict[str, Any]]:
    why = effects.differences([pair.row.input for pair in moved], present, candidate)
    return [
        {
            "prediction_id": str(pair.row.pk),
            "external_id": pair.row.external_id or None,
            "serving": {"probability": pair.serving["probability"], "band": pair.serving[banded.output]},
            "candidate": {"probability": pair.candidate["probability"], "band": pair.candidate[banded.output]},
            "change": pair.change,
            **reasons,
        }
        for pair, reasons in zip(moved, why, strict=True)
    ]


__all__ = ["LISTED", "MOST_LISTED", "MOST_RECORDS", "matrix", "movers"]
