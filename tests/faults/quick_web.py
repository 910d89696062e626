"""The web server with a model that answers by arithmetic: `python -m tests.faults.quick_web PORT`."""

from __future__ import annotations

import os
import socket
import sys
from types import SimpleNamespace

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
django.setup()

from file_uploads.batch import intake  # noqa: E402
from ml_services import pinned  # noqa: E402
from platform_core.server import run  # noqa: E402
from tests.file_uploads.fakes import Doubling  # noqa: E402

PIN = {"predictor": "churn", "version": "v1", "company": None, "parts": []}

if __name__ == "__main__":
    pinned.pin = lambda company_id, name: PIN
    intake.serving = SimpleNamespace(find=lambda company_id, name: SimpleNamespace(model=Doubling()))
    run(socket.create_server(("127.0.0.1", int(sys.argv[1]))))
