"""Fixtures of the tests of operating: the installation that the API's tests have, and one of processes."""

from collections.abc import Iterator

import pytest
from testkit.product import Installation, installed
from tests.api.conftest import api

__all__ = ["api", "installation"]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Yield a server and a worker as processes of their own, on a home with its own key."""
    with installed() as it:
        yield it
