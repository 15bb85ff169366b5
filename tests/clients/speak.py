"""One of the real clients for Python says what it is given: the name of the client, where to, by which key, and a list of calls.

Run by the clients' own interpreter. Prints what the client told its on_error, one line each.
"""

import json
import sys

name, url, key, said = sys.argv[1], sys.argv[2], sys.argv[3], json.load(sys.stdin)
failed = []
if name == "segment":
    from segment.analytics.client import Client
else:
    from rudderstack.analytics.client import Client

client = Client(
    write_key=key,
    host=url,
    gzip=name == "rudder",
    max_retries=2,
    upload_interval=1,
    on_error=lambda error, _: failed.append(str(error)),
)
for call in said:
    getattr(client, call["type"])(
        user_id=call["userId"],
        **({"traits": call["traits"]} if call["type"] == "identify" else {}),
        **({"event": call["event"], "properties": call["properties"]} if call["type"] == "track" else {}),
    )
client.shutdown()
print("\n".join(failed), end="")
