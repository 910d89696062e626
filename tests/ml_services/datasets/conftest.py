"""What the tests of frames share."""

from __future__ import annotations

import pytest

from platform_core.tenancy import company_in_force
from tests.ml_services.datasets.shop import SET_UP, filled, with_leads
from users.models import Company


@pytest.fixture
def shop(alice: Company) -> Company:
    filled(alice)
    with_leads(alice)
    alice.packages = SET_UP
    with company_in_force(alice.pk):
        alice.save(update_fields=["packages"])
    return alice
