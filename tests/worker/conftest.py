"""The same workspaces as in the tests of app."""

from tests.app.conftest import house, make_house, pool, vault

__all__ = ["house", "make_house", "pool", "vault"]
