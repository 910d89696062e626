"""The faults from the command line: `python -m tests.faults` in the short form, `--long` in the long one; what follows
goes to pytest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """Runs the faults and says what they counted."""
    asked = sys.argv[1:]
    if "--long" in asked:
        asked.remove("--long")
        os.environ["FAULTS"] = "long"
    return int(pytest.main(["-q", "-rs", str(Path(__file__).parent), *asked]))


if __name__ == "__main__":
    sys.exit(main())
