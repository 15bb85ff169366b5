"""The same installation over HTTP as the tests of the API have it."""

from tests.api.conftest import Api, Command, api, goodword

__all__ = ["Api", "Command", "api", "goodword"]
