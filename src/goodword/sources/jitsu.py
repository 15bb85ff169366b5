"""The source ``jitsu``: Segment's items, one a request, at Jitsu's own paths.

Its clients send nothing again and take every answer for success, so a request waits where others would be sent away.
Must not know: a server or framework of HTTP, the database.
"""

from typing import Any, Final

from goodword.sources import compatible, loose
from goodword.sources.base import Key, Problem, Request, Source
from goodword.sources.segment.mapping import Item, to_native
from goodword.sources.segment.own import OWN
from goodword.sources.segment.table import FIELDS
from goodword.sources.segment.unknown import called, unknown

_KINDS: Final = ("track", "identify", "page", "screen", "group", "alias")
#: Path -> kind of its item: of clients in a browser, and of those on a server.
PATHS: Final = {f"/api/s/{where}{kind}": kind for kind in _KINDS for where in ("", "s2s/")}


def _read(request: Request) -> list[Item | Problem]:
    return [_item(found, request) for found in loose.single(request.body)]


def _item(found: Any, request: Request) -> Item | Problem:
    return found if type(found) is Problem else Item(PATHS[request.path], found, request.now)


SOURCE = Source(
    name="jitsu",
    paths=tuple(PATHS),
    credential=Key(compatible.senders("jitsu"), compatible.OTHERWISE),
    read=_read,
    map=to_native,
    answer=compatible.taken(b'{"ok":true}'),
    refuse=compatible.refuse,
    limit=loose.MAX_ITEM,
    json=False,
    pages=True,
    waits=True,
    headers=("authorization", "content-type", "content-encoding", "x-write-key", "x-enable-debug"),
    fields=FIELDS,
    called=called,
    unknown=unknown,
    own=OWN,
    guide="howto/jitsu",
)
