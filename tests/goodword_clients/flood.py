"""Adds events to the queue of the Python client, by url, key, name, how many, and how to end; prints what was left and refused."""

import json
import os
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


if which == "fork":  # what waited before is the parent's, what the child adds the child's
    queue = Queue(interval=600, http=httpx.Client(trust_env=False))
    gw = Goodword(url, key, queue=queue)
    gw.events.add(events[0])
    child = os.fork()
    for event in events[1::2] if child else events[2::2]:
        gw.events.add(event)
    print(len(queue))
    if child:
        sys.exit(os.waitpid(child, 0)[1])
elif which == "forked":  # two events of the parent's, by a call and by its queue, then two of the child's
    gw = Goodword(url, key, queue=Queue(interval=0))
    gw.events.send(events[0])
    gw.events.add(events[1])
    gw.events.flush()
    if child := os.fork():
        sys.exit(os.waitpid(child, 0)[1])
    gw.events.add(events[2])
    gw.events.flush()
    gw.events.send(events[3])
elif which == "exit":  # the end of the process sends what waits
    gw = Goodword(url, key, queue=queue)
    for event in events:
        gw.events.add(event)
else:
    with Goodword(url, key, queue=queue) as gw:
        for event in events:
            gw.events.add(event)
        gw.events.flush()
        print(json.dumps([len(queue), refused]))
