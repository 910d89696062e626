"""`check_drift`: prints a verdict for each predictor, and its exit code says whether something drifted."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import call_command

from platform_core.errors import InputInvalid, NotFound
from tests.ml_services.drift import windows
from tests.ml_services.drift.windows import fill, records, scores, version
from users.models import Company


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "NOW", datetime.now(windows.UTC))


def check(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = StringIO()
    try:
        call_command("check_drift", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_drift_ends_with_3_and_says_what_moved(alice: Company, bob: Company) -> None:
    version(alice)
    fill(alice, records(300, 5), scores(300, 6, lower=6.0))
    code, text = check("--company", "alice")
    assert code == 3
    assert "churn           drift          300 predictions of v1" in text
    assert "Scores moved: " in text
    assert "clv             unknown" in text
    assert check("--company", "bob", "churn")[0] == 0


def test_unknown_is_said_and_ends_with_0(alice: Company) -> None:
    version(alice)
    code, text = check("churn", "--company", "alice", "--days", "7")
    assert (code, "unknown" in text, "at least 200 are needed" in text) == (0, True, True)


def test_what_cannot_be_is_refused(alice: Company) -> None:
    with pytest.raises(InputInvalid, match="from 1 to 366"):
        check("churn", "--days", "0")
    with pytest.raises(NotFound):
        check("nothing")
    with pytest.raises(NotFound):
        check("--company", "nobody")
