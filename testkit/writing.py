"""A process that sends messages of a workspace, on the product's loop, to be killed.

``python -m testkit.writing DATABASE WORKSPACE PORT``.
"""

import sys

import uvloop

from goodword.app.follow import messages
from goodword.outbound.mail import Post, Server
from goodword.worker.jobs import Jobs
from testkit.house import opened


async def main(database: str, ws: str, port: int) -> None:
    """Do jobs of messages until somebody ends it."""
    async with opened(database, ws) as house:
        house.directory.post = Post(Server("127.0.0.1", port, "none", "Acme <refer@shop.example>"))
        print("ready", flush=True)
        await Jobs(house.engine, messages.kinds(house.directory)).run()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
