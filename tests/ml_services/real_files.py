"""The real files that some tests read, where they are present."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from file_uploads.reading import open_table

ROOT = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


def real_table(name: str) -> pa.Table:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"the real file {name} is not on this machine")
    return open_table(path).read()
