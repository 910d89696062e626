"""From a trial's recipe to the scorer that serves: each of its models is one fit, made wherever fits are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml_services.families import Family, Params, Problem, Rows, Trial
from ml_services.scale_out import session, spread
from ml_services.scorers import Blend, Scorer

BY_ROWS = ("lightgbm", "xgboost")
"""Families whose rows can be spread over workers."""
FEWEST_BY_ROWS = 100_000
"""Only more rows than these are spread: so many a single fit of the search takes (`tuning.MOST_TUNED_ROWS`), and there
they are learned whole on one worker, with the very same answers as here."""


@dataclass(frozen=True)
class Job:
    """One final fit: which rows, of which family, how."""

    rows: Rows
    family: Family
    params: Params
    rounds: int
    seed: int


def learn_each(
    problem: Problem, trial: Trial, families: Sequence[Family], parts: Sequence[Rows], seed: int
) -> list[Scorer]:
    """The scorer of the recipe, learned from each of `parts` of the rows."""
    members = [member for member, _ in trial.members] or [trial]
    named = {family.name: family for family in families}
    jobs = [
        Job(rows, named[member.family], dict(member.params), member.rounds, seed + number)
        for rows in parts
        for member in members
        for number in range(member.copies)
    ]
    fitted = iter(_fits(problem, jobs))
    scorers = []
    for _ in parts:
        own = [_mean([next(fitted) for _ in range(member.copies)]) for member in members]
        scorers.append(Blend(own, [weight for _, weight in trial.members]) if trial.members else own[0])
    return scorers


def _mean(copies: list[Scorer]) -> Scorer:
    return copies[0] if len(copies) == 1 else Blend(copies, [1.0 / len(copies)] * len(copies))


def _fits(problem: Problem, jobs: Sequence[Job]) -> list[Scorer]:
    workers = session()
    if workers is None or not workers.partitioned:
        return spread(fit, problem, jobs)
    spreads = [job.family.name in BY_ROWS and len(job.rows) > FEWEST_BY_ROWS for job in jobs]
    others = iter(spread(fit, problem, [job for job, by_rows in zip(jobs, spreads, strict=True) if not by_rows]))
    return [
        workers.fit_by_rows(problem, job) if by_rows else next(others)
        for job, by_rows in zip(jobs, spreads, strict=True)
    ]


def fit(problem: Problem, job: Job) -> Scorer:
    """One whole fit."""
    return job.family.learn(problem.part(job.rows), job.params, job.rounds, job.seed)


def fewest_rows(problem: Problem, trial: Trial, families: Sequence[Family]) -> int:
    """How many of the rows each model of the recipe takes at least."""
    names = {member.family: member.params for member, _ in trial.members} or {trial.family: trial.params}
    return min(family.most_rows(problem, names[family.name]) for family in families if family.name in names)


__all__ = ["Job", "fewest_rows", "fit", "learn_each"]
