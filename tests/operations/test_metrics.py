"""``/metrics``: what the parser of Prometheus reads of it, who may read it, and what a look costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from testkit.database import rows
from tests.api.conftest import Api
from tests.conftest import Connect
from tests.store.test_plans import _read

from goodword import settings
from goodword.store.health import MOST
from goodword.store.pool import open_pool
from goodword.store.sql_files import statements

TOKEN = "0123456789abcdef0123"


@pytest.fixture
def watched(api: Api) -> Iterator[Api]:
    """Yield the installation with metrics that a token opens."""
    api.goodword.app._app._metrics._token = TOKEN.encode()
    api.until(lambda: api.call(None, "GET", "/readyz").status_code == 200)
    return api


def samples(api: Api) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return what the parser of Prometheus reads: the value of each sample by name and labels."""
    answer = api.call(TOKEN, "GET", "/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        assert family.type in ("counter", "gauge")
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


def of(found: dict[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: str) -> float:
    """Return a value."""
    return found[name, tuple(sorted(labels.items()))]


def test_every_part_has_its_figure(watched: Api) -> None:
    """Requests by template and status, lag, jobs by kind and state, ages of keys, connections, disk, workers, proof."""
    api = watched
    api.purchase()
    api.call("owner", "GET", "/v1/advocates")
    api.call("owner", "GET", "/v1/payouts/pay_nope")
    api.call("owner", "GET", "/v1/payouts/pay_other")
    api.call(None, "GET", "/v1/advocates")
    api.call(None, "GET", f"/w/{api.ws}/r/bob")
    api.call(None, "GET", "/nothing/here")
    rows(
        api.goodword.owner,
        f"""insert into job (workspace_id, id, kind, subject, due_at, done_at, dead, queue) values
              ('{api.ws}', 'a', 'k"ind', 's', 1, null, false, 'nobody'), ('{api.ws}', 'b', 'k"ind', 's', 1, 2, true, 'nobody'),
              ('{api.ws}', 'c', 'k"ind', 's', {1 << 52}, null, false, 'nobody'),
              ('{api.ws}', 'd', 'k"ind', 's', 0, null, false, 'nobody')""",
    )
    found = samples(api)
    requests = "goodword_requests_total"
    assert of(found, requests, method="GET", route="/v1/advocates", status="200") == 1
    assert of(found, requests, method="GET", route="/v1/advocates", status="401") == 1
    assert of(found, requests, method="GET", route="/v1/payouts/{payout}", status="404") == 2
    assert of(found, requests, method="POST", route="/v1/events", status="202") == 1
    assert of(found, requests, method="GET", route="/w/{workspace}/r/{code}", status="302") == 1
    assert of(found, requests, method="GET", route="other", status="404") == 1
    assert of(found, "goodword_request_seconds_total", route="/v1/events") > 0
    # One that is due at once, without an instant, was written just now for all that is known: it is not late.
    assert [of(found, "goodword_jobs", kind='k"ind', state=state) for state in ("due", "late", "dead")] == [2, 1, 1]
    api.until(lambda: of(samples(api), "goodword_undecided_events") == 0)  # the click of the link is taken into the log
    assert of(samples(api), "goodword_undecided_age_seconds") == 0
    assert of(found, "goodword_set_aside_events") == 0
    assert of(found, "goodword_rewards_overdue") == 0
    assert of(found, "goodword_workers") == 1
    assert of(found, "goodword_database_up") == 1
    assert of(found, "goodword_disk_free_bytes", folder=str(api.goodword.settings.home)) > 1 << 20
    assert of(found, "goodword_pool_connections", pool="write", state="most") == 10
    api.until(lambda: of(samples(api), "goodword_unsigned_entries") == 0)
    [master] = [labels for name, labels in found if name == "goodword_master_key_age_seconds"]
    assert dict(master)["id"] == api.goodword.vault.id.hex()
    ages = {dict(labels)["kind"] for name, labels in found if name == "goodword_api_key_age_seconds"}
    assert ages == {"mk", "sk", "wk", "pk"}


def test_decisions_and_refusals_of_the_day_are_counted_whoever_made_them(watched: Api) -> None:
    """They are read off the figures of the day, of workspaces whose clock is the real one."""
    rows(watched.goodword.owner, "update workspace set clock = 'real'")
    rows(
        watched.goodword.owner,
        f"""insert into figure select '{watched.ws}', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:00'), p, m, '', b, n, 0
            from (values ('a', 'leads', 'both', 3), ('b', 'leads', 'decided', 4), ('b', 'leads', 'occurred', 9),
                         ('a', 'refused:own_code', 'both', 5)) as part (p, m, b, n)
            union all select '{watched.ws}', '2020-01-01T00:00', 'a', 'leads', '', 'both', 99, 0""",
    )
    found = samples(watched)
    assert of(found, "goodword_decided_today_total", metric="leads") == 7
    assert of(found, "goodword_refused_today_total", code="own_code") == 5


def test_only_who_holds_the_token_reads_them(watched: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of a workspace opens them, nor a near token; without a token there are none; nothing of them tells a secret."""
    for wrong in (None, "owner", "sk", TOKEN[:-1], TOKEN + "x", "é" * 20):
        authorization = "" if wrong is None else f"Bearer {watched.keys.get(wrong, wrong)}"
        headers = {"authorization": authorization.encode("utf-8")}
        answer = watched.http.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_wrong")
    assert watched.call(TOKEN, "POST", "/metrics").status_code == 405
    text = watched.call(TOKEN, "GET", "/metrics").text
    for secret in (TOKEN, "17" * 32, watched.ws, "olga", *watched.keys.values()):
        assert str(secret) not in text
    monkeypatch.setattr(watched.goodword.app._app._metrics, "_token", None)
    assert watched.call(TOKEN, "GET", "/metrics").json()["code"] == "metrics_off"


def test_without_the_database_the_process_still_tells_of_itself(watched: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own counters are there, and that the database is away."""

    async def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(watched.goodword.health, "_count", away)
    found = samples(watched)
    assert of(found, "goodword_database_up") == 0
    assert ("goodword_undecided_events", ()) not in found
    assert of(found, "goodword_requests_open") == 1


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_a_look_does_not_read_the_history(database: str, plan: str, connect: Connect) -> None:
    """Behind 20,000 rows of each table that grows, no statement of a look at health or metrics reads a hundred."""
    owner = await connect()
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        sql = statements("health")
        asked = {
            "seen": "",
            "workers": "(15)",
            "oldest": "",
            "waiting": f"({MOST})",
            "jobs": f"(1000, 900, {MOST})",
            "keys": "(50)",
            "unsigned": "",
            "figures": "('2026-11-28', '2026-11-29')",
            "no_landing": "",
        }
        for name, values in asked.items():
            await conn.execute(f"prepare health_{name} as {sql[name]}")
            await conn.execute(f"execute health_{name} {values}")
        await owner.execute(
            """
            insert into workspace values ('wsp', 'x', 'live', 'real', 0);
            insert into stream (workspace_id, position) values ('wsp', 20001);
            insert into log
              select 'wsp', n, 'evt_01M80ZKKY4FRJBR3QYQWNX0' || lpad(n::text, 5, '0'), '' from generate_series(1, 20001) n;
            insert into log_head select 'wsp', n, '', n, '', '' from generate_series(1, 20000) n;
            insert into job (workspace_id, id, kind, subject, due_at, done_at)
              select 'wsp', n::text, 'k', 's', n, n from generate_series(1, 20000) n;
            insert into api_key select convert_to(n::text, 'UTF8'), n::text, 'wsp', 'sk', null, '', n, n
              from generate_series(1, 20000) n;
            insert into figure select 'wsp', (date '2026-11-28' - n)::text || 'T09:15', 'p', m::text, '', 'both', 1, 0
              from generate_series(0, 2000) n, generate_series(1, 10) m;
            """
        )
        read = {
            name: await _read(conn, f"execute health_{name} {values}", table=None) for name, values in asked.items()
        }
    assert {name: rows for name, rows in read.items() if rows > 20} == {}


def test_the_token_is_a_setting(tmp_path: Path) -> None:
    """What is too short to be a secret is refused with what to do; it never stands in the settings' text."""
    given = {"GOODWORD_HOME": str(tmp_path), "GOODWORD_METRICS_TOKEN": TOKEN}
    found = settings.read(given)
    assert found.metrics_token == TOKEN
    assert TOKEN not in repr(found)
    with pytest.raises(settings.SettingsError, match="GOODWORD_METRICS_TOKEN: expected 16 or more"):
        settings.read({**given, "GOODWORD_METRICS_TOKEN": "short"})
