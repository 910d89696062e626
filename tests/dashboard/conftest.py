"""A person of Alice's company in a browser, and models that need no training."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.api_gateway.conftest import let_all_serve
from users.models import Company


@pytest.fixture
def browser(alice: Company) -> Client:
    """Alice, signed in."""
    client = Client()
    assert client.login(username="alice@example.com", password="a-Long-pass-1")
    let_all_serve()
    return client
