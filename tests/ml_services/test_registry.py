"""A predictor module that is broken, or there twice, stops the start with one line that names it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ml_services import predictors, registry
from ml_services.base import Predictor
from platform_core.errors import NotFound, SettingInvalid

ROOT = Path(__file__).parents[2]
SOUND = '''
"""Planted."""
from ml_services.base import Field, Output, Predictor

class Planted(Predictor):
    name = "planted"
    title = "Planted"
    question = "Is it found?"
    grain = "row"
    task = "binary"
    inputs = (Field("age", "number"),)
    outputs = (Output("probability", "number"),)

    def train(self, data, options, progress=None):
        raise NotImplementedError
'''
START_WITH = """
import sys
from ml_services import predictors
predictors.__path__.append(sys.argv.pop(1))
import manage
sys.exit(manage.main())
"""
Found = Callable[..., dict[str, Predictor]]


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Found]:
    """The predictors of a folder that holds these modules alone."""
    monkeypatch.setattr(predictors, "__path__", [str(tmp_path)])

    def look(**sources: str) -> dict[str, Predictor]:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        return dict(registry.all_predictors.__wrapped__())

    yield look
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(f"{predictors.__name__}.{path.stem}", None)


def test_a_new_file_in_the_folder_is_all_that_a_predictor_needs(found: Found) -> None:
    assert list(found(planted_sound=SOUND)) == ["planted"]


def test_two_predictors_of_one_name_are_refused_naming_both(found: Found) -> None:
    with pytest.raises(SettingInvalid, match=r"Two predictors are named planted: in .*planted_a and in .*planted_b"):
        found(planted_a=SOUND, planted_b=SOUND)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Planted(", "cannot be loaded: SyntaxError"),
        ("import no_such_library", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_library'"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ('"""Nothing here."""', "must declare one predictor; it declares 0"),
        (SOUND + "\nclass Second(Planted):\n    name = 'second'\n", "must declare one predictor; it declares 2"),
        (SOUND.replace('    task = "binary"\n', ""), "does not say its task"),
        (SOUND.replace("def train", "def learn"), "does not say its train"),
        (SOUND + "\n    def __init__(self):\n        raise RuntimeError('no disk')\n", "cannot be made: RuntimeError"),
        (SOUND.replace('"planted"', '"Planted model"'), "has the name 'Planted model'"),
        (SOUND.replace('"row"', '"line"'), "has the grain 'line'; there are row"),
        (SOUND.replace('(Field("age", "number"),)', '("age",)'), "has an input that is no Field"),
        (SOUND.replace('number"),)', 'number"), Field("age", "text"))', 1), "declares the input 'age' twice"),
        (SOUND + '\n    parts = ("churn",)\n', "joins churn, which there is not"),
    ],
)
def test_a_broken_module_is_refused_naming_it_and_what_is_wrong(found: Found, source: str, said: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        found(planted_broken=source)
    assert said in refused.value.detail
    assert "planted" in refused.value.detail


@pytest.mark.parametrize("source", [SOUND.replace('"planted"', '"churn"'), "class Planted("])
def test_the_start_stops_with_one_line_and_no_traceback(tmp_path: Path, source: str) -> None:
    (tmp_path / "planted.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", START_WITH, str(tmp_path), "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert "ml_services.predictors.planted" in done.stderr


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match=r"There is no predictor 'chrun'; there are .*churn"):
        registry.predictor("chrun")
