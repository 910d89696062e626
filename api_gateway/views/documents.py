"""The OpenAPI document and its two readers, both working offline under a strict content policy."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from users.authentication import ApiKeyAuthentication, TokenAuthentication

REDOC = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
THEIR_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"

# ReDoc adds two style elements, an empty one that it fills by script and one of fixed text: their digests are allowed,
# and its search, which runs in a worker made of a blob. Nothing else is loosened.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)
drawn = method_decorator(csp_update({"style-src": [*REDOC_STYLES], "worker-src": ["blob:"]}), name="dispatch")


class ApiSchemaView(Endpoint, SpectacularAPIView):
    """OpenAPI 3.1 as JSON. Signed in, the predictors' inputs are those of the company's own versions."""

    operations = {
        "get": Operation(
            id="schema",
            summary="This document",
            tag="Installation",
            answer={"type": "object"},
            errors=(401,),
            public=True,
        )
    }
    renderer_classes = [OpenApiJsonRenderer2]
    authentication_classes = [ApiKeyAuthentication, TokenAuthentication]
    permission_classes = [AllowAny]


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI from the sidecar, its script apart; our template has no inline style."""

    url_name = "schema"
    template_name = "api_gateway/swagger.html"
    renderer_classes = [TemplateHTMLRenderer]
    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = ()
    permission_classes = [AllowAny]

    def _get_schema_auth_names(self) -> list[str]:
        """Once signed in here, the document is loaded again: with the inputs of the company's own versions."""
        return ["ApiKey", "Bearer"]


@drawn
class RedocView(SpectacularRedocView):
    """ReDoc from the sidecar; our template asks for no web font."""

    url_name = "schema"
    template_name = "api_gateway/redoc.html"
    renderer_classes = [TemplateHTMLRenderer]
    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = ()
    permission_classes = [AllowAny]


@lru_cache(maxsize=1)
def redoc_bundle() -> bytes:
    """ReDoc's script without its one wish from the web, a logo: ours is in its place."""
    path = finders.find(REDOC)
    if path is None:
        raise FileNotFoundError(REDOC)
    return Path(path).read_bytes().replace(THEIR_LOGO.encode(), static("dashboard/mark.svg").encode())


@require_safe
@cache_control(public=True, max_age=3600)
def redoc_script(request: HttpRequest) -> HttpResponse:
    """The script of the ReDoc page."""
    return HttpResponse(redoc_bundle(), content_type="text/javascript; charset=utf-8")
