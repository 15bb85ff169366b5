"""Events that are added rather than sent: none is lost or counted twice, and what waits is bounded."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from testkit import sent
from testkit.api import Api as OverHttp
from testkit.database import rows, temporary_home
from testkit.product import Installation
from testkit.waiting import until
from tests.api.conftest import RULES, Api
from tests.goodword_clients.conftest import HERE, Between, Client, RaisedError


def flood(which: str, url: str, key: str, name: str, many: int, end: str = "") -> subprocess.Popen[str]:
    """Start a process that adds events and ends when the server has them; with ``exit`` it just ends."""
    command = ["node", HERE / "flood.mjs"] if which == "node" else [sys.executable, HERE / "flood.py"]
    paths = {"PYTHONPATH": str(HERE.parents[1] / "clients" / "python" / "src"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    arguments = [*map(str, command), url, key, name, str(many), end or which]
    return subprocess.Popen(arguments, env=paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def killable(database: str) -> Iterator[Installation]:
    """Yield an installation whose server is a process of its own."""
    with temporary_home() as home:
        it = Installation(home, DATABASE_URL=database)
        it.start("serve")
        try:
            it.ready()
            yield it
        finally:
            it.stop()


def test_a_server_that_is_killed_amid_a_batch_counts_each_event_once(killable: Installation, which: str) -> None:
    """The server is killed while events come and started again: all are there, each once, and none was refused."""
    if which == "async":
        pytest.skip("its queue is that of the sync client")
    it, many = killable, 1_500
    made = OverHttp(it.url, it.made("workspace", "create", "Acme", "--owner", "olga@acme.example", "--mode", "sandbox"))
    made.say("owner", "/v1/programs", {"document": RULES})

    def there() -> int:
        return int(rows(it.dsn, "select count(*) from event where id like 'x-%'")[0][0])

    with flood(which, it.url, made.keys["wk"], "x", many) as process:
        until(lambda: there() >= many // 10)
        it.kill("serve")
        assert there() < many, "the server was killed too late to show anything"
        assert process.poll() is None
        it.start("serve")
        it.ready()
        told, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert json.loads(told) == [0, []]
    assert there() == many
    until(lambda: not made.get("/v1/reports/progress")["waiting"])
    entries = Client(which, it.url, made.keys["sk"]).call("log.entries")
    assert sum(one["type"] == "advocate.enrolled" for one in entries) == many
    made.http.close()


def test_the_end_of_a_process_sends_what_waits(api: Api, which: str) -> None:
    """Who adds events and ends at once has lost none."""
    if which == "async":
        pytest.skip("its queue is that of the sync client")
    with flood(which, api.url, api.keys["wk"], "x", 500, "exit") as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert api.rows("select count(*) from event where workspace_id = $1 and id like 'x-%'") == [(500,)]


def test_a_process_that_forks_sends_what_both_add(api: Api) -> None:
    """A child has a queue of its own, which its own end empties; what waited when it was made is its parent's."""
    with flood("sync", api.url, api.keys["wk"], "x", 101, "fork") as process:
        told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert sorted(told.split()) == ["50", "51"]
    assert api.rows("select count(*) from event where workspace_id = $1 and id like 'x-%'") == [(101,)]


def test_a_child_speaks_on_connections_of_its_own(api: Api) -> None:
    """After a fork neither its calls nor its queue go over a connection that the parent has: answers would be mixed up."""
    with Between(api.url) as between:
        with flood("sync", between.url, api.keys["wk"], "x", 4, "forked") as process:
            _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    ports = [
        {port for port, body in between.sent if any(f'"x-{n}"'.encode() in body for n in those)}
        for those in ((0, 1), (2, 3))
    ]
    assert all(ports)
    assert not ports[0] & ports[1]
    assert len(between.sent) == 4


def test_flushing_waits_for_what_was_there(which: str) -> None:
    """It says so when the time is over, and has nothing to wait for where nothing waits."""
    client = Client(which, "http://127.0.0.1:9", "gw_wk")
    in_time = 300 if which == "node" else 0.3
    add = ("events.add", (sent.enrolled("enrol", "ann", "ANN"),), {})
    flushed = client.calls(("events.flush", (), {}), add, ("events.flush", (in_time,), {}), queue={"at_exit": 0.0})
    assert (flushed[0], flushed[2]) == (True, False)


def test_the_end_of_a_process_does_not_wait_for_ever(which: str) -> None:
    """Where nobody answers, the process ends all the same, and says how many events were not sent."""
    if which == "async":
        pytest.skip("its queue is that of the sync client")
    with flood(which, "http://127.0.0.1:9", "gw_wk", "x", 5, "exit") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "5 events were not sent" in errors


def test_many_that_are_added_go_together_and_in_order(api: Api, which: str) -> None:
    """Five hundred events make few requests; what a batch lost on its way back is sent again and counts once."""
    events = [("events.add", (sent.enrolled(f"x-{n}", f"x-{n}", f"X{n}"),), {}) for n in range(500)]
    with Between(api.url, lose=1) as between:
        client = Client(which, between.url, api.keys["wk"])
        client.calls(*events, ("events.flush", (), {}), queue={"batch": 100})
    assert client.refused == []
    assert 10 <= len(between.came) <= 20
    found = api.rows("select id from event where workspace_id = $1 and id like 'x-%' order by evt")
    assert [one for (one,) in found] == [f"x-{n}" for n in range(500)]


def test_what_may_wait_is_bounded(which: str) -> None:
    """While nobody answers, the queue takes what it may hold, by number and by bytes, and then says that it is full."""
    for bound in ({"most_events": 3}, {"most_bytes": 300}):
        client = Client(which, "http://127.0.0.1:9", "gw_wk")
        events = [("events.add", (sent.enrolled(f"enrol-{n}", f"person-{n}", f"CODE{n}"),), {}) for n in range(9)]
        with pytest.raises(RaisedError) as raised:
            client.calls(*events, queue={**bound, "at_exit": 0.0})
        assert raised.value.name == "FullError"
        assert "3 events wait" in str(raised.value.members["message"])


def test_an_event_that_will_not_count_is_told(api: Api, which: str) -> None:
    """A wrong event among added ones is told to who asked, with its id, code and field."""
    wrong = {**sent.enrolled("wrong", "zoe", "ZOE"), "emial": "zoe@mail.example"}
    added = [("events.add", (one,), {}) for one in (sent.enrolled("ann-1", "ann", "ANN"), wrong)]
    client = Client(which, api.url, api.keys["wk"])
    client.calls(*added, ("events.flush", (), {}))
    found = [one if isinstance(one, dict) else one._asdict() for one in client.refused]
    assert [(one["id"], one["code"], one["field"]) for one in found] == [("wrong", "unknown_field", "emial")]


def test_what_may_pass_later_costs_no_event(api: Api, which: str, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of the server or of what is before it, or a key that is put right while events wait: all are there, and none refused."""
    events = [("events.add", (sent.enrolled(f"x-{n}", f"x-{n}", f"X{n}"),), {}) for n in range(3)]
    with Between(api.url, says=(500, 520, 408, 401, 403)) as between:
        client = Client(which, between.url, api.keys["wk"])
        flushed = client.calls(*events, ("events.flush", (), {}))[-1]
    assert (flushed, client.refused, len(between.came)) == (True, [], 6)
    assert api.rows("select count(*) from event where workspace_id = $1 and id like 'x-%'") == [(3,)]
    said = (client.errors + caplog.text).count("3 events wait and are sent again: wrong: Not now.")
    assert said == 5


def test_a_wrong_key_keeps_what_waits_and_is_said_once(api: Api, which: str, caplog: pytest.LogCaptureFixture) -> None:
    """A key that may send no events is tried again as long as it is given, and said to who reads the log, not with each try."""
    add = ("events.add", (sent.enrolled("x-1", "x", "X"),), {})
    with Between(api.url) as between:
        client = Client(which, between.url, api.keys["owner"])
        in_time = 3_000 if which == "node" else 3
        flushed = client.calls(add, ("events.flush", (in_time,), {}), queue={"at_exit": 0.0})[-1]
        assert len(between.came) > 1
    assert (flushed, client.refused) == (False, [])
    assert (client.errors + caplog.text).count("1 events wait and are sent again: not_permitted") == 1
