"""Forms with a file, for pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_protect

from file_uploads.batch import receiving
from platform_core.errors import PlatformError


def with_file(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Beneath the checks of who asks: the file of a sent form goes to the disk while it comes in, then the form's own
    mark is checked (which is within the body, so that the middleware would read the file by its own way)."""
    protected = csrf_protect(page)

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return protected(request, *args, **kwargs)
        try:
            with receiving.received(request):
                return protected(request, *args, **kwargs)
        except PlatformError as problem:
            if problem.status not in {400, 413}:
                raise
            messages.error(request, problem.detail)
            return redirect("files")

    return guarded


__all__ = ["with_file"]
