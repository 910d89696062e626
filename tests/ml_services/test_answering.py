"""What is answered is kept first: with its version, whose it is in the caller's words, and without who it is."""

from __future__ import annotations

from typing import Any

import pytest

from ml_services import answering, serving
from ml_services.base import Field
from platform_core.errors import DatabaseUnavailable, RecordInvalid
from platform_core.tenancy import company_in_force
from request_logs import ledger
from request_logs.models import Prediction
from tests.api_gateway.conftest import FIELDS, Canned
from tests.ml_services.test_serving import version
from users.asking import Asker
from users.models import Company


def who(company: Company) -> Asker:
    return Asker("key", 7, "key 7", company.pk)


def ask(company: Company, record: dict[str, Any], *, explain: bool = False) -> tuple[dict[str, Any], Prediction]:
    with company_in_force(company.pk):
        answer = answering.answer_one(who(company), company.pk, "churn", record, explain=explain)
        row: Prediction = Prediction.objects.get(pk=answer["prediction_id"])
    return answer, row


def test_an_answer_is_in_the_ledger_as_it_was_given(alice: Company) -> None:
    version(alice, "v1", 3.0)
    answer, row = ask(alice, {"amount": 1})
    assert (row.predictor, row.version, row.version_company) == ("churn", "v1", alice.pk)
    assert (row.asker_kind, row.asker_id, row.company_id) == ("key", 7, alice.pk)
    assert row.input == {"amount": 1}
    assert row.output == {"probability": answer["probability"]}
    assert (row.raw, row.reasons, row.redacted) == (None, None, [])
    assert row.latency_ms > 0


def test_a_shared_version_is_kept_as_shared(alice: Company) -> None:
    version(None, "shared", 2.0)
    assert ask(alice, {"amount": 1})[1].version_company is None


def test_a_bad_record_among_good_ones_stands_in_its_place_and_is_not_kept(alice: Company) -> None:
    version(alice, "v1", 3.0)
    records: list[dict[str, Any]] = [{"amount": 1}, {"amount": "x"}, {"amount": 2}, {"amount": 3, "external_id": 4}]
    with company_in_force(alice.pk):
        first, second, third, fourth = answering.answer_many(who(alice), alice.pk, "churn", records, explain=False)
        kept = list(Prediction.objects.order_by("id"))
    assert isinstance(second, RecordInvalid)
    assert isinstance(fourth, RecordInvalid)
    assert (first["probability"], third["probability"]) == (3.0, 6.0)
    assert [str(row.pk) for row in kept] == [first["prediction_id"], third["prediction_id"]]
    assert [row.input["amount"] for row in kept] == [1, 2]


def test_an_answer_that_cannot_be_kept_is_not_given(alice: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    version(alice, "v1", 3.0)

    def away(entries: Any) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(ledger, "keep", away)
    with pytest.raises(DatabaseUnavailable):
        ask(alice, {"amount": 1})


def test_the_callers_own_id_is_kept_and_not_shown_to_the_model(alice: Company) -> None:
    version(alice, "v1", 3.0)
    row = ask(alice, {"amount": 1, "external_id": "crm-77"})[1]
    assert row.external_id == "crm-77"
    assert row.input == {"amount": 1}


@pytest.mark.parametrize("wrong", ["", "x" * 201, 5, None, True, ["a"], "a\0b"])
def test_a_wrong_id_is_named_beside_the_other_problems(alice: Company, wrong: Any) -> None:
    version(alice, "v1", 3.0)
    with pytest.raises(RecordInvalid) as caught:
        ask(alice, {"amount": "x", "external_id": wrong})
    assert {problem.field for problem in caught.value.problems} == {"amount", "external_id"}


class WithColumns(Canned):
    """Learned from a file with a column of ids and one of names, neither of which it looks at."""

    extras = frozenset({"customerID", "nickname"})

    def answer(self, record: Any, *, explain: bool) -> dict[str, Any]:
        return super().answer({k: v for k, v in record.items() if k not in self.extras}, explain=explain)


def let_answer(fields: tuple[Field, ...] = FIELDS) -> None:
    from ml_services import registry

    churn = registry.predictor("churn")
    info = {"name": "churn", "version": "v1", "trained_at": None, "evidence": "full"}
    serving._state["known"] = True
    model = WithColumns(fields, churn.outputs)
    serving._slots[(None, "churn")] = serving.Slot(churn, model, info, id_column="customerID")


def test_the_id_column_of_what_it_learned_from_says_whose_it_is_and_unused_columns_are_not_kept(alice: Company) -> None:
    let_answer()
    row = ask(alice, {"tenure_months": 3, "contract": "monthly", "customerID": "7590-VHVEG", "nickname": "Bea"})[1]
    assert row.external_id == "7590-VHVEG"
    assert set(row.input) == {"tenure_months", "contract"}


def test_a_personal_value_is_kept_as_a_digest_of_the_companys_own(alice: Company, bob: Company) -> None:
    let_answer((*FIELDS, Field("email", "text", personal=True)))
    record = {"tenure_months": 3, "contract": "monthly", "email": "Ann@Example.com"}
    row, other = ask(alice, record)[1], ask(bob, record)[1]
    assert row.redacted == ["email"]
    assert set(row.input["email"]) == {"redacted"}
    assert row.input["email"] != other.input["email"]
    assert "ann" not in str(row.input).lower()


def test_with_reasons_raw_and_reasons_are_kept(alice: Company) -> None:
    let_answer()
    answer, row = ask(alice, {"tenure_months": 3, "contract": "monthly"}, explain=True)
    assert (row.raw, row.base, row.reasons) == (answer["raw"], answer["base"], answer["reasons"])


def test_a_nul_in_a_text_is_kept_as_its_replacement(alice: Company) -> None:
    let_answer((Field("text", "text"),))
    assert ask(alice, {"text": "a\0b \\u0000 c"})[1].input == {"text": "a\ufffdb \\u0000 c"}


def test_one_company_does_not_see_what_another_asked(alice: Company, bob: Company) -> None:
    version(None, "shared", 2.0)
    ask(alice, {"amount": 1})
    with company_in_force(bob.pk):
        assert not Prediction.objects.exists()
