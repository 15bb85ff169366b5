"""Ready means that events are taken and decided: each part fails by itself, and is told by a stable code."""

import asyncio
import dataclasses
from typing import Any

import asyncpg
from testkit.database import at_database, name_of, rows, run
from tests.api.conftest import Api

from goodword.core import ids
from goodword.store.uuid7 import Uuid7


def failing(api: Api) -> tuple[int, list[str]]:
    """Return the status and the codes of what fails."""
    answer = api.call(None, "GET", "/readyz")
    return answer.status_code, [one["code"] for one in answer.json().get("failing", [])]


def ready(api: Api) -> bool:
    """Return whether the server is ready."""
    return failing(api) == (200, [])


def test_a_server_is_ready_only_while_a_worker_of_any_process_lives(api: Api) -> None:
    """Without a sign of life, or with an old one, it is not; one that another process gave is enough (first-hour 22)."""
    api.until(lambda: ready(api))
    api.goodword.worker.stop()
    api.until(lambda: failing(api) == (503, ["worker_missing"]))  # it ended in order, and took its sign back
    rows(api.goodword.owner, "insert into worker (id, seen_at) values ('other', now() - interval '1 hour')")
    answer = api.call(None, "GET", "/readyz")
    assert answer.json()["code"] == "not_ready"
    assert "goodword worker" in answer.json()["detail"]
    rows(api.goodword.owner, "update worker set seen_at = now() where id = 'other'")
    assert ready(api)
    assert api.call(None, "GET", "/healthz").json() == {"status": "ok"}


def test_an_event_that_waits_too_long_is_named_without_telling_whose(api: Api) -> None:
    """Beyond the bound the lag fails; what is set aside waits for a person and fails nothing."""
    api.until(lambda: ready(api))
    api.goodword.worker.stop()
    api.until(lambda: not ready(api))
    rows(api.goodword.owner, "insert into worker (id, seen_at) values ('other', now() + interval '1 hour')")
    old = ids.encode("evt", Uuid7(lambda: 1_700_000_000_000_000_000).next())
    insert = (
        "insert into undecided (workspace_id, evt, source, id, body, waits_for) values ($1, $2, 'native', $3, '', $4)"
    )
    rows(api.goodword.owner, insert, api.ws, old, "aside", old)
    assert ready(api)
    rows(api.goodword.owner, insert, api.ws, f"{old[:-1]}{'0' if old[-1] != '0' else '1'}", "waits", None)
    answer = api.call(None, "GET", "/readyz")
    assert failing(api) == (503, ["lag"])
    assert api.ws not in answer.text
    assert api.call(None, "GET", "/healthz").status_code == 200


def test_a_full_disk_is_told(api: Api) -> None:
    """Below the bound of free bytes it is not ready."""
    api.until(lambda: ready(api))
    health = api.goodword.health
    health.bounds = dataclasses.replace(health.bounds, free=1 << 60)
    assert failing(api) == (503, ["disk_full"])


def test_keys_that_do_not_open_are_told_without_a_workspace(api: Api) -> None:
    """The right id is not enough: what the master key wrapped must open, and the answer names no workspace."""
    api.until(lambda: ready(api))
    flip = "update workspace_secret set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)"
    rows(api.goodword.owner, flip)
    answer = api.call(None, "GET", "/readyz")
    assert failing(api) == (503, ["master_key_wrong"])
    assert api.ws not in answer.text
    rows(api.goodword.owner, flip)
    assert ready(api)


def test_a_database_that_does_not_answer_is_told(api: Api) -> None:
    """Nobody may connect any more: not ready, still alive, and ready again when it is back."""
    api.until(lambda: ready(api))
    name = name_of(api.goodword.owner)
    other = at_database(api.goodword.owner, "postgres")

    end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    asyncio.run(run(other, f"alter database {name} with allow_connections false", end))
    try:
        api.until(lambda: failing(api) == (503, ["database_away"]))
        assert api.call(None, "GET", "/healthz").status_code == 200
    finally:
        asyncio.run(run(other, f"alter database {name} with allow_connections true"))
    api.until(lambda: ready(api))


def test_many_who_ask_at_once_are_one_look(api: Api) -> None:
    """A hundred questions at once take one connection: nobody without a key can keep the others from theirs."""
    health = api.goodword.health
    looks = []
    look = health._of_database

    async def counted(conn: asyncpg.Connection) -> Any:
        looks.append(1)
        await asyncio.sleep(0.2)
        return await look(conn)

    health._of_database = counted  # type: ignore[method-assign]

    async def ask() -> None:
        await asyncio.gather(*(health.troubles() for _ in range(100)))

    api.run(ask())
    assert len(looks) == 1
