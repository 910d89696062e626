"""A year of a business in minutes: records come in, customers are scored every month, outcomes follow, and the pipeline
watches, learns again, and promotes or keeps.

    python -m benchmarks.year [--seed N] [--budget-s 6] [--json FILE]

A made subscription business (`year_business`) on a database of the benchmark's own, through the product's own doors:
`records.upsert`, frames as of a date, the training run, the comparison, the ledger, outcomes found in records, drift.
On a known day the business changes; on another a column appears that was filled in after the fact, and once a round has
refused it, somebody reads that and leaves it out. Printed: when each was noticed, what was promoted and what refused,
the false alarms of the quiet months, and the model's ROC AUC on each month's customers against the first model, never
trained again.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fresh_database import company_with_key, fresh_database
from benchmarks.year_business import CHANGED, LEAKY, MONTH_DAYS, SOURCE, Business
from benchmarks.year_told import ALARMS, BEFORE, CHANGE_AT, LEAK_AT, MONTHS, Month, shown, told

ASKER = ("person", 1)


class Year:
    """The company, and what has been lived through so far."""

    def __init__(self, company: int, seed: int, budget_s: float) -> None:
        end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=10)
        start = end - timedelta(days=MONTH_DAYS * (BEFORE + MONTHS))
        self.company, self.budget_s = company, budget_s
        self.business = Business(start, np.random.default_rng(seed))
        self.first_version = ""
        self.months: list[Month] = []
        self.excluded: list[str] = []

    def moment(self, number: int) -> datetime:
        """The beginning of a month."""
        return self.business.start + timedelta(days=MONTH_DAYS * number)

    def bring(self, number: int, *, leaky: bool = False) -> None:
        """A month's records."""
        from platform_core.records.services import upsert

        for kind, rows in self.business.month(number, leaky=leaky).items():
            counts = upsert(kind, rows, source=SOURCE)
            assert not counts.rejected, counts.rejected[:3]

    def learn(self, number: int, name: str, why: str) -> Any:
        """A round of the pipeline at the beginning of a month."""
        from file_uploads.retraining.rounds import open_round
        from file_uploads.retraining.triggers import Trigger
        from platform_core.management.training import carry_out_here

        run = open_round(
            predictor="churn",
            trigger=Trigger(name, why),
            as_of=self.moment(number),
            source="records",
            queued=False,  # type: ignore[arg-type]
        )
        run.asked["options"] |= {"budget_s": self.budget_s, "exclude": self.excluded}
        run.save(update_fields=["asked"])
        return carry_out_here(run)

    def score(self, number: int) -> tuple[Any, Any, Any]:
        """Scores all customers at the beginning of a month into the ledger; what the serving and the first version say,
        and who was scored."""
        import pyarrow as pa

        from ml_services import artifacts, datasets, serving

        table = datasets.scoring_rows("churn", as_of=self.moment(number))
        serving.refresh()
        slot = serving.find(self.company, "churn")
        first = artifacts.load(company_id=self.company, predictor="churn", version=self.first_version)
        said, frozen = (model.answer_table(_fitting(table, model), explain=False) for model in (slot.model, first))
        who = table.column("customer_id").to_pylist()
        assert len(said.positions) == len(who) == len(frozen.positions)
        self._keep(number, slot, table, said, who)
        return pa.array(who), said.columns["probability"].to_numpy(), frozen.columns["probability"].to_numpy()

    def _keep(self, number: int, slot: Any, table: Any, said: Any, who: list[str]) -> None:
        from ml_services import answering
        from request_logs import ledger
        from request_logs.identifiers import time_ordered
        from users.asking import Asker

        began = int(self.moment(number).timestamp() * 1e9)
        names = [field.name for field in slot.model.fields]
        inputs = _fitting(table, slot.model).select(names).to_pylist()
        risks = said.columns["risk"].to_pylist()
        asker = Asker(*ASKER, "", self.company)
        rows = []
        for place, (record, chance) in enumerate(zip(inputs, said.columns["probability"].to_pylist(), strict=True)):
            mark = time_ordered(began + place * 1_000_000)
            answer = {"probability": chance, "risk": risks[place]}
            rows.append(answering.entry(asker, self.company, slot, mark, who[place], record, answer, 0.1))
        for begin in range(0, len(rows), 1000):
            ledger.keep(rows[begin : begin + 1000])


def _fitting(table: Any, model: Any) -> Any:
    """The table with a column for every field of the model; one that is not there any more is unknown."""
    import pyarrow as pa

    for field in model.fields:
        if field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(table.num_rows, pa.string()))
    return table


def lived(year: Year, number: int) -> Month:
    """A month of the year: scored, lived through, looked back on, and learned from."""
    from file_uploads import drift_watch, outcome_watch
    from file_uploads.models import Watch
    from ml_services import drift, scoreboard
    from ml_services.datasets.found import report_found
    from ml_services.evaluation import roc_auc
    from ml_services.models import ModelVersion

    at = BEFORE + number
    who, said, frozen = year.score(at)
    if number == CHANGE_AT:
        year.business.rules = CHANGED
    year.bring(at, leaky=number >= LEAK_AT)
    begin, end = float(at * MONTH_DAYS), float((at + 1) * MONTH_DAYS)
    truth = np.array([year.business.left(int(mark.as_py()[1:]), begin, end) for mark in who], dtype=np.float64)
    until = year.moment(at + 1) + timedelta(hours=1)  # by then the horizon of every prediction of the month is over
    report_found(year.company, as_of=until)
    told = drift.verdict("churn", until=year.moment(at + 1), days=MONTH_DAYS)
    drift_watch.keep(told)
    alert = scoreboard.alert(scoreboard.board("churn", until=until))
    if outcome_watch.noted(year.company, "churn", alert):
        Watch.objects.filter(predictor="churn").update(told_at=year.moment(at + 1))
    if told["verdict"] != "drift" and alert["status"] == "alert":
        told = {"verdict": "alert", "reasons": alert["reasons"]}
    why = str((told["reasons"] or [""])[0])
    run = year.learn(at + 1, "drift" if told["verdict"] in ALARMS else "schedule", why or "its turn")
    card = run.version.card if run.version else {}
    row = ModelVersion.objects.get(predictor="churn", serving=True, company_id=year.company)
    used = {column["name"] for column in row.card.get("columns", []) if column["used"]}
    seen = next((c for c in card.get("columns", []) if c["name"] == LEAKY), None)
    reason = (run.report.get("verdict") or {}).get("reason") or run.error
    month = Month(
        number, len(truth), int(truth.sum()), roc_auc(truth, said), roc_auc(truth, frozen), told["verdict"], why,
        str(reason), bool(run.version and run.version.serving), LEAKY in used,
        (seen is not None and not seen["used"]) or (LEAKY in str(reason) and not (run.version and run.version.serving)),
    )  # fmt: skip
    if month.leak_seen:  # somebody reads why it does not serve, and leaves the column out from now on
        year.excluded = [LEAKY]
    return month


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--budget-s", type=float, default=6.0)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="year") as folder:
        os.environ |= {"MODELS_STORE": f"{folder}/m", "FILES_STORE": f"{folder}/f"}
        with fresh_database():
            from ml_services.models import PredictorSetting
            from platform_core.tenancy import company_in_force

            logging.disable(logging.WARNING)
            company, _ = company_with_key("year")
            year = Year(company, options.seed, options.budget_s)
            with company_in_force(company):
                PredictorSetting.objects.create(company_id=company, predictor="churn", horizon_days=MONTH_DAYS)
                year.business.settle()
                for number in range(BEFORE):
                    year.bring(number)
                run = year.learn(BEFORE, "person", "the first model")
                if run.version is None:
                    raise SystemExit(f"The first model was not made: {run.error}")
                year.first_version = run.version.version
                print(f"{'month':>5} {'scored':>7} {'left':>5} {'AUC':>7} {'first':>7}  {'drift':<8} round", flush=True)
                for number in range(MONTHS):
                    year.months.append(lived(year, number))
                    print(shown(year.months[-1]), flush=True)
                figures = told(year.months, time.perf_counter() - began)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, default=str))


if __name__ == "__main__":
    main()
