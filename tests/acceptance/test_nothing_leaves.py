"""Nothing that has value leaves without an approval and a release by named members, whatever anybody tries.

``tables/nothing_leaves.md`` lists every operation, event type and command there is, with what is tried; one that is not listed fails.
"""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner
from testkit.tables import rows
from tests.api.conftest import RULES, Api
from tests.api.test_permissions import PRINCIPALS

from goodword.api import routes
from goodword.app.follow import payouts
from goodword.app.write import commands
from goodword.cli import main
from goodword.core import events, lists
from goodword.core.facts import Actor
from goodword.store.jobs import Leased

#: Who tries; ``stranger`` owns another workspace.
ACTORS: dict[str | None, Actor | None] = {None: None, "stranger": None, **PRINCIPALS}
#: Who may do what this is about: said here once more, so that a change of the table of roles is seen.
MAY = {"approve": {"anna", "owner"}, "release": {"pia", "owner"}}


#: What left, or stands as if, without a record.
LEAKS = (Path(__file__).parent / "leaks.sql").read_text()
#: What a frozen list shows beside what is said of it.
BESIDE = ("shown", "left_out")
#: Kinds of job: each is done for a payout that nobody released.
JOBS = {"payout.send", "payout.ask"}


@pytest.mark.parametrize("who", list(ACTORS))
def test_no_operation_lets_anything_leave(api: Api, who: str | None) -> None:
    """Every operation, tried by every principal on real targets: who may not approve approves nothing, nor releases."""
    tried = rows(__file__, "Operations", **_prepared(api))
    assert {route.operation_id for route in routes()} == {operation for operation, _, _ in tried}
    before = _records(api)
    for _, request, body in tried:
        answer = api.call(who, *request.split(" "), **({"json": body} if body else {}))
        assert answer.status_code < 500, (request, answer.text)
        _jobs_done(api)  # what may go goes before the next try can stop it
    _nothing_left(api, who, before)
    if who == "owner":
        assert _delivered(api), "an owner who approves and releases must get something out, or nothing was tried"


@pytest.mark.parametrize("who", [None, "pk", "wk", "sk", "stranger", "anna", "pia", "owner"])
def test_no_event_that_is_sent_lets_anything_leave(api: Api, who: str | None) -> None:
    """Every event type, sent by every key: what is not from outside is invalid, and nothing is approved or released by any."""
    tried = rows(__file__, "Events", **_prepared(api))
    before = _records(api)
    outside = {str(kind.__struct_config__.tag) for kind in events.OUTSIDE}
    for type_, fields in tried:
        said = {"type": type_, "id": uuid.uuid4().hex, **fields}
        while (answer := api.call(who, "POST", "/v1/events", json=said)).status_code == HTTPStatus.TOO_MANY_REQUESTS:
            time.sleep(int(answer.headers["retry-after"]))  # a page may send so much and no more
        assert answer.status_code in (202, 401, 403), answer.text
        if answer.status_code == 202 and type_ not in outside:
            assert answer.json()["items"][0]["status"] == "invalid"
    assert _records(api) == before
    assert _leaks(api) == []


@pytest.mark.parametrize("who", [one for one, actor in ACTORS.items() if actor is not None])
def test_no_event_that_is_decided_lets_anything_leave(api: Api, who: str) -> None:
    """Every event type, put to the write path itself in the name of every principal: the core asks for the permission."""
    tried = rows(__file__, "Events", **_prepared(api))
    kinds = {str(kind.__struct_config__.tag): kind for kind in (*events.OUTSIDE, *events.INTERNAL, *events.COMMANDS)}
    assert set(kinds) == {type_ for type_, _ in tried}
    assert all(kind.PERMISSION for kind in events.COMMANDS)
    before = _records(api)
    actor = ACTORS[who]
    assert actor is not None
    for type_, listed in tried:
        fields = {name: value for name, value in listed.items() if name not in BESIDE}

        def make(stamp: commands.Stamp, type_: str = type_, fields: dict[str, Any] = fields) -> Any:
            event = msgspec.convert({**stamp, **fields}, kinds[type_])
            assert "list_sha256" not in fields or lists.digest(event.items) == event.list_sha256
            return event

        impossible = type_ in ("timer.due", "program.published", "program.moved")  # no such timer, no such rules
        with contextlib.suppress(Exception) if impossible else contextlib.nullcontext():
            api.run(commands.command(api.goodword.engine, api.ws, make, actor))
    _nothing_left(api, who, before)


def test_no_job_sends_what_was_not_released(api: Api) -> None:
    """A worker that gets any job for a payout that nobody released delivers nothing."""
    payout = _prepared(api)["payout"]
    doing = payouts.kinds(api.goodword.directory, api.goodword.rails)
    assert set(doing) == JOBS
    for name, kind in doing.items():
        assert api.run(kind.do(api.ws, [Leased("job_1", name, payout, 1)])) == {}
    assert _delivered(api) == set()
    assert api.get(f"/v1/payouts/{payout}")["status"] == "awaiting_release"
    assert _leaks(api) == []


def test_no_command_line_lets_anything_leave(api: Api, database: str, tmp_path: Any) -> None:
    """Every command: none approves or releases, not even in the hands of whoever holds the database."""
    file = tmp_path / "rules.yaml"
    tried = rows(__file__, "Commands", file=str(file), folder=str(tmp_path), **_prepared(api))
    assert set(_commands(main)) == {command for command, _, _ in tried}
    file.write_text("program: other\ncurrency: EUR\nconversions: [{rewards: [{side: friend, flat: {EUR: 1}}]}]\n")
    before = _records(api)
    env = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
    for command, arguments, remark in tried:
        if not remark.startswith("apart"):
            done = CliRunner().invoke(main, f"{command} {arguments}", env=env)
            assert (done.exit_code == 0) != remark.startswith("fails"), (command, done.output, done.exception)
    assert _records(api) == before
    assert _leaks(api) == []


def _commands(command: click.Command, path: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{path} {name}")
    else:
        yield path.strip()


def _prepared(api: Api) -> dict[str, str]:
    """Return what there is to be had by the names of the tables, with a member of each role and a stranger to try to get it."""
    api.member("anna", "approver")
    api.member("pia", "payer")
    api.member("pam", "payer")
    api.member("nobody")
    api.keys["stranger"] = api.say("owner", "/v1/workspaces", {"name": "another"})["owner_key"]
    name = f"n{uuid.uuid4().hex[:8]}"
    for friend in (f"{name}a", f"{name}w"):
        api.purchase(friend)
        api.payee(f"ann-{friend}")
        api.payee(friend)
    year = int(api.get("/v1/clock")["now"][:4]) + 1
    api.move(f"{year}-01-01T00:00:00Z")
    person, friend = (api.person(f"ann-{name}{last}") for last in "aw")
    [[approved], [waiting]] = (api.get("/v1/rewards", beneficiary=who)["items"] for who in (person, friend))
    api.agree("/v1/approvals", approved["id"])
    api.move(f"{year}-03-01T00:00:00Z")
    api.say("pam", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [person]})
    [payout] = api.get("/v1/payouts", beneficiary=person)["items"]
    assert (waiting["status"], payout["status"]) == ("in_review", "awaiting_release")
    to_approve = api.get("/v1/approvals", id=waiting["id"])
    to_release = api.get("/v1/payouts/release", id=payout["id"])
    to_settle = {**to_approve, "how": "forgiven", "reason": "tried"}
    to_restore = {**to_approve, "reason": "tried"}
    lists_ = {"to_approve": to_approve, "to_release": to_release, "to_settle": to_settle, "to_restore": to_restore}
    lists_ |= {"items": to_approve["items"], "rules": RULES}
    things = {"reward": waiting["id"], "event": waiting["evt"], "program": waiting["program"], "payout": payout["id"]}
    names = {"name": name, "person": person, "friend": friend, "ws": api.ws}
    return {**names, **things, **{what: json.dumps(listed) for what, listed in lists_.items()}}


def _nothing_left(api: Api, who: str | None, before: dict[str, int]) -> None:
    _jobs_done(api)
    after = _records(api)
    for kind, members in MAY.items():
        assert who in members or after[kind] == before[kind], f"{who} did {kind}"
    if who not in MAY["release"]:
        assert _delivered(api) == set()
    assert _leaks(api) == []


def _jobs_done(api: Api) -> None:
    api.until(lambda: not api.rows("select 1 from job where workspace_id = $1 and done_at is null"))


def _records(api: Api) -> dict[str, int]:
    """Return how many approvals and releases are on record."""
    counts = dict(api.rows("select kind, count(*) from approval where workspace_id = $1 group by kind"))
    return {kind: counts.get(kind, 0) for kind in ("approve", "release")}


def _delivered(api: Api) -> set[str]:
    """Return what the rail has delivered, by its own books."""
    return {path.name for path in (api.goodword.settings.home / "sandbox_rail").glob("pay_*")}


def _leaks(api: Api) -> list[Any]:
    """Return what left, or stands as if, without a record of a member who approved or released it."""
    released = {s for (s,) in api.rows("select subject from approval where workspace_id = $1 and kind = 'release'")}
    return [*api.rows(LEAKS), *(_delivered(api) - released)]
