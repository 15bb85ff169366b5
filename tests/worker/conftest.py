"""The same workspaces as in the tests of app."""

from tests.app.conftest import engine, house, make_house, pool, vault

__all__ = ["engine", "house", "make_house", "pool", "vault"]
