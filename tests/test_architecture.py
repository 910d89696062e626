"""The house keeps its rules: budgets, names, rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "platform_core", "users", "api_gateway", "ml_services", "connectors", "file_uploads", "request_logs", "dashboard",
}  # fmt: skip
OTHER_FOLDERS = {"models_store", "sample_data", "tests", "docs", "benchmarks", "var"}
TOP_FILES = {
    "manage.py", "requirements.txt", "requirements-dev.txt", "Dockerfile", "docker-compose.yml", "README.md",
    "Makefile", "pyproject.toml", "CHANGELOG.md",
}  # fmt: skip
FILE_BUDGET, FILE_HARD = 200, 300
FUNCTION_HARD = 50
BANNED = {"utils", "helpers", "common", "manager", "misc"}


def sources() -> list[Path]:
    return sorted(
        path
        for room in [*ROOMS, "tests", "benchmarks"]
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    )


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_stays_within_its_budget(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > FILE_BUDGET:
        assert len(lines) <= FILE_HARD, f"{len(lines)} lines"
        assert lines[0].startswith("#") and "200 lines" in lines[0], "over budget without a reason on its first line"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_stays_within_its_budget(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= FUNCTION_HARD, f"{node.name} has {length} lines"


def test_modules_are_named_after_what_they_hold() -> None:
    assert [str(path) for path in sources() if path.stem in BANNED] == []


def test_the_top_level_is_fixed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in listed.splitlines()}
    strays = {top for top in tops if not top.startswith(".")} - ROOMS - OTHER_FOLDERS - TOP_FILES
    assert strays == set()


def test_public_modules_say_what_they_are() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.parts[len(ROOT.parts)] in ROOMS and "os.environ.get(" in path.read_text(encoding="utf-8")
    ]
    assert readers == ["platform_core/env.py"]


def test_artifacts_are_loaded_in_one_place() -> None:
    loaders = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.parts[len(ROOT.parts)] in ROOMS and "joblib.load(" in path.read_text(encoding="utf-8")
    ]
    assert loaders == ["ml_services/artifacts.py"]


def test_starting_the_web_parent_imports_no_machine_learning() -> None:
    script = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'platform_core.settings'\n"
        "import django; django.setup()\n"
        "import platform_core.urls, platform_core.management.commands.serve\n"
        "print([name for name in ('sklearn', 'xgboost', 'lightgbm', 'pandas', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
