"""The OpenAPI document and its two readers, both working offline under a strict content policy."""

from __future__ import annotations

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer

from api_gateway.endpoint import Endpoint
from api_gateway.operations import Operation
from users.authentication import ApiKeyAuthentication, TokenAuthentication

# Both readers write style elements as they draw; nothing else on these two pages is loosened.
drawn = method_decorator(csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["blob:"]}), name="dispatch")


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


@drawn
class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI from the sidecar, its script apart."""

    url_name = "schema"
    renderer_classes = [TemplateHTMLRenderer]
    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = ()
    permission_classes = [AllowAny]


@drawn
class RedocView(SpectacularRedocView):
    """ReDoc from the sidecar; our template asks for no web font."""

    url_name = "schema"
    template_name = "api_gateway/redoc.html"
    renderer_classes = [TemplateHTMLRenderer]
    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = ()
    permission_classes = [AllowAny]
