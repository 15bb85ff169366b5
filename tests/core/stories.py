"""The same as ``testkit.stories``, under the name that it had."""

from testkit.stories import *  # noqa: F403 - all of it
