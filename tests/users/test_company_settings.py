"""A company's settings: what is taken, what is refused, and that each wrong field is named."""

from __future__ import annotations

from typing import Any

import pytest

from platform_core.errors import Conflict, InputInvalid, RecordInvalid
from platform_core.tenancy import company_in_force
from tests.stored import found
from users import company_settings
from users.events import AuditEvent
from users.models import Company

GOOD: list[tuple[str, Any, Any]] = [
    ("name", "  Ünïted ☕ Ltd ", "Ünïted ☕ Ltd"),
    ("slug", "new-slug-2", "new-slug-2"),
    ("time_zone", "Europe/Berlin", "Europe/Berlin"),
    ("time_zone", "UTC", "UTC"),
    ("currency", "EUR", "EUR"),
    ("currency", "XCG", "XCG"),
    ("retention_days", 1, 1),
    ("retention_days", 3650, 3650),
    ("retention_days", 30.0, 30),
    ("packages", [], []),
    (
        "packages",
        [{"name": " MVP ", "monthly_price": "350"}, {"name": "Now", "monthly_price": "0.5", "setup_fee": "399.00"}],
        [
            {"name": "MVP", "monthly_price": "350.00", "setup_fee": None},
            {"name": "Now", "monthly_price": "0.50", "setup_fee": "399.00"},
        ],
    ),
    ("notify_by_email", True, True),
    ("webhook_urls", ["https://hooks.example.com/a?b=1"] * 2, ["https://hooks.example.com/a?b=1"]),
    ("webhook_urls", ["https://93.184.215.14/", "https://[2606:2800:21f::1]:8443/x"], None),
]
PACKAGE = {"name": "A", "monthly_price": "1.00"}
BAD: list[tuple[str, Any]] = [
    *(("name", value) for value in ("", "  ", None, 5, "a\nb", "a\r\nBcc: x@example.com", "a\0b", "x" * 201)),
    *(("slug", value) for value in ("", "A", "a b", "-a", "a-", "a--b", "ä", "x" * 61, 5, "a/b")),
    *(("time_zone", value) for value in ("", "Mars/Base", "europe/berlin", "../../etc/passwd", None, "EUR", 1)),
    *(("currency", value) for value in ("", "eur", "XXX", "XTS", "ANG", "ZWL", "BGN", "EURO", None, 978)),
    *(("retention_days", value) for value in (0, -1, 3651, 1.5, True, "30", None, 10**30)),
    *(("packages", value) for value in ({}, "A:1", None, [1], [{}], [{"name": "A"}], [PACKAGE] * 51)),
    ("packages", [PACKAGE, {**PACKAGE, "name": "a"}]),
    ("packages", [{**PACKAGE, "colour": "red"}]),
    *(
        ("packages", [{**PACKAGE, "monthly_price": value}])
        for value in (1, 1.5, "-1", "1,50", "1.234", "NaN", "1e3", "", " 1", "١", None, "9" * 10)
    ),
    *(("notify_by_email", value) for value in (1, "true", None, [])),
    ("webhook_urls", ["https://example.com/"] * 11),
    ("webhook_urls", "https://example.com/"),
]


@pytest.fixture(autouse=True)
def _for_alice(alice: Company) -> Any:
    with company_in_force(alice.pk):
        yield


@pytest.mark.parametrize(("field", "given", "kept"), GOOD)
def test_a_good_value_is_kept(alice: Company, field: str, given: Any, kept: Any) -> None:
    company_settings.change(company_id=alice.pk, given={field: given})
    assert getattr(Company.objects.get(pk=alice.pk), field) == (given if kept is None else kept)


@pytest.mark.parametrize(("field", "given"), BAD)
def test_a_wrong_value_is_refused_by_name(alice: Company, field: str, given: Any) -> None:
    with pytest.raises(RecordInvalid) as told:
        company_settings.change(company_id=alice.pk, given={"name": "Changed", field: given})
    assert [one.field.split(".")[0] for one in told.value.problems] == [field]
    assert Company.objects.get(pk=alice.pk).name == "Alice's"


PRIVATE = [
    "http://example.com/", "ftp://example.com/", "https://", "https://localhost/", "https://a.localhost/",
    "https://printer.local/", "https://db.internal/", "https://intranet/", "https://127.0.0.1/", "https://127.1/",
    "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://192.168.1.1/", "https://169.254.169.254/latest/", "https://100.64.0.1/", "https://0.0.0.0/",
    "https://224.0.0.1/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
    "https://[fc00::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://user:pass@example.com/", "https://example.com@127.0.0.1/", "https://example.com:0/",
    "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\n", "https://ex\u0430mple.com/",
    "https://example.com\\@127.0.0.1/", "https://127.0.0.1./", "https://localhost./", "https://example.com/#x",
    "javascript:alert(1)", "//example.com/", "https:///x", "https://[::1", "x" * 600, "", 5, None,
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE, ids=lambda value: str(value)[:40])
def test_an_address_within_or_without_encryption_is_refused(alice: Company, address: Any) -> None:
    if isinstance(address, str) and address.endswith("\n"):
        address += "x"
    with pytest.raises(RecordInvalid) as told:
        company_settings.change(company_id=alice.pk, given={"webhook_urls": ["https://example.com/", address]})
    assert told.value.problems[0].field == "webhook_urls.1"


def test_every_wrong_and_every_unknown_field_is_named(alice: Company) -> None:
    with pytest.raises(RecordInvalid) as told:
        company_settings.change(company_id=alice.pk, given={"name": "", "id": 7, "currency": "eur"})
    assert [one.field for one in told.value.problems] == ["name", "id", "currency"]


@pytest.mark.parametrize("slug", ["bob", "demo"])
def test_a_slug_that_is_taken_or_kept_back_is_a_conflict(alice: Company, bob: Company, slug: str) -> None:
    with pytest.raises(Conflict):
        company_settings.change(company_id=alice.pk, given={"slug": slug})
    assert Company.objects.get(pk=alice.pk).slug == "alice"


def test_nothing_given_is_refused(alice: Company) -> None:
    with pytest.raises(InputInvalid):
        company_settings.change(company_id=alice.pk, given={})


def test_what_is_the_same_already_is_no_change(alice: Company) -> None:
    company_settings.change(company_id=alice.pk, given={"name": "Alice's"})
    assert found(AuditEvent, act="company.changed") == []
