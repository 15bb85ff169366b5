"""The clients for Python of Dub and GrowSurf say what they are given; prints what each call came to: an object, or how it failed.

Run by the clients' own interpreter.
"""

import json
import sys
from typing import Any

name, url, key, calls = sys.argv[1], sys.argv[2], sys.argv[3], json.load(sys.stdin)


def failed(error: Any) -> dict[str, Any]:
    """What an error says."""
    data = getattr(error, "data", None)
    code = getattr(getattr(data, "error", None), "code", None)
    status = getattr(error, "status_code", None)
    return {
        "failed": type(error).__name__,
        "code": getattr(code, "value", None),
        "status": status,
        "message": str(error),
    }


def plain(said: Any) -> Any:
    """An answer as JSON says it; of a page what it holds, without what reads the next one."""
    if isinstance(said, list) or hasattr(said, "next"):
        return {"result": [plain(it) for it in getattr(said, "result", said)]}
    return said.model_dump(by_alias=True, mode="json") if hasattr(said, "model_dump") else said


if name == "dub":
    from dub import Dub

    of: Any = Dub(token=key, server_url=url)
else:
    from growsurf import Growsurf

    of = Growsurf(api_key=key, base_url=f"{url}/v2")

told = []
for where, positional, named in calls:
    call = of
    for part in where.split("."):
        call = getattr(call, part)
    try:
        told.append(plain(call(*positional, **named)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        told.append(failed(error))
print(json.dumps(told))
