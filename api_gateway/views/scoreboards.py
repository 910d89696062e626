"""How predictions turned out."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api_gateway import lists
from api_gateway.endpoint import Endpoint
from api_gateway.moments import moment
from api_gateway.operations import Operation, query
from api_gateway.scoreboard_schemas import COMPONENTS, MOMENT_ASKED, SCOREBOARD
from ml_services import scoreboard
from users.roles import Act

HOW = (
    "Each version that answered: only predictions whose horizon has closed count, beside the outcomes reported for "
    "them. A figure without rows is unknown, and says what it needs. `verdict` is of the version that serves, else of "
    "the one that answered last."
)


class ScoreboardView(Endpoint):
    """Predictions beside what came of them."""

    operations = {
        "get": Operation(
            id="model_scoreboard",
            summary="How it turned out",
            tag="Models",
            description=HOW,
            answer=SCOREBOARD,
            queries=(
                query("version", lists.ANY_TEXT, "Only this version."),
                query("until", MOMENT_ASKED, "As of this time; without it, now."),
            ),
            errors=(404,),
            components=COMPONENTS,
        )
    }
    acts = {"get": Act.SEE_MODELS}

    def get(self, request: Request, predictor: str) -> Response:
        version, until = lists.text_of(request, "version") or None, moment(request.query_params, "until")
        return Response(scoreboard.board(predictor, version=version, until=until))
