"""Bodies: what is not plain JSON in UTF-8, of a sane size and depth, is refused with a reason."""

from __future__ import annotations

import io
import time
from typing import Any

import msgspec
import pytest
from django.core import signals
from django.test import RequestFactory
from rest_framework.exceptions import ParseError

from api_gateway.parsers import StrictJSONParser
from tests.api_gateway.asking import CHURN, GOOD, post, refused
from tests.conftest import ApiClient
from users import keys
from users.models import Company

pytestmark = pytest.mark.usefixtures("churn_serves")

NOT_JSON = {
    "blanks": b" \n",
    "cut short": b'{"tenure_months": 3',
    "single quotes": b"{'tenure_months': 3}",
    "trailing text": b"{} and more",
    "trailing comma": b'{"tenure_months": 3,}',
    "NaN": b'{"tenure_months": NaN}',
    "Infinity": b'{"tenure_months": -Infinity}',
    "too large a number": b'{"tenure_months": 1e400}',
    "far too long an integer": b'{"tenure_months": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"tenure_months": 3}'.encode("utf-16"),
    "UTF-16 without a mark": '{"tenure_months": 3}'.encode("utf-16-le"),
    "UTF-32": '{"tenure_months": 3}'.encode("utf-32"),
    "Latin-1": '{"contract": "jährlich"}'.encode("latin-1"),
    "half a surrogate pair": b'{"contract": "\\ud800"}',
    "a raw NUL": b'{"contract": "\x00"}',
    "a picture": b"\x89PNG\r\n\x1a\n",
    "100,000 lists": b"[" * 100_000,
    "100,000 objects": b'{"a":' * 100_000,
    "closed deep lists": b"[" * 300 + b"]" * 300,
    "deep and mixed": b'[{"a":' * 200 + b"1" + b"}]" * 200,
    "deep in a field": b'{"contract":' + b"[" * 30 + b"]" * 30 + b"}",
}


@pytest.mark.parametrize("raw", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused(alice_api: ApiClient, raw: bytes) -> None:
    refused(post(alice_api, raw), 400, "parse_error")


@pytest.mark.parametrize("raw", ["null", "[]", "7", '"text"', "true", f"[{msgspec.json.encode(GOOD).decode()}]"])
def test_a_body_that_is_no_object_is_refused(alice_api: ApiClient, raw: str) -> None:
    refused(post(alice_api, raw), 400, "invalid")


def test_of_a_key_given_twice_the_last_one_counts(alice_api: ApiClient) -> None:
    assert post(alice_api, b'{"tenure_months": -1, "contract": "monthly", "tenure_months": 3}').status_code == 200


def test_a_byte_order_mark_is_skipped(alice_api: ApiClient) -> None:
    assert post(alice_api, b"\xef\xbb\xbf" + msgspec.json.encode(GOOD)).status_code == 200


def test_a_body_too_large_is_413(alice_api: ApiClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    refused(post(alice_api, b'{"contract": "' + b"x" * 2000 + b'"}'), 413, "too_large")


KINDS = [
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
    "application/xml",
    "text/json",
    "multipart/form-data",
    "\t",
]


@pytest.mark.parametrize("kind", KINDS)
def test_another_kind_of_body_is_415_and_says_which_is_taken(alice_api: ApiClient, kind: str) -> None:
    errors = refused(post(alice_api, msgspec.json.encode(GOOD), kind), 415, "unsupported_media_type")
    assert "application/json" in str(errors[0]["detail"])


def test_a_compressed_body_is_415(alice_api: ApiClient) -> None:
    refused(post(alice_api, b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;"])
def test_the_content_type_may_have_parameters_and_any_case(alice_api: ApiClient, kind: str) -> None:
    assert post(alice_api, msgspec.json.encode(GOOD), kind).status_code == 200


def test_a_chunked_body_is_read_to_its_end(alice: Company) -> None:
    from platform_core.wsgi import application

    environ = RequestFactory(headers={"X-API-Key": keys.create(company=alice, name="c", scopes=["predict"])[1]}).post(
        CHURN, content_type="application/json"
    ).environ  # fmt: skip
    del environ["CONTENT_LENGTH"]
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    environ["wsgi.input"] = io.BytesIO(msgspec.json.encode(GOOD))
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signals.request_started, "receivers", [])
        patch.setattr(signals.request_finished, "receivers", [])
        answer = application(environ, lambda status, headers, *rest: told.append(status))
    assert told == ["200 OK"]
    assert b"prediction_id" in b"".join(answer)


def test_a_crowd_of_values_is_refused_before_it_is_made(alice_api: ApiClient) -> None:
    problem = refused(post(alice_api, b"[" + b"[]," * 600_000 + b"[]]"), 400, "parse_error")[0]
    assert "524,288 values" in problem["detail"]


def test_commas_of_a_text_are_no_values() -> None:
    raw = msgspec.json.encode({"text": 'a\\",' * 600_000})
    assert StrictJSONParser().parse(io.BytesIO(raw))["text"]


@pytest.mark.parametrize(
    "raw", [b'"' + b'\\",' * 1_000_000, b'"' * 3_000_000 + b"," * 600_000, b"\\" * 9 + b"," * 600_000]
)
def test_a_crowd_in_a_broken_body_is_refused_in_no_time(raw: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ParseError):
        StrictJSONParser().parse(io.BytesIO(raw))
    assert time.process_time() - began < 2
