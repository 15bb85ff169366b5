"""Adds events to the queue of the Python client, by url, key, name, how many, and how to end; prints what was left and refused."""

import json
import sys

import httpx
from goodword_client import Goodword, Queue

url, key, name, many, which = sys.argv[1:]
refused: list[str] = []
queue = Queue(
    batch=20, interval=0.01, on_refused=lambda one: refused.append(one.id), http=httpx.Client(trust_env=False)
)
events = [
    {"type": "advocate.enrolled", "id": f"{name}-{n}", "external_id": f"{name}-{n}", "code": f"{name}{n}"}
    for n in range(int(many))
]


if which == "exit":  # the end of the process sends what waits
    gw = Goodword(url, key, queue=queue)
    for event in events:
        gw.events.add(event)
else:
    with Goodword(url, key, queue=queue) as gw:
        for event in events:
            gw.events.add(event)
        gw.events.flush()
        print(json.dumps([len(queue), refused]))
