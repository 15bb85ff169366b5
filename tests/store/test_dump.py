"""A dump is made by programs beside ours: they reach the database wherever Goodword does."""

from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from goodword.store import dump


async def test_an_address_may_leave_the_rest_to_the_environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment says host and user, as it may a password, a dump is made as by a whole address."""
    parts = urlsplit(database)
    monkeypatch.setenv("PGUSER", parts.username or "")
    for name in ("host", "port"):
        value = parse_qs(parts.query).get(name, [str(getattr(parts, name + "name", None) or parts.port or "")])[0]
        if value:
            monkeypatch.setenv(f"PG{name.upper()}", value)
    short = f"postgresql://{parts.path}"
    out = BytesIO()
    conn = await asyncpg.connect(short)
    try:
        async with dump.snapshot(conn) as snapshot:
            await dump.dump(short, snapshot, out)
    finally:
        await conn.close()
    assert out.getvalue().startswith(b"PGDMP")
