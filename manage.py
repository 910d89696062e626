#!/usr/bin/env python3
"""The installation's command line: `python manage.py help` lists the commands."""

import errno
import os
import sys

OLDEST_PYTHON = (3, 11)
WITHOUT_DATABASE = {"db", "help", "check", "collectstatic", "make_sample_data", "spectacular", "--version", "version"}


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        print(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed; this is {sys.version.split()[0]}.")
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        print("Django is not installed in this Python. Run `make setup`, then use .venv/bin/python.")
        return 1
    from platform_core.errors import PlatformError

    try:
        if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE:
            from platform_core import database

            database.ensure()
        execute_from_command_line(sys.argv)
    except PlatformError as problem:
        print(f"error: {problem.detail}", file=sys.stderr)
        return 1
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        print(f"error: The disk is full: {problem.filename or 'a file'} cannot be written.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
