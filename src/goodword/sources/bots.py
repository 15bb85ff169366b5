"""Whether a user agent is a program and not a person: the kept list of crawlers, and what names itself as none.

Must not know: HTTP, who asks.
"""

from functools import lru_cache

from crawleruseragents import is_crawler

_MAX_AGENT = 1_000  # longer ones are looked at so far; patterns stand at the beginning


def is_bot(user_agent: str) -> bool:
    """Return whether a program sent this user agent; an empty one is a program's."""
    return _is_bot(user_agent[:_MAX_AGENT].strip())


@lru_cache(maxsize=4_096)
def _is_bot(user_agent: str) -> bool:
    return not user_agent or is_crawler(user_agent)
