"""The WSGI entry point."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_core.settings")
django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, which takes a body without a length for none: a chunked one, of which the server tells the end, gets
    the largest length that is taken; where it is longer, the parsers refuse it."""
    if environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"):
        from django.conf import settings

        environ["CONTENT_LENGTH"] = str(settings.MAX_UPLOAD_BYTES)
    return django(environ, start_response)
