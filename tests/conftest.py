"""What every test may use: two companies, Alice's and Bob's, so that a leak shows; no network; no kept models."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, TransactionTestCase

from api_gateway.limits import gate
from ml_services import serving
from platform_core.tenancy import set_company
from users import keys
from users.models import Company, Scope
from users.services import create_company

_empty_tables = TransactionTestCase._fixture_teardown


def _empty_tables_and_audit(self: TransactionTestCase) -> None:
    """Tests on several connections leave rows that the next must not see, and the audit lets nobody empty it."""
    switch = "ALTER TABLE users_auditevent {} TRIGGER users_auditevent_for_good"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
        _empty_tables(self)
        cursor.execute(switch.format("ENABLE ALWAYS"))


TransactionTestCase._fixture_teardown = _empty_tables_and_audit  # TestCase, which rolls back, has its own
LOCAL = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _nothing_kept(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Models and keys of one test are not those of the next, and artifacts go to a folder of the test's own."""
    settings.FILES_ROOT = tmp_path / "files"
    folder = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        **{name: {"BACKEND": folder, "OPTIONS": {"location": tmp_path / name}} for name in ("models", "files")},
    }
    # Each client would list all static files; each person would cost a tenth of a second of Argon2.
    settings.WHITENOISE_USE_FINDERS = False
    # Tests of limits set their own.
    settings.LIMITS = {}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    serving.forget()
    keys.forget()
    gate.forget()
    set_company(None)


@pytest.fixture(autouse=True)
def _own_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CACHE_URL names a Redis, each test counts under a name of its own, and empties nobody's."""
    if django_settings.CACHE_URL:
        monkeypatch.setattr("api_gateway.limits.redis.PREFIX", f"{{{uuid.uuid4()}}}:")


@pytest.fixture
def alice(db: None) -> Company:
    """Alice's company."""
    return create_company(name="Alice's", slug="alice", owner_email="alice@example.com", password="a-Long-pass-1")[0]


@pytest.fixture
def bob(db: None) -> Company:
    """Bob's company, which must never see anything of Alice's."""
    return create_company(name="Bob's", slug="bob", owner_email="bob@example.com", password="b-Long-pass-2")[0]


class ApiClient(Client):
    """Django's test client, sending JSON with an API key."""

    def __init__(self, company: Company, scopes: list[str]) -> None:
        super().__init__(headers={"X-API-Key": keys.create(company=company, name="test", scopes=scopes)[1]})

    def post_json(self, path: str, body: Any) -> Any:
        return self.post(path, body, content_type="application/json")


@pytest.fixture
def alice_api(alice: Company) -> ApiClient:
    """A client with a key of Alice's that may do everything."""
    return ApiClient(alice, list(Scope.values))


@pytest.fixture
def bob_api(bob: Company) -> ApiClient:
    """A client with a key of Bob's that may do everything."""
    return ApiClient(bob, list(Scope.values))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses the database, so that it can be run again on another server."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"db", "transactional_db", "django_db_setup", "live_server"}:
            item.add_marker("database")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are called by their argument and numbered: their content may hold the time (gzip does), and the two
    processes that run the tests must call a test the same."""
    return argname if isinstance(val, bytes) else None
