"""A mail server that takes everything and counts it. Prints its port."""

import asyncio
import socket
from typing import Any

from aiosmtpd.smtp import SMTP


class _Sink:
    async def handle_DATA(self, _: Any, __: Any, ___: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        return "250 OK"


async def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(_Sink(), hostname="bench"), sock=listening)
        print(listening.getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
