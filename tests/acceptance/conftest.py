"""Fixtures of the acceptance tests: the installation that the API's tests have."""

from tests.api.conftest import api

__all__ = ["api"]
