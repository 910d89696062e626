"""Versions of churn that need no training: a rate for each plan, cuts, and rows that they were judged on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ml_services import artifacts, services
from ml_services.base import Field, FieldProblem, Judged, Model, Record, RecordInvalid, TableAnswer, Trained
from ml_services.decisions import judged_rows
from ml_services.models import ModelVersion
from ml_services.predictors.churn import RISKS
from tests.stored import made
from users.models import Company

BASIC, PRO = {"basic": 0.6, "pro": 0.1}, {"basic": 0.3, "pro": 0.1}


class Rated(Model):
    """Answers the rate of the record's plan."""

    fields = (Field("plan", "category"),)

    def __init__(
        self, rates: Mapping[str, float], cuts: tuple[float, ...], own: tuple[float, ...] | None = None
    ) -> None:
        self.rates, self._cuts, self._own = dict(rates), cuts, own or cuts

    @property
    def cuts(self) -> tuple[float, ...]:
        return self._cuts

    def with_cuts(self, cuts: tuple[float, ...] | None) -> Model:
        wanted = self._own if cuts is None else cuts
        return self if wanted == self._cuts else Rated(self.rates, wanted, self._own)

    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        said = self.rates.get(str(record.get("plan")))
        if said is None:
            raise RecordInvalid([FieldProblem("plan", "unknown", "plan is unknown.")])
        reason = {"feature": "plan", "value": record["plan"], "effect": said, "direction": "up", "text": "raises it"}
        answer = {"probability": said, "risk": RISKS[bisect_right(self._cuts, said)]}
        return answer | {"raw": said, "base": 0.0, "reasons": [reason]} if explain else answer

    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        answers = [self.answer(row, explain=False) for row in table.to_pylist()]
        columns = {name: pa.array([one[name] for one in answers]) for name in ("probability", "risk")}
        return TableAnswer(np.arange(len(answers)), columns, [])


def version(
    company: Company | None,
    name: str,
    rates: Mapping[str, float] = BASIC,
    cuts: tuple[float, ...] = (0.2, 0.5),
    *,
    promote: bool = True,
    judged: Judged | None = None,
) -> ModelVersion:
    """A version kept as a training would keep it."""
    company_id = company.pk if company else None
    artifacts.save(
        company_id=company_id, predictor="churn", version=name, trained=Trained(Rated(rates, cuts), {}, "standard")
    )
    row: ModelVersion = made(
        ModelVersion, company=company, predictor="churn", version=name, evidence="standard",
        card={"data": {"rows": 100, "columns": 2}, "holdout": {"rows": 100}},
    )  # fmt: skip
    judged_rows.keep(row, judged)
    return services.promote(version=row) if promote else row


def judged(rates: Mapping[float, tuple[int, int]]) -> Judged:
    """Rows by what was said: {said: (rows, wins)}."""
    said = np.concatenate([np.full(rows, chance) for chance, (rows, _) in rates.items()])
    truth = np.concatenate([np.arange(rows) < wins for rows, wins in rates.values()]).astype(np.float64)
    return Judged(truth, said)
