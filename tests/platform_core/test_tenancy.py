"""Whose data: a query without a company raises, and one company's never shows another's."""

from __future__ import annotations

import pytest

from ml_services.models import ModelVersion, TrainingRun
from platform_core.errors import NoCompanyInForce
from platform_core.tenancy import company_in_force, current_company
from tests.stored import made
from users.models import ApiKey, Company


@pytest.mark.parametrize("model", [ApiKey, TrainingRun, ModelVersion])
def test_a_query_with_no_company_in_force_raises(model: type) -> None:
    with pytest.raises(NoCompanyInForce):
        model.objects.count()


def test_each_company_sees_its_own_rows(alice: Company, bob: Company) -> None:
    for company in (alice, bob):
        made(TrainingRun, company=company, predictor=f"of-{company.slug}")
    with company_in_force(bob.pk):
        assert [run.predictor for run in TrainingRun.objects.all()] == ["of-bob"]


def test_shared_versions_are_seen_by_all_and_others_own_are_not(alice: Company, bob: Company) -> None:
    for company, version in ((alice, "a"), (bob, "b"), (None, "shared")):
        made(ModelVersion, company=company, predictor="churn", version=version)
    with company_in_force(bob.pk):
        assert {row.version for row in ModelVersion.objects.all()} == {"b", "shared"}


def test_leaving_the_block_takes_the_company_out_of_force(alice: Company) -> None:
    with company_in_force(alice.pk):
        assert current_company() == alice.pk
    with pytest.raises(NoCompanyInForce):
        current_company()
