"""The fixtures of the API's tests, for what runs over all of it."""

from tests.api_gateway.conftest import all_serve, churn_serves

__all__ = ["all_serve", "churn_serves"]
