"""With the managers switched off, the database alone still shows and takes nothing of another company."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from ml_services.models import ModelVersion, TrainingRun
from platform_core import row_security
from platform_core.tenancy import company_in_force, installation_wide, set_company
from tests.stored import made
from users.models import ApiKey, Company, Membership


def raw(sql: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@pytest.fixture
def alices(alice: Company) -> TrainingRun:
    run: TrainingRun = made(TrainingRun, company=alice, predictor="churn")
    return run


def tenant_tables() -> set[str]:
    """Every table of ours with a company in it, whatever model made it."""
    rows = raw(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'company_id' AND table_schema = 'public'"
    )
    return {name for (name,) in rows}


def test_every_table_with_a_company_has_a_forced_policy(db: None) -> None:
    rows = raw(
        "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
        "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = %s",
        row_security.POLICY,
    )
    protected = {name for (name,) in rows}
    assert "users_company" in protected
    assert tenant_tables() - protected == set()


def test_every_table_of_ours_has_a_company_or_a_reason_why_not() -> None:
    without = {"users_company", "users_user", "users_user_groups", "users_user_user_permissions"}
    without |= {"users_attempt", "users_errand"}  # failed sign-ins, by keyed digest; letters on their way, to anybody
    ours = {app.label for app in apps.get_app_configs() if not app.name.startswith(("django.", "rest_framework"))}
    named = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours and "site-packages" not in str(apps.get_app_config(model._meta.app_label).path)
    }
    has_company = {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(one, models.ForeignKey) and one.name == "company" for one in model._meta.get_fields())
    }
    assert named - has_company - without == set()


def test_the_application_role_bypasses_nothing(db: None) -> None:
    assert raw("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]


@pytest.mark.parametrize("sql", ["SELECT company_id FROM {}", "DELETE FROM {} RETURNING company_id"])
def test_bob_alone_with_the_database_reaches_nothing_of_alices(
    sql: str, alices: TrainingRun, alice_api: Any, bob_api: Any, bob: Company
) -> None:
    made(ModelVersion, company=None, predictor="churn", version="shared")
    for table in tenant_tables() - {"users_auditevent"}:
        with company_in_force(bob.pk), transaction.atomic():
            assert {company for (company,) in raw(sql.format(table))} <= (
                {bob.pk, None} if "SELECT" in sql else {bob.pk}
            ), table
            transaction.set_rollback(True)


def test_without_the_managers_bob_counts_only_his_own(alices: TrainingRun, alice: Company, bob: Company) -> None:
    with company_in_force(bob.pk):
        assert models.QuerySet(TrainingRun).count() == 0
        assert list(models.QuerySet(Membership).values_list("company_id", flat=True)) == [bob.pk]
        assert list(models.QuerySet(Company).values_list("slug", flat=True)) == ["bob"]
        assert models.QuerySet(TrainingRun).filter(pk=alices.pk).update(stage="bob") == 0


def test_nothing_is_shown_where_no_company_is_in_force(alices: TrainingRun) -> None:
    set_company(None)
    for model in (TrainingRun, Membership, ApiKey, Company):
        assert models.QuerySet(model).count() == 0


def test_bob_can_write_nothing_into_alices_company(alice: Company, bob: Company) -> None:
    for company in (alice, None):
        with company_in_force(bob.pk), pytest.raises(DatabaseError), transaction.atomic():
            models.QuerySet(ModelVersion).create(company=company, predictor="churn", version="of-bob")


def test_a_company_is_not_that_of_the_next_statement(alices: TrainingRun, alice: Company, bob: Company) -> None:
    with transaction.atomic():
        with company_in_force(alice.pk):
            assert models.QuerySet(TrainingRun).count() == 1
        assert models.QuerySet(TrainingRun).count() == 0
        with company_in_force(bob.pk):
            assert models.QuerySet(TrainingRun).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_connection_carries_no_company_over(alice: Company, bob: Company) -> None:
    with company_in_force(alice.pk):
        assert models.QuerySet(Membership).count() == 1
    with company_in_force(bob.pk):
        assert [row.company_id for row in models.QuerySet(Membership).iterator(chunk_size=1)] == [bob.pk]
    assert raw("SELECT current_setting('app.company_id', true)") in ([("",)], [(None,)])
    assert models.QuerySet(Membership).count() == 0


@pytest.mark.django_db(transaction=True)
def test_threads_with_different_companies_do_not_mix(alice: Company, bob: Company) -> None:
    wrong: list[Any] = []

    def look(company: Company) -> None:
        try:
            for _ in range(50):
                with company_in_force(company.pk):
                    seen = set(models.QuerySet(Membership).values_list("company_id", flat=True))
                    if seen != {company.pk}:
                        wrong.append(seen)
        finally:
            connection.close()

    threads = [threading.Thread(target=look, args=[company]) for company in (alice, bob, alice, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_whole_installation_is_seen_only_within_its_block(alices: TrainingRun, bob: Company) -> None:
    with installation_wide():
        assert models.QuerySet(Company).count() == 2
    assert models.QuerySet(Company).count() == 0


@pytest.fixture
def two_tables(db: None) -> Iterator[None]:
    """A pair of tenant tables, one naming rows of the other with the company in the key."""
    with connection.cursor() as cursor:
        for table in ("first", "second"):
            cursor.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, company_id bigint NOT NULL, first_id bigint)")
        operation = row_security.composite_key("second", "first_id", "first")
        cursor.execute(str(operation.sql))
    yield


def test_a_key_into_another_companys_row_is_refused(two_tables: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO first (id, company_id) VALUES (1, 10)")
        cursor.execute("INSERT INTO second VALUES (1, 10, 1)")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("INSERT INTO second VALUES (2, 20, 1)")
