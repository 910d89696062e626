"""The address that the request at work came from; empty for a command. Set by the middleware."""

from __future__ import annotations

from contextvars import ContextVar

asked_from: ContextVar[str] = ContextVar("asked_from", default="")

__all__ = ["asked_from"]
