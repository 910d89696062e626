"""A model as bytes, the way an artifact keeps it."""

from __future__ import annotations

import io

from ml_services.base import Model


def packed(model: Model) -> bytes:
    """joblib's form, compressed."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=3)
    return buffer.getvalue()


__all__ = ["packed"]
