"""A file whose columns are not understood: chosen on a page, without sending it again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from file_uploads.batch import choosing, incoming, store
from file_uploads.models import BatchJob
from ml_services.base import Field
from platform_core.errors import RecordInvalid
from tests.api_gateway.test_uploads import text
from tests.dashboard.test_uploads import LIST, send
from tests.dashboard.test_views import text_of
from tests.file_uploads.batch.conftest import Queue, doubling, queue, rows, texts
from tests.stored import found
from users.models import Company

__all__ = ["doubling", "queue"]
FOREIGN = ["id", "Sum <b>", "name"]
pytestmark = pytest.mark.usefixtures("doubling")


@pytest.fixture
def page(browser: Client, queue: Queue) -> str:
    """The address of the choice for a file without the column that is needed."""
    answer = send(browser, text(rows(5), FOREIGN), explain="on", format="parquet")
    assert answer.status_code == 302
    assert found(BatchJob) == []
    return str(answer["Location"])


def test_what_is_lacking_is_asked_for_by_the_files_own_columns(browser: Client, page: str) -> None:
    assert page.startswith("/files/columns/?sha256=")
    asked = text_of(browser.get(page))
    assert "Amount due" in asked or "amount_due" in asked
    assert '<option value="Sum &lt;b&gt;">' in browser.get(page).content.decode()
    assert "leads.csv" in asked


def test_the_chosen_column_predicts_the_kept_file_as_it_was_asked(browser: Client, page: str, queue: Queue) -> None:
    answer = browser.post(page, {"c0": "Sum <b>"})
    assert answer.status_code == 302, text_of(answer)
    queue.drain()
    (job,) = found(BatchJob)
    assert (job.rows_done, job.explain, job.result_format) == (5, True, "parquet")
    assert list(job.mapping) == ["Sum <b>"]
    shown = text_of(browser.get(answer["Location"]))
    assert "<td>Sum <b></td>" in shown
    assert "was taken for" not in shown, "it is told once"


@pytest.mark.parametrize(("given", "said"), [("", "Choose the column"), ("nothing", "no such column")])
def test_a_wrong_choice_is_told_beside_its_field(given: str, said: str, browser: Client, page: str) -> None:
    answer = browser.post(page, {"c0": given})
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert found(BatchJob) == []


def test_what_looks_alike_is_chosen_already() -> None:
    fields = (Field("email", "text"), Field("amount", "number"), Field("plan", "text", required=False))
    chosen = choosing.choices(("E-Mail", "Revenue", "x"), fields)
    assert [(one.field.name, one.column, one.found) for one in chosen] == [
        ("email", "E-Mail", True), ("amount", "Revenue", False), ("plan", "", False)
    ]  # fmt: skip


def test_one_column_is_not_two_fields() -> None:
    fields = (Field("email", "text"), Field("amount", "number"))
    file = choosing.HeldFile("a.csv", ("x", "y"), choosing.choices(("x", "y"), fields))
    with pytest.raises(RecordInvalid, match="chosen for email too"):
        choosing.mapping_of(file, {"email": "x", "amount": "x"})


def test_the_page_leads_to_results_only_the_columns_gave(browser: Client, queue: Queue) -> None:
    page = send(browser, text(rows(3), FOREIGN))["Location"]
    browser.post(page, {"c0": "Sum <b>"})
    queue.drain()
    (job,) = found(BatchJob)
    assert texts(job, "results.csv")[0][:3] == FOREIGN


def test_a_file_that_is_no_longer_kept_is_to_be_sent_again(browser: Client, page: str, alice: Company) -> None:
    for name in store.names(alice.pk, incoming.HELD):
        store.remove(store.key(alice.pk, incoming.HELD, name))
    answer = browser.get(page, follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    assert "Send the file" in text_of(answer)


@pytest.mark.parametrize("query", ["", "sha256=../../x&predictor=churn&format=csv", "predictor=nothing&format=csv"])
def test_an_address_made_by_hand_leads_nowhere(query: str, browser: Client) -> None:
    assert browser.get(f"/files/columns/?{query}").status_code in {302, 404}


def test_alices_kept_file_is_not_bobs_to_choose_for(page: str, bob: Company) -> None:
    client = Client()
    assert client.login(username="bob@example.com", password="b-Long-pass-2")
    assert client.get(page).status_code == 302
    assert client.post(page, {"c0": "Sum <b>"}).status_code == 302
    assert found(BatchJob) == []


def test_a_file_with_very_many_columns_is_asked_by_typing(browser: Client, queue: Queue, monkeypatch: Any) -> None:
    monkeypatch.setattr("dashboard.upload_forms.MOST_OPTIONS", 2)
    page = send(browser, text(rows(3), FOREIGN))["Location"]
    asked = text_of(browser.get(page))
    assert '<input type="text" name="c0"' in asked
    assert "<option" not in asked
    assert browser.post(page, {"c0": "Sum <b>"}).status_code == 302
