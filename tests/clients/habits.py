"""What a client is seen to do, from the requests that it sent, in words that stay the same from one run to the next."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from tests.clients.conftest import Seen

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHORT = re.compile(r"[0-9a-z]{15,24}")
_IDS = ("messageId", "uuid", "id")
_TIMES = ("timestamp", "originalTimestamp", "sentAt")


def habits(seen: Sequence[Seen], key: str, event: str) -> dict[str, str]:
    """Return what is to be told of a client, by question. ``event``: the one whose item is looked at."""
    sends = [one for one in seen if one.method not in ("GET", "OPTIONS")]
    asks = [one for one in seen if one.method in ("GET", "OPTIONS")]
    request, item = next(
        (one, item) for one in sends for item in one.items if event in (item.get("event"), item.get("name"))
    )
    envelope = [] if item is request.body else sorted(request.body)
    found = {
        "sends": _listed(f"{one.method} {_place(one.path, key)}" for one in sends),
        "key": _key(request, key),
        "media type": request.headers.get("content-type", "none"),
        "packed": request.headers.get("content-encoding", "no"),
        "envelope": _listed(envelope) or "none: one item a request",
        "item": _listed(sorted(item)),
        "id": next((f"`{name}`, {_form(str(item[name]))}" for name in _IDS if name in item), "none"),
        "times": _listed(f"{name} {_time(item[name])}" for name in _TIMES if name in item) or "none",
        "a float": repr(_total(item)),
    }
    if asks:
        found["asks first"] = _listed(_asked(one, key) for one in asks)
    return found


def _listed(names: Any) -> str:
    return ", ".join(dict.fromkeys(f"`{name}`" for name in names))


def _place(path: str, key: str) -> str:
    return re.sub("/customers/[^/]+", "/customers/{id}", path.replace(key, "KEY"))


def _asked(request: Seen, key: str) -> str:
    wants = request.headers.get("access-control-request-headers", "")
    return f"{request.method} {_place(request.path, key)}" + (f" for {wants.lower()}" if wants else "")


def _key(request: Seen, key: str) -> str:
    said = []
    if basic := request.headers.get("authorization", "").removeprefix("Basic "):
        said.append(f"Basic {base64.b64decode(basic).decode()}")
    if write := request.headers.get("x-write-key"):
        said.append(f"X-Write-Key {write}")
    said += [f"{name} {request.body[name]} in the body" for name in ("writeKey", "api_key") if name in request.body]
    return _listed(one.replace(key, "KEY") for one in said)


def _form(id_: str) -> str:
    if whole := _UUID.fullmatch(id_):
        return f"a UUID of version {whole[1]}"
    if id_.startswith("Order-"):
        return "as it is given, else none"
    if _SHORT.fullmatch(id_):
        return "short, of small letters and digits"
    return f"`{re.sub('[0-9]{13}', 'MILLISECONDS', _UUID.sub('UUID', id_))}`"


def _time(said: Any) -> str:
    return re.sub("[0-9]", "0", said) if isinstance(said, str) else "seconds since 1970"


def _total(item: dict[str, Any]) -> Any:
    return next((item[name]["total"] for name in ("properties", "data") if "total" in item.get(name, {})), None)
