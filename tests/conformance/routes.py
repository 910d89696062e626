"""Every route that there is, with its view and its methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from api_gateway.endpoint import Endpoint


def routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Name, path and view of every route but the operator's own pages."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        path = before + str(one.pattern)
        if path.startswith("admin/"):
            continue
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield str(one.name), path, one.callback


def parameters(path: str) -> list[str]:
    return re.findall(r"<\w+:(\w+)>", path)


ALL = list(routes())
WITH_IDS = [(name, view) for name, path, view in ALL if set(parameters(path)) - {"predictor", "name"}]
WITHOUT = [(name, view) for name, path, view in ALL if name not in {one for one, _ in WITH_IDS}]


def methods(view: Any) -> list[str]:
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is not None and issubclass(view_class, Endpoint):
        return [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view_class, name)]
    return ["get", "post"]
