"""The documents lead somewhere: every link to a file, and every test that is named as a proof, exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))


@cache
def written_in(path: str) -> set[str]:
    found = ROOT / path
    if not found.is_file():
        return set()
    tree = ast.parse(found.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_every_test_that_is_named_exists(doc: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", doc.read_text(encoding="utf-8"))
    gone = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or (name and name not in written_in(path))
    ]
    assert gone == []


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(doc: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", doc.read_text(encoding="utf-8"))
    assert [target for target in targets if not (doc.parent / target).exists()] == []


def test_every_threat_has_a_proof() -> None:
    rows = re.findall(r"^\| T(\d+)\. .*$", (ROOT / "docs/THREAT_MODEL.md").read_text("utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == list(range(1, len(rows) + 1))
    for line in (ROOT / "docs/THREAT_MODEL.md").read_text("utf-8").splitlines():
        if line.startswith("| T"):
            assert "::test_" in line, line[:60]
