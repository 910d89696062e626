"""The application server: gunicorn, started from within, so that one process tree starts and stops everything."""

from __future__ import annotations

import os
import socket
from typing import Any

from gunicorn.app.base import BaseApplication

from platform_core import env, logs, metrics, workers

TIMEOUT_S = 120
GRACE_S = 30


class Server(BaseApplication):  # type: ignore[misc]
    """Serves the WSGI application on a socket that is already open. The application is loaded in each worker,
    after the fork: nothing of OpenMP may have run in the parent."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        # The lock is held, here and in every worker, for as long as one of them lives.
        self.metrics, self._lock = metrics.make_folder()
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from platform_core.wsgi import application

        return application


def pre_fork(arbiter: Any, worker: Any) -> None:
    """Gives the worker to be the first free place among those alive: what it counts goes on where a dead one ended."""
    taken = {one.place for one in arbiter.WORKERS.values()}
    worker.place = next(place for place in range(len(taken) + 1) if place not in taken)


def post_worker_init(worker: Any) -> None:
    """Loads the models before the worker takes its first request, and keeps watching for new ones; begins to write
    the log of requests, and to do the errands that requests leave."""
    from ml_services import serving
    from ml_services.decisions import shadow_queue
    from request_logs import access
    from users import outbox

    metrics.begin(worker.app.metrics, worker.place)
    serving.watch()
    access.watch()
    shadow_queue.watch()
    outbox.start()


def child_exit(arbiter: Any, worker: Any) -> None:
    """A worker has ended, in whatever way."""
    metrics.end(arbiter.app.metrics, worker.place)


def when_ready(arbiter: Any) -> None:
    """The web server takes requests: now whoever does the work behind them."""
    workers.start(env.get("WORKERS"))


def on_exit(arbiter: Any) -> None:
    """The web server ends."""
    workers.stop()


def run(listener: socket.socket) -> None:
    """Serves until a signal ends it."""
    logs.take_all()
    os.set_inheritable(listener.fileno(), True)
    # One thread in each library's pool: requests are the parallelism here.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    Server(
        {
            "bind": f"fd://{listener.fileno()}",
            "workers": env.get("WEB_WORKERS"),
            "worker_class": "gthread",
            "threads": env.get("WEB_THREADS"),
            "timeout": TIMEOUT_S,
            "graceful_timeout": GRACE_S,
            "keepalive": 75,
            "control_socket_disable": True,
            "loglevel": "warning",
            "logconfig_dict": logs.configuration(env.get("LOG_LEVEL")),
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
            "pre_fork": pre_fork,
            "when_ready": when_ready,
            "on_exit": on_exit,
            "post_worker_init": post_worker_init,
            "child_exit": child_exit,
        }
    ).run()
