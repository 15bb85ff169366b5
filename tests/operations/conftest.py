"""Fixtures of the tests of operating: the installation that the API's tests have."""

from tests.api.conftest import api

__all__ = ["api"]
