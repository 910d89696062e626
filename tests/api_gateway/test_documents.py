"""The two readers of the document work without the web."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from api_gateway.views.documents import REDOC, THEIR_LOGO, redoc_bundle


@pytest.mark.parametrize("path", ["/swagger/", "/redoc/"])
def test_a_reader_loads_only_from_here(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    loaded = re.findall(r'(?:src|href|spec-url)="([^"]*)"', answer.content.decode())
    assert loaded
    assert all(found.startswith(("/", "?")) for found in loaded), loaded
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.content.decode())


def test_redoc_asks_for_no_logo_from_the_web() -> None:
    from django.contrib.staticfiles import finders

    theirs = finders.find(REDOC)
    assert theirs is not None
    with open(theirs, "rb") as file:  # noqa: PTH123
        assert THEIR_LOGO.encode() in file.read(), "the bundle no longer has the logo: the replacement can go"
    assert THEIR_LOGO.encode() not in redoc_bundle()
    answer = Client().get("/redoc/redoc.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "max-age" in answer["Cache-Control"]


def test_swagger_reloads_the_document_once_a_key_is_entered() -> None:
    script = Client().get("/swagger/?script=").content.decode()
    assert '"ApiKey"' in script
    assert '"validatorUrl": null' in script
