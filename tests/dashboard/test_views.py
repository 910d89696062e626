"""The pages: who may see them, what they say, and the form that asks a predictor."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from ml_services import registry, serving
from ml_services.base import Field, TrainingOptions
from ml_services.models import ModelVersion
from ml_services.training import train_tabular
from tests.api_gateway.conftest import let_serve
from tests.ml_services.synthetic import customers, data
from tests.stored import made
from users.models import Company, User

CHURN = "/predictors/churn/"
ODD = (
    Field('Monthly "Charges" <€>', "number", example=3.5),
    Field("Plan", "category", choices=("a&b", "c"), closed=True),
)


def text_of(response: object) -> str:
    return unescape(response.content.decode())  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/", CHURN])
def test_nobody_is_sent_to_sign_in_and_back(db: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={path}")


def test_signing_in_leads_where_one_wanted_to_go(alice: Company) -> None:
    given = {"username": "ALICE@example.com", "password": "a-Long-pass-1", "next": CHURN}
    answer = Client().post("/sign-in/", given)
    assert (answer.status_code, answer["Location"]) == (302, CHURN)


def test_signing_in_leads_to_no_other_site(alice: Company) -> None:
    given = {"username": "alice@example.com", "password": "a-Long-pass-1", "next": "https://evil.example/"}
    assert Client().post("/sign-in/", given)["Location"] == "/"


@pytest.mark.parametrize("who", ["alice@example.com", "nobody@example.com", "a\0b@example.com"])
def test_a_wrong_sign_in_keeps_the_address_and_says_so(alice: Company, who: str) -> None:
    answer = Client().post("/sign-in/", {"username": who, "password": "wrong"})
    assert answer.status_code == 200
    assert 'role="alert"' in text_of(answer) or "wrong" in text_of(answer)


def test_signing_out_takes_a_form_not_a_link(browser: Client) -> None:
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/").status_code == 302


def test_a_person_without_a_company_is_told_so(db: None) -> None:
    User.objects.create_user("loner@example.com", "a-Long-pass-1")
    client = Client()
    client.login(username="loner@example.com", password="a-Long-pass-1")
    answer = client.get("/")
    assert answer.status_code == 403
    assert "You belong to no company" in text_of(answer)


def test_home_names_every_predictor_and_what_serves(browser: Client) -> None:
    page = text_of(browser.get("/"))
    for predictor in registry.all_predictors().values():
        assert predictor.title in page
    assert "Alice's" in page
    assert "sample model" in page


def test_home_says_where_nothing_serves(browser: Client) -> None:
    del serving._slots[(None, "churn")]
    assert "train_models churn" in text_of(browser.get("/"))


def test_a_predictor_that_is_not_there_is_a_friendly_404(browser: Client) -> None:
    answer = browser.get("/predictors/nothing/")
    assert answer.status_code == 404
    assert "Nothing here" in text_of(answer)


def test_the_form_asks_for_the_fields_of_the_serving_version_and_is_answered(browser: Client) -> None:
    page = text_of(browser.get(CHURN))
    given = dict(re.findall(r'<input type="text" name="(f\d+)" value="([^"]*)"', page))
    given |= dict(re.findall(r'<select name="(f\d+)".*?<option value="([^"]*)" selected>', page, re.DOTALL))
    assert len(given) == len(registry.predictor("churn").inputs)
    answered = text_of(browser.post(CHURN, given))
    assert "50.0 %" in answered
    assert "lowers it" in answered
    assert 'class="down"' in answered


def test_every_predictor_answers_its_own_example(browser: Client) -> None:
    for name in registry.all_predictors():
        page = browser.get(f"/predictors/{name}/")
        form = page.context["form"]
        given = {field: str(form.initial[field]) for field in form.fields}
        answered = text_of(browser.post(f"/predictors/{name}/", given))
        assert "Not answered" not in answered, name
        assert "evidence" in answered


def test_a_wrong_value_is_told_beside_its_field_and_kept(browser: Client) -> None:
    page = text_of(browser.post(CHURN, {"f0": "<b>many</b>"}))
    assert "must be a number" in page
    assert "is required" in page
    assert 'value="<b>many</b>"' in page
    assert "<b>many</b>" not in browser.post(CHURN, {"f0": "<b>many</b>"}).content.decode()


def test_columns_of_any_name_can_be_asked_about(browser: Client) -> None:
    let_serve(registry.predictor("churn"), ODD)
    page = browser.get(CHURN)
    assert 'Monthly "Charges" <€>' in text_of(page)
    assert "<€>" not in page.content.decode()
    assert "50.0 %" in text_of(browser.post(CHURN, {"f0": "7,5", "f1": "a&b"}))


def test_the_card_of_what_serves_is_shown(alice: Company, browser: Client) -> None:
    card = {
        "metrics": {"roc_auc": 0.81, "roc_auc_low": 0.7, "roc_auc_high": 0.9},
        "data": {"name": "mine.csv", "rows": 1234, "columns": 2},
        "columns": [{"name": "secret_note", "kind": "text", "used": False, "reason": "all different"}],
        "candidates": [{"name": "lightgbm", "metrics": {"roc_auc": 0.8}, "fit_s": 1.0}],
        "champion": "lightgbm",
        "calibration_table": [{"from": 0, "to": 0.5, "said": 0.2, "came": 0.25, "rows": 10}],
        "strongest_features": [{"feature": "tenure_months", "effect": 0.4}],
    }
    made(ModelVersion, company=None, predictor="churn", version="v1", evidence="standard", card=card, serving=True)
    page = text_of(browser.get(CHURN))
    for shown in ("mine.csv", "1,234", "0.810", "0.700 to 0.900", "all different", "LightGBM", "25.0 %"):
        assert shown in page


def test_the_card_of_a_training_that_asks_about_a_column_is_shown(alice: Company, browser: Client) -> None:
    columns = customers(600)
    columns["outcome"] = ["gone" if value == "yes" else "here" for value in columns["left"]]
    options = TrainingOptions(target="left", allow_leaky=("outcome",), budget_s=5.0)
    card = train_tabular(registry.predictor("churn"), data(columns), options).card
    assert card["asked_about"]
    made(ModelVersion, company=alice, predictor="churn", version="v1", evidence="standard", card=card, serving=True)
    answer = browser.get(CHURN)
    assert answer.status_code == 200
    assert "Is this known when you predict? outcome" in re.sub(r"<[^>]*>", "", text_of(answer))
    assert card["asked_about"][0]["reason"] in text_of(answer)


def test_pages_hold_no_inline_script_or_style(browser: Client) -> None:
    for path in ("/", CHURN, "/sign-in/", "/nothing/"):
        page = browser.get(path, follow=True).content.decode()
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page), path


def test_another_companys_version_is_not_shown(alice: Company, bob: Company, browser: Client) -> None:
    made(
        ModelVersion,
        company=bob,
        predictor="churn",
        version="bobs",
        evidence="full",
        card={"data": {"name": "bobs.csv"}},
        serving=True,
    )
    assert "bobs" not in text_of(browser.get(CHURN))
    assert "bobs" not in text_of(browser.get("/"))
