"""README names what there is: every setting, predictor and command, and nothing it links to is missing."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

from ml_services import registry
from platform_core import env

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_named() -> None:
    assert [name for name in env.SETTINGS if f"`{name}`" not in TEXT] == []


def test_every_predictor_is_named() -> None:
    assert [name for name in registry.all_predictors() if f"`{name}`" not in TEXT] == []


def test_every_command_of_ours_is_named() -> None:
    ours = [name for name, app in get_commands().items() if app == "platform_core"]
    assert ours
    assert [name for name in ours if f"`{name}" not in TEXT] == []


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_no_placeholder_is_left() -> None:
    assert "<!--" not in TEXT
