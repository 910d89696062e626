"""The OpenAPI document from the declarations: a predictor's inputs and outputs, and one error shape everywhere."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class PlatformSchema(AutoSchema):
    """Asks the view for its documents; adds what every operation may answer."""
