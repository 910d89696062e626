"""Keys, and other processes that ask with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from users import keys
from users.models import ApiKey, Company

ROOT = Path(__file__).parent.parent.parent


def made(company: Company, **more: Any) -> tuple[ApiKey, str]:
    return keys.create(company=company, name="test", scopes=["predict"], **more)


def elsewhere(script: str, secret: str) -> subprocess.Popen[str]:
    """Another process of ours on the tests' database, given a key on its standard input."""
    start = (
        "import os, sys, time, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'platform_core.settings'\n"
        "django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from users import keys\n"
        "key = sys.stdin.readline().strip()\n"
    )
    pipe = subprocess.PIPE
    found = subprocess.Popen(
        [sys.executable, "-c", start + script], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert found.stdin
    found.stdin.write(secret + "\n")
    found.stdin.flush()
    return found
