"""Nothing that has value leaves without an approval and a release by named members, whatever anybody tries.

The tables below list every operation, event type, command and kind of job there is, with what is tried; one that is not listed fails.
"""

import contextlib
import itertools
import json
import uuid
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.api.conftest import RULES, Api
from tests.api.test_permissions import PRINCIPALS

from goodword.api import routes
from goodword.app.follow import payouts
from goodword.app.write import commands
from goodword.cli import main
from goodword.core import events, lists
from goodword.core.events import Item
from goodword.core.facts import Actor
from goodword.store.jobs import Leased

Tried = list[tuple[str, str, Any]]


#: Who tries; ``stranger`` owns another workspace.
ACTORS: dict[str | None, Actor | None] = {None: None, "stranger": None, **PRINCIPALS}
#: Who may do what this is about: said here once more, so that a change of the table of roles is seen.
MAY = {"approve": {"anna", "owner"}, "release": {"pia", "owner"}}


class Targets:
    """A reward that waits for its approval and a payout that waits for its release, of people who can be paid."""

    def __init__(self, api: Api) -> None:
        self.name = f"n{uuid.uuid4().hex[:8]}"
        approved, waiting = f"{self.name}a", f"{self.name}w"
        for friend in (approved, waiting):
            api.purchase(friend)
            api.payee(f"ann-{friend}")
            api.payee(friend)
        now = api.get("/v1/clock")["now"]
        api.move(f"{int(now[:4]) + 1}-01-01T00:00:00Z")
        self.person = api.person(f"ann-{approved}")
        self.friend = api.person(f"ann-{waiting}")
        [self.approved] = api.get("/v1/rewards", beneficiary=self.person)["items"]
        [self.waiting] = api.get("/v1/rewards", beneficiary=self.friend)["items"]
        api.agree("/v1/approvals", self.approved["id"])
        api.move(f"{int(now[:4]) + 1}-03-01T00:00:00Z")
        api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [self.person]})
        [self.payout] = api.get("/v1/payouts", beneficiary=self.person)["items"]
        self.to_approve = api.get("/v1/approvals", id=self.waiting["id"])
        self.to_release = api.get("/v1/payouts/release", id=self.payout["id"])
        self.program = self.waiting["program"]
        assert (self.waiting["status"], self.payout["status"]) == ("in_review", "awaiting_release")


def operations(t: Targets) -> dict[str, Tried]:
    """What is tried with every operation: method, path, body. Those that could harm come before those that spoil the targets."""
    reasoned = {"items": t.to_approve["items"], "reason": "tried"}
    claim = {"program": t.program, "person": t.friend, "advocates": [{"person": t.person}], "reason": "tried"}
    ids = {"person": t.person, "payout": t.payout["id"], "event": t.waiting["evt"], "rules": "0" * 64}
    ids |= dict.fromkeys(("reward", "id", "note"), t.waiting["id"])
    asked = {
        "find_person": f"?external_id=ann-{t.name}a",
        "list_to_approve": f"?id={t.waiting['id']}",
        "list_to_release": f"?id={t.payout['id']}",
        "prove_inclusion": "?position=1&size=2",
        "prove_consistency": "?old=1&new=2",
    }
    reads = [route for route in routes() if "GET" in route.methods]
    answers = ("sent", "completed", "failed", "returned")
    commands: dict[str, Tried] = {
        "answer_payout": [("POST", f"/v1/payouts/{t.payout['id']}/answer", {"outcome": said}) for said in answers],
        "move_clock": [("POST", "/v1/clock", {"to": "2100-01-01T00:00:00Z"})],
        "draft_payouts": [
            ("POST", "/v1/payouts", {"rail": rail, "unit": "EUR", "beneficiaries": [t.friend, t.person]})
            for rail in ("sandbox", "bank_file")
        ],
        "release_payouts": [
            ("POST", "/v1/payouts/release", t.to_release),
            ("POST", "/v1/payouts/release", t.to_approve),  # a reward is no payout
        ],
        "approve_rewards": [
            ("POST", "/v1/approvals", t.to_approve),
            ("POST", "/v1/approvals", t.to_release),
        ],
        "enter_claim": [("POST", "/v1/claims", {**claim, "lead_at": "2026-03-02T09:00:00Z"})],
        "decide_claim": [("POST", "/v1/claims/clm_1/decision", {"outcome": "won", "reason": "tried"})],
        "decide_case": [("POST", "/v1/cases/cas_1/decision", {"outcome": "cleared", "reason": "tried"})],
        "set_payee": [
            (
                "PUT",
                f"/v1/people/{t.person}/payee",
                {"rail": "sandbox", "details": {"script": "succeed", "name": "Mine"}},
            )
        ],
        "erase_person": [("DELETE", f"/v1/people/{t.friend}", None)],
        "withdraw_approvals": [("POST", "/v1/approvals/withdrawals", reasoned)],
        "reject_rewards": [("POST", "/v1/rewards/rejections", reasoned)],
        "cancel_payout": [("POST", f"/v1/payouts/{t.payout['id']}/cancel", {"reason": "tried"})],
        "create_workspace": [("POST", "/v1/workspaces", {"name": "tried"})],
        "publish_program": [("POST", "/v1/programs", {"document": "program: x"})],
        "move_program": [("POST", f"/v1/programs/{t.program}/resume", None)],
        "set_member": [("POST", "/v1/members", {"email": f"{t.name}@shop.example", "roles": ["owner"]})],
        "make_key": [("POST", "/v1/keys", {"kind": "sk", "name": t.name})],
        "revoke_key": [("DELETE", "/v1/keys/key_1", None)],
        "set_host": [("PUT", "/v1/hosts/go.example.com", None)],
        "remove_host": [("DELETE", "/v1/hosts/go.example.com", None)],
        "preview_rules": [("POST", "/v1/rules/preview", {"document": RULES, "order": {}})],
    }
    names = {route.operation_id: route.path.format(**ids) + asked.get(route.operation_id, "") for route in reads}
    return {**{name: [("GET", path, None)] for name, path in names.items()}, **commands}


def said(t: Targets) -> dict[str, dict[str, Any]]:
    """The fields of every event type, with which it is tried at the write path."""
    person = {"person": t.person}
    invoice = {"invoice": f"inv-{t.name}w"}
    reasoned = {"items": _items(t.to_approve), "reason": "tried"}
    return {
        "advocate.enrolled": person,
        "advocate.suspended": person,
        "advocate.resumed": person,
        "advocate.left": person,
        "click.recorded": {"code": "cod_1", "visitor": "vis_1"},
        "lead.created": {"person": t.friend},
        "conversion.recorded": {"person": t.friend, "invoice": f"again-{t.name}", "amount": 5_000, "currency": "EUR"},
        "conversion.refunded": {**invoice, "refund": "1", "amount": 100},
        "chargeback.opened": {**invoice, "chargeback": "1"},
        "chargeback.closed": {**invoice, "chargeback": "1", "outcome": "kept"},
        "customer.known": {"person": t.friend, "since": 0},
        "customer.updated": {"person": t.friend, "traits": {}},
        "touches.recorded": {"block": "blk_1", "count": 1, "digest": "00"},
        "timer.due": {"timer": "tmr_1", "kind": "hold", "subject": t.waiting["id"], "due_at": 0},
        "clock.moved": {"to": 1},
        "program.published": {"slug": "x", "rules": "x", "document": "{}"},
        "program.moved": {"program": t.program, "to": "active"},
        "member.set": {"member": f"mem_{t.name}", "roles": ("owner",)},
        "payout.answered": {"payout": t.payout["id"], "outcome": "completed"},
        "payout.drafted": {"rail": "sandbox", "kinds": ("cash",), "unit": "EUR", "beneficiaries": (t.friend, t.person)},
        "payout.released": {"items": _items(t.to_release), "list_sha256": t.to_release["list_sha256"]},
        "approval.given": {"items": _items(t.to_approve), "list_sha256": t.to_approve["list_sha256"]},
        "case.decided": {"case": "cas_1", "outcome": "cleared", "reason": "tried"},
        "claim.entered": {
            "program": t.program,
            **person,
            "advocates": ((t.friend, 1, 1),),
            "lead_at": 0,
            "reason": "x",
        },
        "claim.decided": {"claim": "clm_1", "outcome": "won", "reason": "tried"},
        "payee.set": {**person, "rail": "sandbox", "destination": "elsewhere"},
        "person.erased": {"person": t.friend},
        "approval.withdrawn": reasoned,
        "reward.rejected": reasoned,
        "payout.canceled": {"payout": t.payout["id"], "reason": "tried"},
    }


#: Command of the command line -> what is tried; None: it starts a server or a demonstration in workspaces of its own.
COMMANDS: dict[tuple[str, ...], list[str] | None] = {
    ("demo",): None,
    ("serve",): None,
    ("worker",): None,
    ("play",): None,
    ("migrate",): [],
    ("doctor",): None,  # it looks at an installation that serves: tests/operations
    ("backup",): None,  # PostgreSQL's own programs, on a home: likewise
    ("restore",): None,
    ("workspace", "create"): ["tried", "--owner", "tried@shop.example"],
    ("workspace", "list"): [],
    ("member", "add"): ["tried@shop.example", "--role", "owner", "--workspace", "{ws}"],
    ("person", "erase"): ["ann", "--yes", "--workspace", "{ws}"],
    ("program", "publish"): ["{rules}", "--workspace", "{ws}"],
    ("rules", "check"): ["{rules}"],
    ("rules", "try"): ["{rules}"],
    ("workspace", "host"): ["go.example.com", "--workspace", "{ws}"],
    ("explain",): ["{reward}", "--workspace", "{ws}"],
    ("replay",): ["--workspace", "{ws}"],
    ("verify",): ["--workspace", "{ws}"],
    ("export", "hledger"): ["--workspace", "{ws}"],
    ("export", "log"): ["--workspace", "{ws}"],
    ("keys", "rotate"): [],
    ("follower", "list"): ["--workspace", "{ws}"],
    ("follower", "restart"): ["figures", "--workspace", "{ws}"],
    ("keys", "list"): ["--workspace", "{ws}"],
    ("keys", "create"): ["secret", "--workspace", "{ws}"],
    ("keys", "revoke"): ["key_1", "--workspace", "{ws}"],
    ("quarantine", "list"): ["--workspace", "{ws}"],
    ("quarantine", "retry"): ["evt_1", "--workspace", "{ws}"],
}
#: Of these there is nothing to be tried on.
FAIL = {("quarantine", "retry"), ("keys", "revoke"), ("person", "erase")}
#: Kinds of job: each is done for a payout that nobody released.
JOBS = {"payout.send", "payout.ask"}


@pytest.mark.parametrize("who", list(ACTORS))
def test_no_operation_lets_anything_leave(api: Api, who: str | None) -> None:
    """Every operation, tried by every principal on real targets: who may not approve approves nothing, nor releases."""
    targets = _prepared(api)
    assert {route.operation_id for route in routes()} == set(operations(targets))
    before = _records(api)
    for tried in operations(targets).values():
        for method, path, body in tried:
            answer = api.call(who, method, path, **({} if body is None else {"json": body}))
            assert answer.status_code < 500, (method, path, answer.text)
            _jobs_done(api)  # what may go goes before the next try can stop it
    _nothing_left(api, who, before)
    if who == "owner":
        assert _delivered(api), "an owner who approves and releases must get something out, or nothing was tried"


@pytest.mark.parametrize("who", [None, "pk", "wk", "sk", "stranger", "anna", "pia", "owner"])
def test_no_event_that_is_sent_lets_anything_leave(api: Api, who: str | None) -> None:
    """Every event type, sent by every key: what is not from outside is invalid, and nothing is approved or released by any."""
    targets = _prepared(api)
    before = _records(api)
    outside = {str(kind.__struct_config__.tag) for kind in events.OUTSIDE}
    for type_, fields in said(targets).items():
        wire = json.loads(json.dumps({**fields, "items": targets.to_approve["items"]} if "items" in fields else fields))
        answer = api.call(who, "POST", "/v1/events", json={"type": type_, "id": uuid.uuid4().hex, **wire})
        assert answer.status_code in (202, 401, 403), answer.text
        if answer.status_code == 202 and type_ not in outside:
            assert answer.json()["items"][0]["status"] == "invalid"
    assert _records(api) == before
    assert _leaks(api) == []


@pytest.mark.parametrize("who", [one for one, actor in ACTORS.items() if actor is not None])
def test_no_event_that_is_decided_lets_anything_leave(api: Api, who: str) -> None:
    """Every event type, put to the write path itself in the name of every principal: the core asks for the permission."""
    targets = _prepared(api)
    kinds = {str(kind.__struct_config__.tag): kind for kind in (*events.OUTSIDE, *events.INTERNAL, *events.COMMANDS)}
    assert set(kinds) == set(said(targets))
    assert all(kind.PERMISSION for kind in events.COMMANDS)
    before = _records(api)
    actor = ACTORS[who]
    assert actor is not None
    for type_, fields in said(targets).items():

        def make(stamp: commands.Stamp, type_: str = type_, fields: dict[str, Any] = fields) -> Any:
            return kinds[type_](**stamp, **fields)

        impossible = type_ in ("timer.due", "program.published", "program.moved")  # no such timer, no such rules
        with contextlib.suppress(Exception) if impossible else contextlib.nullcontext():
            api.run(commands.command(api.goodword.engine, api.ws, make, actor))
    _nothing_left(api, who, before)


def test_no_job_sends_what_was_not_released(api: Api) -> None:
    """A worker that gets any job for a payout that nobody released delivers nothing."""
    targets = _prepared(api)
    doing = payouts.kinds(api.goodword.directory, api.goodword.rails)
    assert set(doing) == JOBS
    for name, kind in doing.items():
        assert api.run(kind.do(api.ws, [Leased("job_1", name, targets.payout["id"], 1)])) == {}
    assert _delivered(api) == set()
    assert api.get(f"/v1/payouts/{targets.payout['id']}")["status"] == "awaiting_release"
    assert _leaks(api) == []


def test_no_command_line_lets_anything_leave(api: Api, database: str, tmp_path: Any) -> None:
    """Every command: none approves or releases, not even in the hands of whoever holds the database."""
    targets = _prepared(api)
    assert {path for path, _ in _commands(main)} == set(COMMANDS)
    rules = tmp_path / "rules.yaml"
    rules.write_text("program: other\ncurrency: EUR\nconversions: [{rewards: [{side: friend, flat: {EUR: 1}}]}]\n")
    before = _records(api)
    env = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
    for path, arguments in COMMANDS.items():
        if arguments is not None:
            words = [word.format(ws=api.ws, rules=rules, reward=targets.waiting["id"]) for word in arguments]
            done = CliRunner().invoke(main, [*path, *words], env=env)
            assert done.exit_code == 0 or path in FAIL, (path, done.output, done.exception)
    assert _records(api) == before
    assert _leaks(api) == []


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
    else:
        yield path, command


def _items(frozen: dict[str, Any]) -> tuple[Item, ...]:
    items = tuple(Item(**item) for item in frozen["items"])
    assert lists.digest(items) == frozen["list_sha256"]
    return items


def _prepared(api: Api) -> Targets:
    """Return targets, with a member of each role and the owner of another workspace to try them."""
    api.member("anna", "approver")
    api.member("pia", "payer")
    api.member("nobody")
    api.keys["stranger"] = api.say("owner", "/v1/workspaces", {"name": "another"})["owner_key"]
    return Targets(api)


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
    left = [
        api.rows(
            f"""select {shown} from {table} it where workspace_id = $1 and {gone} and not exists (
                  select from approval a where a.workspace_id = $1 and a.subject = it.{subject} and a.kind = '{kind}')"""
        )
        for table, shown, subject, kind, gone in (
            ("reward", "id, status", "id", "approve", "(status in ('approved', 'processing', 'paid') or sent > 0)"),
            (
                "posting",
                "reward, destination",
                "reward",
                "approve",
                "destination in ('payable', 'clearing', 'settled')",
            ),
            ("payout", "id, status", "id", "release", "status not in ('draft', 'awaiting_release', 'canceled')"),
            ("job", "id, kind", "subject", "release", "kind like 'payout.%'"),
        )
    ]
    released = {s for (s,) in api.rows("select subject from approval where workspace_id = $1 and kind = 'release'")}
    return [*itertools.chain.from_iterable(left), *(_delivered(api) - released)]
