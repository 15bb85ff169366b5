"""Whether a user agent is a program and not a person: the kept list of crawlers, and what names itself as none.

Must not know: HTTP, who asks.
"""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

_MAX_AGENT = 1_000  # longer ones are looked at so far; patterns stand at the beginning
#: Programs that the kept list lacks: previews of links by their common name, scanners of mail.
_ALSO = re.compile(r"LinkPreview|Mimecast", re.IGNORECASE)
#: The list takes it for WhatsApp's preview, which says nothing else. A browser that names it besides runs inside the app, for a person.
_INSIDE = re.compile(r"(?<=[ ;(])WhatsApp/[0-9.]+")


def is_bot(user_agent: str) -> bool:
    """Return whether a program sent this user agent; an empty one is a program's."""
    return _is_bot(user_agent[:_MAX_AGENT].strip())


@lru_cache(maxsize=4_096)
def _is_bot(user_agent: str) -> bool:
    if user_agent.startswith("Mozilla/"):
        user_agent = _INSIDE.sub("", user_agent)
    return not user_agent or bool(_ALSO.search(user_agent)) or is_crawler(user_agent)
