"""The same as ``testkit.world``, under the name that it had."""

from testkit.world import *  # noqa: F403 - all of it
