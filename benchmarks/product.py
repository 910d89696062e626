"""Serves what is trained on a port, as `manage.py serve` does, without migrating, sample models and demo data.

python -m benchmarks.product PORT
"""

from __future__ import annotations

import os
import sys

HIGH = "1000000000"


def prepare() -> None:
    """Sets Django up on this installation's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
    from platform_core import database, env

    # The limits count as always, and are too high to refuse a load.
    for name, setting in env.SETTINGS.items():
        if name.startswith("LIMIT_") and setting.default:
            os.environ.setdefault(name, HIGH)
    database.ensure()
    import django

    django.setup()


def serve(port: int) -> None:
    """Serves until a signal ends it."""
    from platform_core.management.commands.serve import bind
    from platform_core.server import run

    run(bind("127.0.0.1", port))


def main() -> None:
    prepare()
    serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
