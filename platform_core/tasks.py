"""What the installation does by itself, again and again. Each turn is put into the queue once, however many workers
there are: the queue remembers the turns it had."""

from __future__ import annotations

from procrastinate.contrib.django import app

from file_uploads.batch import watching
from platform_core import jobs


@app.periodic(cron="* * * * * */5")
@app.task(name="platform_core.rescue", queue=jobs.CHORES, queueing_lock="rescue")
async def rescue(timestamp: int) -> None:
    """The tasks of dead workers go to the living."""
    await jobs.rescue()


@app.periodic(cron="* * * * * */30")
@app.task(name="platform_core.resume_files", queue=jobs.CHORES, queueing_lock="resume_files")
def resume_files(timestamp: int) -> None:
    """Jobs that nothing in the queue is working on are taken up again."""
    watching.resume()


__all__ = ["rescue", "resume_files"]
