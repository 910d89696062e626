"""What the installation does by itself, again and again. Each turn is put into the queue once, however many workers
there are: the queue remembers the turns it had."""

from __future__ import annotations

from procrastinate.contrib.django import app

from api_gateway.pruning import prune
from file_uploads import drift_watch, found_watch, outcome_watch, schedules, training_runs
from file_uploads.batch import incoming, watching
from file_uploads.retraining import loop
from ml_services.champions import orphans
from platform_core import jobs


@app.periodic(cron="* * * * * */30")
@app.task(name="platform_core.resume_files", queue=jobs.CHORES, queueing_lock="resume_files")
def resume_files(timestamp: int) -> None:
    """Jobs that nothing in the queue is working on are taken up again."""
    watching.resume()
    training_runs.resume()


@app.periodic(cron="* * * * *")
@app.task(name="platform_core.run_schedules", queue=jobs.CHORES, queueing_lock="run_schedules")
def run_schedules(timestamp: int) -> None:
    """Files whose turn has come are predicted again."""
    schedules.run_due()


@app.periodic(cron="*/5 * * * *")
@app.task(name="platform_core.retrain", queue=jobs.CHORES, queueing_lock="retrain")
def retrain(timestamp: int) -> None:
    """Models whose turn it is, or whose world has moved, learn again."""
    loop.run_due()


@app.periodic(cron="17 3 * * *")
@app.task(name="platform_core.prune", queue=jobs.CHORES, queueing_lock="prune")
def prune_old(timestamp: int) -> None:
    """What is kept for a time only goes when it is over."""
    prune()


@app.periodic(cron="27 3 * * *")
@app.task(name="platform_core.find_outcomes", queue=jobs.CHORES, queueing_lock="find_outcomes")
def find_outcomes(timestamp: int) -> None:
    """What the records tell of earlier predictions, before drift and scoreboards look at it."""
    found_watch.find_all()


@app.periodic(cron="47 3 * * *")
@app.task(name="platform_core.check_drift", queue=jobs.CHORES, queueing_lock="check_drift")
def check_drift(timestamp: int) -> None:
    """What comes in, what is said and what happens is held against what the models learned from."""
    drift_watch.check_all()


@app.periodic(cron="57 3 * * *")
@app.task(name="platform_core.watch_outcomes", queue=jobs.CHORES, queueing_lock="watch_outcomes")
def watch_outcomes(timestamp: int) -> None:
    """What came is held against what was said; an alert is told once."""
    outcome_watch.watch_outcomes()


@app.periodic(cron="17 * * * *")
@app.task(name="platform_core.clean_incoming", queue=jobs.CHORES, queueing_lock="clean_incoming")
def clean_incoming(timestamp: int) -> None:
    """Files that broke off on their way in, refused ones that nobody came back for; files without a job, models without
    a version."""
    incoming.clean()
    incoming.clean_strays()
    watching.tidy()
    training_runs.clean()
    orphans.clean()


__all__ = ["check_drift", "find_outcomes", "prune_old", "resume_files", "retrain", "watch_outcomes"]
