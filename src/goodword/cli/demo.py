"""demo: the main job from end to end over the real HTTP server, told as it happens.

A sandbox with a clock of its own, a month of traffic, the queue, people who approve and release, a payout, one explained yes,
one explained no, the ledger, the proof. It lives in a home of its own; ids and keys stand in ``demo.json``. Must not know: SQL, rules.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from goodword import settings as environment
from goodword import words
from goodword.app import say, see
from goodword.app.principal import OPERATOR
from goodword.cli import demo_data as data
from goodword.cli import served
from goodword.cli.client import ApiError, Client
from goodword.cli.run import fail, go, told_of
from goodword.cli.serve import stopping
from goodword.core import calendar
from goodword.settings import Settings, SettingsError
from goodword.store import embedded
from goodword.store.embedded import EmbeddedError
from goodword.store.embedded_place import find_place
from goodword.wiring import Goodword, running, serving

FILE = Path("demo.json")
_MARK = "demo.txt"  # in the home: what has it was made by the demo
_OWNERS = ("olga@shop.example", "otto@shop.example")
_LIMIT = {"EUR": 100_000}
_SCRIPTS = ("succeed", "succeed", "succeed", "late", "succeed", "timeout", "succeed", "fail")
_SHOWN = 8
_WIDTH = 84
_UNDERWAY = ("released", "processing", "unknown", "sent")


@click.command()
@click.option("--once", is_flag=True, help="End when everything is shown, instead of serving until Ctrl-C.")
@click.option("--remove", is_flag=True, help="Remove the home that the demo lives in, and end.")
def demo(once: bool, remove: bool) -> None:
    """Show the whole of it: a month of traffic becomes rewards that people approve and that balance.

    It lives in a home of its own beside yours, with a database of its own; the next demo takes its place.
    """
    try:
        settings = environment.demo()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    try:
        _removed(settings.home)
        if remove:
            click.echo(f"nothing of a demo is left in {settings.home}")
            return
        go(_run(settings, once))
    except OSError as error:
        fail(told_of(error))
    except (ApiError, EmbeddedError, httpx.HTTPError) as error:
        fail(str(error) or type(error).__name__)


async def _run(settings: Settings, once: bool) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / _MARK).write_text("The home of `goodword demo`. `goodword demo --remove` removes it.\n")
    with embedded.alone(settings.home):
        await _shown(settings, once)


async def _shown(settings: Settings, once: bool) -> None:
    async with running(settings) as goodword, AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(serving(goodword, "127.0.0.1", 0 if once else settings.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            url = await stack.enter_async_context(serving(goodword, "127.0.0.1", 0))
        stack.enter_context(served.recorded(settings.home, url))
        _step("Goodword: from a click to an explained, approved, paid and balanced reward")
        story = await _Story.begin(goodword, url)
        try:
            await story.tell()
        finally:
            await story.close()
        command = "goodword" if shutil.which("goodword") else f"{sys.executable} -m goodword"
        stop = None if once else stopping()
        if stop is not None:
            click.echo(f"\n  serving {url}, API at {url}/docs, keys in {FILE}; Ctrl-C ends")
            click.echo(
                f"  The console, once within 15 minutes, as {_OWNERS[0]}:\n  {url}/console/in/{await story.link()}"
            )
        click.echo(f"\n  All of it is in {settings.home}, apart from yours, and its keys in {FILE}.")
        click.echo(f"  Serve it again:  GOODWORD_HOME={settings.home} {command} serve")
        click.echo(f"  Remove it:       {command} demo --remove")
        if stop is not None:
            await stop.wait()


def _removed(home: Path) -> None:
    """Remove what an earlier demo left, its database too, and nothing else."""
    if not home.exists():
        return
    if not (home / _MARK).exists() and any(home.iterdir()):
        fail(f"{home} is where the demo lives, and no demo made what is there: move it away")
    if other := served.by(home):
        fail(f"the demo is served already: {other}. End it first")
    if served.locked(home):
        fail(f"a demo is being made in {home}: wait for its end, or end it first")
    place = find_place(home)
    if served.locked(place.folder / "server.lock"):  # of a demo that was killed: PostgreSQL ends with its next holder
        with embedded.serving(home):
            pass
    for folder in dict.fromkeys((place.folder, place.sockets, home)):
        shutil.rmtree(folder, ignore_errors=folder != home)
    with suppress(OSError, msgspec.DecodeError):
        if msgspec.json.decode(FILE.read_bytes(), type=_Record).home == str(home):
            FILE.unlink()


class _Record(msgspec.Struct):
    home: str


class _Story:
    """The demo as it goes: who is there, what was made."""

    def __init__(self, goodword: Goodword, url: str, made: Any) -> None:
        self.goodword = goodword
        self.url = url
        self.ws: str = made.id
        self.keys: dict[str, str] = {"owner": made.owner_key, "secret": made.secret_key, "write": made.write_key}
        self.keys["otto"] = made.further_owner_keys[0]
        self.clients: dict[str, Client] = {name: Client(url, key) for name, key in self.keys.items()}
        self.record: dict[str, Any] = {"workspace": made.id, "url": url, "home": str(goodword.settings.home)}
        self.paid: set[str] = set()
        self._said = 0

    async def link(self) -> str:
        """Return the token of a link that signs the owner in to the console."""
        directory = self.goodword.directory
        workspace = await directory.workspace(self.record["workspace"])
        assert workspace is not None  # noqa: S101 - it was made just now
        owner = await see.members.owner(OPERATOR.at(workspace), directory)
        return await say.sessions.link(OPERATOR.at(workspace, owner), directory, owner.id)

    @classmethod
    async def begin(cls, goodword: Goodword, url: str) -> _Story:
        """Make the sandbox; its clock starts in March."""
        starts_at = calendar.instant(data.STARTS_AT)
        directory = goodword.directory
        made = await say.workspaces.create(OPERATOR, directory, "demo", *_OWNERS, clock="manual", starts_at=starts_at)
        return cls(goodword, url, made)

    async def close(self) -> None:
        """Close all connections."""
        for client in self.clients.values():
            await client.http.aclose()

    async def tell(self) -> None:
        """All of it, in order."""
        await self.people()
        await self.traffic()
        await self.queue()
        await self.review()
        await self.pay()
        await self.go_on()
        await self.explain()
        await self.prove()
        handle = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode({**self.record, "keys": self.keys})) + b"\n")

    async def say(self, who: str, path: str, body: Any) -> dict[str, Any]:
        """Say a command as somebody and return its answer."""
        self._said += 1
        return await self.clients[who].post(path, body, key=f"demo-{self._said}")

    async def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return every page of a list."""
        items: list[dict[str, Any]] = []
        after = ""
        while True:
            page = await self.clients["owner"].get(path, limit=200, after=after, **params)
            items += page["items"]
            if page["after"] is None:
                return items
            after = page["after"]

    async def people(self) -> None:
        """Members with roles and limits, and the rules."""
        _step("People and rules")
        members = {"anna": "approver", "ben": "approver", "pia": "payer"}
        for name, role in members.items():
            body = {"email": f"{name}@shop.example", "roles": [role], "limits": _LIMIT}
            asked = await self.say("owner", "/v1/members", body)
            change = asked["decision"]["verdicts"][0]["steps"][0][1]["change"]
            added = await self.say("otto", f"/v1/changes/{change}/decision", {"outcome": "confirmed"})
            self.keys[name] = added["key"]
            self.clients[name] = Client(self.url, added["key"])
        await self.say("owner", "/v1/programs", {"document": data.RULES})
        _line("four eyes", "Olga asks for each of them, Otto confirms")
        _line("approve", "Anna and Ben, alone up to " + _money(_LIMIT["EUR"]))
        _line("release", "Pia, likewise")
        _line("rules", "10 % for the advocate, up to 150.00; 10.00 for the friend; five a month; a hold of 14 days")

    async def traffic(self) -> None:
        """A month over HTTP: links that are followed, events that are sent, a clock that is moved."""
        followed, sent = await self.happen(data.month())
        _step("A month of traffic, over HTTP")
        summary = await self.clients["owner"].get("/v1/reports/summary")
        _line("links", f"{followed} followed, each stored before the answer; bots among them")
        _line("events", f"{sent} sent, {summary['leads']} leads, {summary['conversions']} orders")
        _line("decided", f"{summary['attributed_leads']} leads attributed, {summary['monthly_cap_refusals']} capped")

    async def happen(self, days: list[data.Day]) -> tuple[int, int]:
        """Let days pass until all that they bring is decided; returns how many links were followed and events sent."""
        touches: dict[str, dict[str, str]] = {}
        sent = followed = 0
        for day in days:
            await self.move(day.morning)
            marks = await asyncio.gather(*map(self.follow, day.clicks))
            touches |= {visit.friend: mark for visit, mark in zip(day.clicks, marks, strict=True) if visit.friend}
            followed += len(marks)
            await self.move(day.evening)
            events = [_with_touch(event, touches) for event in day.events]
            if events:
                answer = await self.clients["write"].post("/v1/events", events)
                wrong = [item for item in answer["items"] if item["status"] != "accepted"]
                if wrong:
                    fail(f"an event of the demo was not accepted: {wrong[0]}")
            sent += len(events)
        await self.decided()
        return followed, sent

    async def follow(self, visit: data.Click) -> dict[str, str]:
        """Follow a link as a browser does; returns what a lead then names: the click, or its code if that was not stored in time."""
        headers = {"user-agent": visit.agent}
        answer = await self.clients["write"].ask("GET", f"/w/{self.ws}/r/{visit.code}", headers=headers)
        marks = httpx.URL(answer.headers["location"]).params
        return {"click_id": marks["gw_click"]} if "gw_click" in marks else {"code": marks["gw_code"]}

    async def move(self, to: datetime) -> None:
        """Move the sandbox's clock."""
        await self.say("owner", "/v1/clock", {"to": _instant(to)})

    async def decided(self) -> None:
        """Wait until nothing waits."""
        while (await self.clients["owner"].get("/v1/reports/progress"))["waiting"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)

    async def queue(self) -> None:
        """Past the hold: what waits for people."""
        await self.move(data.REVIEWED_AT)
        rewards = await self.all("/v1/rewards", status="in_review")
        names = {advocate["person"]: advocate["external_id"] for advocate in await self.all("/v1/advocates")}
        total = sum(reward["amount"] for reward in rewards)
        _step(f"The queue, 50 days on: {len(rewards)} rewards, {_money(total)}")
        top = sorted(rewards, key=lambda reward: (-reward["amount"], reward["id"]))[:_SHOWN]
        rows = [
            (
                names.get(reward["beneficiary"], "a friend"),
                reward["side"],
                reward["kind"],
                _money(reward["amount"]),
                reward["earned_at"][:10],
                "case" if reward["cases"] else "",
            )
            for reward in top
        ]
        _table(("who", "side", "kind", "amount", "earned", ""), rows)
        click.echo(click.style(f"    and {len(rewards) - len(top)} more", dim=True))
        self.record["queue"] = len(rewards)

    async def review(self) -> None:
        """Cases are closed by Anna, the shop's server enters payment details, lists are approved."""
        _step("People decide")
        cases = await self.all("/v1/cases", status="open")
        for number, case in enumerate(cases):
            outcome = "confirmed" if number == len(cases) - 1 and len(cases) > 1 else "cleared"
            await self.say("anna", f"/v1/cases/{case['id']}/decision", {"outcome": outcome, "reason": "looked_at"})
            flags = ", ".join(flag for flag, _ in case["flags"])
            _line("case", f"{flags.replace('_', ' ')}: {outcome} by Anna")
        rewards = await self.all("/v1/rewards", status="in_review")
        cash = sorted({reward["beneficiary"] for reward in rewards if reward["kind"] == "cash"})
        for number, person in enumerate(cash):
            script = _SCRIPTS[number % len(_SCRIPTS)]
            self.paid.add(person)
            await self.clients["secret"].put(  # the shop's server: a member who entered them could not release to them
                f"/v1/people/{person}/payee", {"rail": "sandbox", "details": {"script": script}}, key=f"payee-{person}"
            )
        large = [reward for reward in rewards if reward["amount"] > data.TWO_PEOPLE_OVER]
        others = [reward for reward in rewards if reward["amount"] <= data.TWO_PEOPLE_OVER]
        for number, piece in enumerate(_pieces(others, _LIMIT["EUR"])):
            await self.approve("ben", piece)
            _line("approved", f"list {number + 1}: {len(piece)} rewards, {_sum(piece)}, by Ben alone")
        if large:
            first = await self.approve("owner", large)
            _line("above a limit", f"{len(large)} of more than 100.00 EUR, by Olga: {first.replace('_', ' ')}")
            second = await self.approve("ben", large)
            _line(second, f"the same list, {_sum(large)}, by Ben too")
        self.record["approved"] = sorted(reward["id"] for reward in rewards)

    async def approve(self, who: str, rewards: list[dict[str, Any]]) -> str:
        """Look at a frozen list, and at the evidence of what is flagged on it, and approve it; returns what came of it."""
        ids = [reward["id"] for reward in rewards]
        frozen = await self.clients[who].get("/v1/approvals", id=ids)
        for shown in frozen["shown"]:
            if not shown["opened"]:
                await self.say(who, f"/v1/rewards/{shown['id']}/looks", {"seconds": 20})
        decision = await self.say(who, "/v1/approvals", frozen)
        return str(decision["verdicts"][0]["outcome"])

    async def pay(self) -> None:
        """When they are due: drafts, a release by two people, a rail, and what it answers."""
        await self.move(data.PAID_AT)
        _step("Money out, when it is due")
        await self.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
        drafts = await self.all("/v1/payouts", status="awaiting_release")
        _line("drafted", f"{len(drafts)} payouts, {_sum(drafts)}")
        for who, name in (("pia", "Pia"), ("owner", "Olga")):
            frozen = await self.clients[who].get("/v1/payouts/release", id=[draft["id"] for draft in drafts])
            decision = await self.say(who, "/v1/payouts/release", frozen)
            outcome = decision["verdicts"][0]["outcome"]
            _line("released", f"by {name}: {outcome.replace('_', ' ')}")
            if outcome == "released":
                break
        payouts = await self.all("/v1/payouts")
        while any(payout["status"] in _UNDERWAY for payout in payouts):
            await asyncio.sleep(0.1)
            payouts = await self.all("/v1/payouts")
        for status in sorted({payout["status"] for payout in payouts}):
            own = [payout for payout in payouts if payout["status"] == status]
            _line(status, f"{len(own)} payouts, {_sum(own)}")

    async def go_on(self) -> None:
        """A second month, for whoever opens the console: what it brought waits for people there."""
        days, stories = data.second_month()
        await self.happen(days)
        await self.move(data.NOW)
        await self.decided()
        for mistake in data.MISTAKES:
            await self.clients["write"].post("/v1/events", mistake)
        rewards = await self.all("/v1/rewards", status="in_review")
        by_order: dict[str, list[dict[str, Any]]] = {}
        for reward in rewards:
            by_order.setdefault(reward["conversion"].removeprefix("inv:"), []).append(reward)
        persons = {advocate["external_id"]: advocate["person"] for advocate in await self.all("/v1/advocates")}
        contested = by_order[stories.contested][0]
        claim = {
            "program": contested["program"],
            "person": contested["friend"],
            "advocates": [{"person": persons[stories.rival], "numerator": 1, "denominator": 1}],
            "lead_at": _instant(data.GOES_ON_AT),
            "reason": "advocate_says_so",
            "evidence": [contested["evt"]],
        }
        await self.say("anna", "/v1/claims", claim)
        paid = next(one["beneficiary"] for one in rewards if one["beneficiary"] in self.paid)
        for person in (persons[stories.new], paid):  # one whom nobody paid before, one whose account is another now
            details = {"rail": "sandbox", "details": {"script": "late"}}
            await self.clients["secret"].put(f"/v1/people/{person}/payee", details, key=f"payee-again-{person}")
        await self.approve("ben", [one for one in by_order[stories.two_people] if one["amount"] > data.TWO_PEOPLE_OVER])
        await self.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
        await self.decided()
        _step("A second month, for you to decide")
        rewards = await self.all("/v1/rewards", status="in_review")
        late = sum(reward["decide_by"] < _instant(data.NOW) for reward in rewards)
        cases = await self.all("/v1/cases", status="open")
        drafts = await self.all("/v1/payouts", status="awaiting_release")
        _line("in review", f"{len(rewards)} rewards, {_sum(rewards)}, {late} of them later than promised")
        _line("look closer", f"{len(cases)} cases, and a customer whom two say that they brought")
        _line("to release", f"{len(drafts)} payouts that came back, {_sum(drafts)}")
        _line("refused", f"{len(data.MISTAKES)} events at the door; and for two days no order came")

    async def explain(self) -> None:
        """One yes and one no, in words."""
        paid = await self.all("/v1/rewards", status="paid")
        yes = max(
            (reward for reward in paid if reward["side"] == "advocate"),
            key=lambda reward: (reward["amount"], reward["id"]),
        )
        no = (await self.clients["owner"].get("/v1/events/lead-self"))["evt"]
        self.record |= {"yes": yes["id"], "no": no}
        for title, id_ in (("A yes, explained", yes["id"]), ("A no, explained", no)):
            _step(f"{title}: {id_}")
            explanation = await self.clients["owner"].get(f"/v1/explanations/{id_}")
            verdict = next(
                (verdict for verdict in explanation["sentences"] if verdict["subject"] == id_),
                explanation["sentences"][0],
            )
            _line(verdict["refusal"] or verdict["outcome"], verdict["beneficiary"])
            for sentence in verdict["steps"]:
                _line("", f"- {sentence}", dim=True)

    async def prove(self) -> None:
        """The ledger adds up, and everything follows from the log."""
        self.record["payouts"] = {payout["id"]: payout["status"] for payout in await self.all("/v1/payouts")}
        _step("The ledger")
        trial = await self.clients["owner"].get("/v1/ledger/trial-balance")
        _table(("account", "unit", "sum"), [(x["account"], x["unit"], _money(x["amount"])) for x in trial["lines"]])
        _line("balanced", "yes, every unit adds up to zero" if trial["balanced"] else "NO")
        self.record["balances"] = trial["lines"]
        await self.goodword.worker.sign_heads()
        report = await see.log.verify(OPERATOR, self.goodword.directory, self.ws)
        head = await self.clients["owner"].get("/v1/log/head")
        _step("The log")
        _line("entries", f"{report.size}, every one decided again: {'all equal' if not report.differences else 'NOT'}")
        _line("root", report.root)
        _line("signed", head["public"])
        self.record |= {"root": report.root, "size": report.size, "head": head, "verified": not report.differences}
        if report.differences or not trial["balanced"]:
            fail(f"the demo does not verify: {report.differences[:3]}")


def _with_touch(event: dict[str, Any], touches: dict[str, dict[str, str]]) -> dict[str, Any]:
    friend = event.get("click_of")
    if friend is None:
        return event
    rest = {name: value for name, value in event.items() if name != "click_of"}
    return {**rest, **touches[friend]}


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _pieces(rewards: list[dict[str, Any]], limit: int) -> list[list[dict[str, Any]]]:
    """Lists that one person may approve: none above the limit in sum."""
    pieces: list[list[dict[str, Any]]] = [[]]
    total = 0
    for reward in rewards:
        if pieces[-1] and total + reward["amount"] > limit:
            pieces.append([])
            total = 0
        pieces[-1].append(reward)
        total += reward["amount"]
    return [piece for piece in pieces if piece]


def _step(text: str) -> None:
    click.echo(click.style(f"\n  {text}", bold=True))


def _line(name: str, text: str, *, dim: bool = False) -> None:
    first, *rest = textwrap.wrap(text, _WIDTH, subsequent_indent="  " if text.startswith("- ") else "")
    for head, part in [(name, first), *(("", part) for part in rest)]:
        click.echo(click.style(f"    {head:<15} {part}", dim=dim))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    numbers = {"amount", "sum"}
    for row in [head, *rows]:
        cells = [
            cell.rjust(width) if name in numbers else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ]
        click.echo(click.style(f"    {'   '.join(cells)}".rstrip(), dim=row is head))


def _money(minor: int) -> str:
    return words.money(minor, "EUR")


def _sum(items: list[dict[str, Any]]) -> str:
    return _money(sum(item["amount"] for item in items))
