"""The same as ``testkit.house``, under the name that it had."""

from testkit.house import *  # noqa: F403 - all of it
