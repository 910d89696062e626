"""Making keys on somebody's word: nobody gives away more than they have."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from platform_core.errors import NotAllowed, NotFound, RecordInvalid
from platform_core.tenancy import company_in_force
from tests.stored import found
from tests.users.people import acting, member, owner_of
from users import key_making, keys
from users.events import AuditEvent
from users.keys import KeyHolder
from users.models import ApiKey, Company, Role, Scope
from users.roles import grantable


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Any:
    with company_in_force(alice.pk):
        yield


def by_key(company: Company, scopes: list[str], expires_at: datetime | None = None) -> KeyHolder:
    _, secret = keys.create(company=company, name="maker", scopes=scopes, expires_at=expires_at)
    holder = keys.recognise(secret)
    assert holder
    return holder


def test_a_person_makes_a_key_that_works(alice: Company) -> None:
    owner = acting(owner_of(alice))
    moment = timezone.now() + timedelta(days=1)
    given = {"name": " shop ", "scopes": ["upload", "predict", "predict"], "expires_at": moment.isoformat()}
    row, secret = key_making.make(given=given, by=owner)
    assert (row.name, row.scopes, row.expires_at) == ("shop", ["predict", "upload"], moment)
    assert (row.created_by, row.created_by_key) == (owner, None)
    holder = keys.recognise(secret)
    assert holder
    assert (holder.company_id, holder.scopes) == (alice.pk, {"predict", "upload"})


WRONG: list[tuple[str, Any]] = [
    *(("name", value) for value in ("", "  ", None, 5, "x" * 101, "a\nb", "a\0")),
    *(("scopes", value) for value in ([], None, "predict", ["king"], [1], [None], ["predict", "root"], {})),
    *(
        ("expires_at", value)
        for value in ("", "tomorrow", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "2030-13-01T00:00:00Z", 5, True,
                      "9999-12-31T23:59:59Z", "2030-01-01")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_field_is_named(alice: Company, field: str, value: Any) -> None:
    given = {"name": "shop", "scopes": ["predict"], field: value}
    with pytest.raises(RecordInvalid) as told:
        key_making.make(given=given, by=acting(owner_of(alice)))
    assert told.value.problems[0].field.split(".")[0] == field
    assert found(ApiKey) == []


def test_missing_and_unknown_fields_are_named(alice: Company) -> None:
    with pytest.raises(RecordInvalid) as told:
        key_making.make(given={"hash": "x"}, by=acting(owner_of(alice)))
    assert {one.field for one in told.value.problems} == {"name", "scopes", "hash"}


def test_a_role_gives_only_scopes_within_itself() -> None:
    assert grantable(Role.OWNER) == grantable(Role.ADMIN) == set(Scope.values)
    assert Scope.ADMIN not in grantable(Role.ANALYST)
    assert Scope.PREDICT in grantable(Role.ANALYST)
    assert Scope.PREDICT not in grantable(Role.VIEWER)
    assert grantable(None) == set()


def test_nobody_gives_a_scope_that_they_do_not_have(alice: Company) -> None:
    analyst = acting(member(alice, Role.ANALYST))
    assert key_making.make(given={"name": "a", "scopes": ["predict"]}, by=analyst)
    for by in (analyst, by_key(alice, ["predict", "upload"])):
        for scope in ("admin", "models"):
            with pytest.raises(NotAllowed):
                key_making.make(given={"name": "a", "scopes": ["predict", scope]}, by=by)


def test_a_key_with_admin_gives_any_scope(alice: Company) -> None:
    maker = by_key(alice, ["admin"])
    row, _ = key_making.make(given={"name": "a", "scopes": list(Scope.values)}, by=maker)
    assert row.created_by_key_id == maker.key_id


def test_no_key_outlives_the_one_that_made_it(alice: Company) -> None:
    moment = timezone.now() + timedelta(days=1)
    maker = by_key(alice, ["admin"], moment)
    for expires_at in (None, (moment + timedelta(seconds=1)).isoformat()):
        with pytest.raises(NotAllowed):
            key_making.make(given={"name": "a", "scopes": ["predict"], "expires_at": expires_at}, by=maker)
    key_making.make(given={"name": "a", "scopes": ["predict"], "expires_at": moment.isoformat()}, by=maker)


def test_revoking_again_changes_nothing(alice: Company) -> None:
    row, _ = key_making.make(given={"name": "a", "scopes": ["predict"]}, by=acting(owner_of(alice)))
    first = key_making.revoke(key_id=row.pk).revoked_at
    assert first is not None
    assert key_making.revoke(key_id=row.pk).revoked_at == first
    assert [event.act for event in found(AuditEvent, subject=f"key:{row.pk}")] == ["key.created", "key.revoked"]


def test_another_companys_key_is_not_there(alice: Company, bob: Company) -> None:
    row, secret = keys.create(company=bob, name="bobs", scopes=["predict"])
    with pytest.raises(NotFound):
        key_making.revoke(key_id=row.pk)
    assert list(keys.keys_of_company()) == []
    assert keys.recognise(secret)
