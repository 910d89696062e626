"""The business records: bring them, list them, look one up. Each kind has the same endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import lists
from api_gateway.endpoint import Endpoint
from api_gateway.moments import moment
from api_gateway.operations import Operation, query
from api_gateway.pagination import PAGE_QUERIES, Pages
from api_gateway.record_schemas import ADDRESS, MOST_RECORDS, TAKEN, answered, body
from platform_core.errors import InputInvalid
from platform_core.records import selectors, services
from platform_core.records.kinds import KINDS, Kind
from users.roles import Act

TAG = "Records"
LARGEST_ID = 2**63 - 1
HOW = (
    "`records` has 1 to 1,000 versions of records. A record is whole: what it does not say is unknown from now on. Of "
    "two versions the one with the later `source_updated_at` counts, in whatever order they come. A bad record is told "
    "in `rejected` and the others are taken. All or nothing is kept."
)
TEXTS = ("source", "external_id", "email", "customer_ref", "search")


class RecordsView(Endpoint):
    """The records of a kind."""

    acts = {"get": Act.SEE_RECORDS, "post": Act.BRING_RECORDS}
    plural = ""

    @property
    def kind(self) -> Kind:
        """What these are."""
        return KINDS[self.plural]

    def describe(self, method: str) -> Operation:
        if method == "post":
            return Operation(
                id=f"bring_{self.plural}", summary=f"Bring {self.plural}", tag=TAG, description=HOW,
                body=body(self.kind), answer=TAKEN,
            )  # fmt: skip
        cursor = query("cursor", {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}, "Where the page begins.")
        texts = [name for name in TEXTS if name != "customer_ref" or self.kind.owned]
        return Operation(
            id=self.plural,
            summary=self.plural.capitalize(),
            tag=TAG,
            description=f"Those that came last first. Times are of `{self.kind.moment}`.",
            answer=lists.rows_from_cursor(answered(self.kind)),
            queries=(
                cursor,
                PAGE_QUERIES[1],
                *lists.TIMES,
                *(query(name, ADDRESS if name == "email" else lists.ANY_TEXT, SAID[name]) for name in texts),
            ),
        )

    def queries(self, method: str) -> frozenset[str]:
        return frozenset(one["name"] for one in self.describe(method).queries) if method == "get" else frozenset()

    def get(self, request: Request) -> Response:
        size, given = Pages().get_page_size(request), request.query_params
        texts = {name: lists.text_of(request, name) for name in TEXTS}
        filters = selectors.Filters(**texts, since=moment(given, "from"), until=moment(given, "to"))
        before = lists.number_of(given.get("cursor"), "cursor", LARGEST_ID)
        rows, going_on = selectors.page(self.kind, filters=filters, before=before, size=size)
        return lists.answer(request, [selectors.line(self.kind, row) for row in rows], going_on)

    def post(self, request: Request) -> Response:
        source, records = _given(request.data)
        return Response(services.bring(self.plural, records, source=source).as_json())


class RecordView(Endpoint):
    """One record."""

    acts = {"get": Act.SEE_RECORDS}
    plural = ""

    def describe(self, method: str) -> Operation:
        kind = KINDS[self.plural]
        return Operation(id=kind.name, summary=f"One {kind.name}", tag=TAG, answer=answered(kind), errors=(404,))

    def get(self, request: Request, **ids: int) -> Response:
        kind = KINDS[self.plural]
        return Response(selectors.line(kind, selectors.one(kind, ids[kind.name])))


SAID = {
    "source": "Only of this source.",
    "external_id": "Only with this id at its source.",
    "email": "Only with this address, in any spelling.",
    "customer_ref": "Only of this customer of its source.",
    "search": "A part of an id, an address or a name.",
}


def _given(given: Any) -> tuple[Any, list[Any]]:
    if not isinstance(given, dict) or given.keys() != {"source", "records"}:
        raise InputInvalid('The body must be {"source": "…", "records": [...]}.', attr="records")
    records = given["records"]
    if not isinstance(records, list) or not 0 < len(records) <= MOST_RECORDS:
        raise InputInvalid(f"records must be a list of 1 to {MOST_RECORDS:,} objects.", attr="records")
    for place, one in enumerate(records):
        if not isinstance(one, dict):
            raise InputInvalid(f"records[{place}] must be an object.", attr=f"records.{place}")
    return given["source"], records
