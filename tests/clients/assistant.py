"""The client of the Model Context Protocol for Python asks a server: its version, its tools, each call; prints what it was told.

Run by the clients' own interpreter.
"""

import asyncio
import json
import sys
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

url, key, calls = sys.argv[1], sys.argv[2], json.load(sys.stdin)


async def told() -> dict[str, Any]:
    """Connect as it does by itself, list the tools, and call what is asked for."""
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        listed = await client.list_tools()
        results = []
        for name, arguments in calls:
            try:
                result = await client.call_tool(name, arguments)
                results.append(result.model_dump(by_alias=True, mode="json"))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                results.append({"failed": type(error).__name__, "message": str(error)})
        server = client.server_info
        return {
            "protocol": client.protocol_version,
            "server": server.name if server is not None else None,
            "instructions": client.instructions,
            "tools": [tool.name for tool in listed.tools],
            "schemas": all(tool.output_schema for tool in listed.tools),
            "ttl": listed.ttl_ms,
            "scope": listed.cache_scope,
            "results": results,
        }


def why(error: BaseException) -> str:
    """What an error says, out of the groups that it comes in."""
    return why(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else str(error)


try:
    print(json.dumps(asyncio.run(told())))
except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
    print(json.dumps({"failed": type(error).__name__, "message": why(error)}))
