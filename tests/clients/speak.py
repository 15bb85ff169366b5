"""One of the real clients for Python says what it is given: the name of the client, where to, by which key, and a list of calls.

Run by the clients' own interpreter. Prints what the client told its on_error, one line each.
"""

import importlib
import json
import sys
from datetime import datetime, timedelta

name, url, key, said = sys.argv[1], sys.argv[2], sys.argv[3], json.load(sys.stdin)
failed = []


def told(error: object, _: object) -> None:
    """Keep what the client says of a failure."""
    failed.append(str(error))


def when(call: dict[str, object]) -> dict[str, object]:
    """A time without a zone, so many seconds ago, where it is asked for."""
    ago = call.get("ago")
    return {} if ago is None else {"timestamp": datetime.now() - timedelta(seconds=float(str(ago)))}  # noqa: DTZ005


MODULES = {
    "segment": "segment.analytics.client",
    "rudder": "rudderstack.analytics.client",
    "analytics": "analytics.client",
    "june": "june.analytics.client",
}

if name in MODULES:
    Client = importlib.import_module(MODULES[name]).Client
    client = Client(
        write_key=key, host=url, gzip=name == "rudder", max_retries=2, upload_interval=1, on_error=told,
    )  # fmt: skip
    for call in said:
        getattr(client, call["type"])(
            user_id=call["userId"],
            **when(call),
            **({"traits": call["traits"]} if call["type"] == "identify" else {}),
            **({"event": call["event"], "properties": call["properties"]} if call["type"] == "track" else {}),
        )
    client.shutdown()
elif name == "posthog":
    from posthog import Posthog

    client = Posthog(key, host=url, max_retries=2, flush_at=100, flush_interval=1, on_error=told)
    for call in said:
        if call["type"] == "identify":
            client.set(distinct_id=call["userId"], properties=call["traits"])
        else:
            client.capture(call["event"], distinct_id=call["userId"], properties=call["properties"], **when(call))
    client.shutdown()
else:
    from customerio import CustomerIO

    client = CustomerIO("site", key)
    client.base_url = f"{url}/api/v1"  # it speaks https alone, which this server does not
    for call in said:
        try:
            if call["type"] == "identify":
                client.identify(id=call["userId"], **call["traits"])
            else:
                properties = call["properties"]
                id_ = f"Order-{properties['order_id']}" if "order_id" in properties else None
                client.track(
                    call["userId"],
                    call["event"],
                    properties,
                    id=id_,
                    **{"timestamp": call.get("timestamp")} | when(call),
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            told(error, None)
print("\n".join(failed), end="")
