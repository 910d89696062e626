"""The fixtures of the API's tests, for what runs over all of it; and what Alice has."""

import pytest

from tests.api_gateway.conftest import all_serve, churn_serves
from tests.conformance import alices_world
from tests.conformance.alices_world import World
from tests.conftest import ApiClient
from users.models import Company

__all__ = ["all_serve", "churn_serves"]


@pytest.fixture
def world(alice: Company, alice_api: ApiClient, churn_serves: None) -> World:
    return alices_world.build(alice, alice_api)
