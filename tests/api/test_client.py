"""The command line's client against a server that is busy."""

import asyncio

import pytest

from goodword.cli.client import ApiError, Client

BUSY = b'HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 34\r\nconnection: close\r\n\r\n{"code":"unavailable","detail":""}'
FINE = b'HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\n{"ok":1}'


@pytest.mark.parametrize(("busy", "method"), [(3, "get"), (3, "post"), (3, "put"), (10_000, "post")])
async def test_a_busy_server_is_asked_again(busy: int, method: str) -> None:
    """503 is answered by the same request, with the same Idempotency-Key, for a while; then it is an error."""
    keys: list[bytes] = []
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        await reader.readexactly(int(fields.get(b"content-length", 0)))
        keys.append(fields.get(b"idempotency-key", b""))
        count += 1
        writer.write(BUSY if count <= busy else FINE)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Client(f"http://127.0.0.1:{port}", "key") as client:
        asked = client.get("/x") if method == "get" else getattr(client, method)("/x", {"a": 1})
        if busy == 3:
            assert await asked == {"ok": 1}
            assert count == 4
        else:
            with pytest.raises(ApiError) as error:
                await asked
            assert error.value.code == "unavailable"
    assert len(set(keys)) == 1
    assert bool(keys[0]) is (method != "get")
    server.close()
