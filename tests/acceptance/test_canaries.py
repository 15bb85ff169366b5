"""Who is erased is nowhere any more: canaries go in through every public way, and come out of no dump, no key and no log."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api, Command, goodword
from tests.api.test_mappings import deliver, keep
from tests.console.test_mail import Box, box
from tests.portal.conftest import OURS, made
from tests.portal.test_saying_no import Browser
from tests.portal.test_settings import account

from goodword.app.proof.audit import verify
from goodword.store import kept, letters, notes, payees, people, portal, tax_forms
from goodword.store.embedded_place import find_binaries
from goodword.telemetry import Json

__all__ = ["box", "goodword"]

#: Where each goes in -> what is looked for afterwards. No two are alike, and none is a word of ours.
CANARIES: Final = {
    "the company's name for them": "zebid01",
    "their code": "zebcode02",
    "the code that it was": "zebcode03",
    "their mail": "zebmail04@zeb.example",
    "their phone": "+4915112345605",
    "their name": "Zebname06",
    "an unknown trait": "zebtrait07",
    "a row of a file": "zebrow08",
    "the name of a file": "zebfile09",
    "the other account's name": "zebid10",
    "the other account's mail": "zebmail11@zeb.example",
    "the other account's code": "zebcode12",
    "where they are paid": "DE89370400440532013000",
    "in whose name": "Zebholder14",
    "where they ask to be paid": "FR1420041010050500013M02606",
    "a tax form": "zebtax16",
    "as whom they are named": "Zebshown17",
    "a dispute": "zebdispute18",
    "a message of theirs": "zebmessage19",
    "a tip of theirs": "zebtip40",
    "a complaint": "zebcomplaint18",
    "an answer to them": "zebanswer20",
    "a comment of colleagues": "zebcomment21",
    "why a dispute was decided": "zebdecided22",
    "why a case was put aside": "zebaside23",
    "a claim of theirs": "zebclaim24",
    "a comment on a claim": "zebclaim25",
    "why a reward was put aside": "zebaside26",
    "why a reward was held": "zebheld27",
    "why a reward was rejected": "zebrejected28",
    "a correction": "zebcorrection29",
    "why they were unmasked": "zebunmasked30",
    "why accounts were merged": "zebmerged31",
    "an agreement": "zebagreed32",
    "a deal of theirs": "zebdeal33",
    "a message about a deal": "zebdeal34",
    "why they are in a pilot": "zebpilot35",
    "what came of a source": "zebagent36",
    "what somebody says who joins": "Zebjoins37",
    "what a shop calls them": "Zebfriend38",
}
IT: Final = CANARIES
SHOP: Final = """\
program: shop
currency: EUR
landing_url: https://shop.example.com/welcome
hold: 0d
conversions:
  - on: purchase
    rewards: [{side: advocate, flat: {EUR: 1000}}]
"""
RULES_OF: Final = RULES + "\nrequires_terms: true\nsharing: {join: open}\nmessages: {topics: [enrolled]}\n"


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Everything that is logged, as it is written."""
    lines: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Keeps(), logging.getLogger()
    handler.setFormatter(Json())
    level, quiet = root.level, [logging.getLogger(name) for name in ("httpx", "httpcore", "mail.log", "asyncio")]
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for other in quiet:  # of the browser and the mail server, which are others' processes
        other.setLevel(logging.ERROR)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


async def _opens(api: Api) -> dict[str, str]:
    """All that the master key opens, by where it lies."""
    ws, vault = await api.goodword.directory.workspace(api.ws), api.goodword.directory.vault
    assert ws is not None
    async with api.goodword.pool.acquire() as conn:

        async def ids(sql: str) -> list[str]:
            return [row[0] for row in await conn.fetch(sql, ws.id)]

        everybody = await ids("select id from person where workspace_id = $1")
        named = await ids("select id from alias where workspace_id = $1 and sealed is not null")
        links = await conn.fetch(
            "select asked, joining from portal_link where workspace_id = $1 and joining is not null", ws.id
        )
        told = list(await ids("select message from letter_text where workspace_id = $1"))
        deliveries = [
            it
            for source in await ids("select distinct source from kept_delivery where workspace_id = $1")
            for it in await kept.newest(conn, ws, source, "~", 0, 1_000)
        ]
        typed = await ids("select id from note where workspace_id = $1")
        return {
            "names": str(await people.texts(conn, ws.id, ws.keys, vault, named)),
            "personal": str(await people.said_of_each(conn, ws.id, vault, everybody, 1_000)),
            "accounts": str(await payees.opened(conn, ws, vault, everybody)),
            "entered": str(await payees.entered(conn, ws, vault, everybody)),
            "forms": str(await tax_forms.opened(conn, ws, vault, everybody)),
            "notes": str(await notes.each(conn, ws, typed)),
            "letters": str([await letters.said(conn, ws, vault, it) for it in told]),
            "deliveries": str(deliveries),
            "joining": str([portal.opened(ws, row["asked"], row["joining"]) for row in links]),
        }


def _dumped(database: str) -> str:
    """What PostgreSQL's own tool makes of the database: rows as text, bytes as they can be read and as hex."""
    command: list[str | Path] = [find_binaries() / "pg_dump", "--inserts", f"--dbname={database}"]
    done = subprocess.run(command, capture_output=True, check=True)
    text = done.stdout.decode(errors="replace")
    binary = b"\n".join(bytes.fromhex(it) for it in re.findall(r"\\x((?:[0-9a-f]{2})+)", text))
    return text + binary.decode(errors="replace")


def _found(text: str) -> set[str]:
    """Which canaries stand in a text, as they are or as hex."""
    text = text.lower()
    forms = {where: (it.lower(), it.lower().encode().hex(), it.encode().hex()) for where, it in CANARIES.items()}
    return {where for where, its in forms.items() if any(it in text for it in its)}


def _known(api: Api, goodword: Command, mails: Box, folder: Path) -> str:
    """What the company and its systems say of them; returns who they are."""
    for name in ("anna", "berta"):
        api.member(name, "approver")
    api.member("pam", "program_manager")
    main = {"program": "main"}
    keep(api)
    own, other, shop = IT["the company's name for them"], IT["the other account's name"], IT["what a shop calls them"]
    api.send(
        sent.enrolled(
            "e1",
            own,
            IT["the code that it was"],
            email=IT["their mail"],
            phone=IT["their phone"],
            name=IT["their name"],
            accepted_terms=True,
            **main,
        ),
        sent.enrolled(
            "e2",
            other,
            IT["the other account's code"],
            email=IT["the other account's mail"],
            accepted_terms=True,
            **main,
        ),
        sent.enrolled("e3", "eve", "EVE", email="eve@shop.example", accepted_terms=True, **main),
        sent.lead("l1", "ben", code=IT["the code that it was"], **main),
        sent.purchase("o1", "ben", "i1", 20_000),
        sent.lead("l2", own, code="EVE", customer_name=shop, **main),
        {"type": "customer.updated", "id": "u", "customer_external_id": own, "traits": {"zeb": IT["an unknown trait"]}},
    )
    deliver(
        api, {"type": "page", "messageId": "m", "userId": own, "context": {"userAgent": IT["what came of a source"]}}
    )
    api.until(lambda: len(mails.mails) >= 3)
    person = api.person(own)
    file = folder / f"{IT['the name of a file']}.csv"
    file.write_text(f"external_id,code,name\n{own},{IT['the code that it was']},{IT['a row of a file']}\n")
    assert "1 " in goodword("import", "advocates", str(file)).stdout
    [advocate] = api.get("/v1/advocates", person=person)["items"]
    api.say("owner", f"/v1/advocates/{advocate['id']}/code", {"code": IT["their code"]})
    return person


def _decided(api: Api, person: str) -> str:
    """Staff type beside what they decide of them; returns the reward that was rejected."""
    own, other = IT["the company's name for them"], IT["the other account's name"]
    [reward] = api.get("/v1/rewards", beneficiary=person)["items"]
    items = [{name: reward[name] for name in ("id", "amount", "unit")}]
    api.say("owner", "/v1/rewards/holds", {"items": items, "reason": "other", "note": IT["why a reward was held"]})
    [case] = api.get("/v1/cases", status="open")["items"]
    said = {"until": case["due_at"], "reason": "waits", "note": IT["why a case was put aside"]}
    api.say("anna", f"/v1/cases/{case['id']}/snooze", said)
    api.say("berta", f"/v1/cases/{case['id']}/decision", {"outcome": "cleared", "reason": "looked_at"})
    api.move("2026-03-17T09:00:00Z")
    api.until(lambda: api.get(f"/v1/rewards/{reward['id']}")["status"] == "in_review")
    aside = {"until": "2026-03-18T09:00:00Z", "reason": "waits", "note": IT["why a reward was put aside"]}
    api.say("owner", f"/v1/rewards/{reward['id']}/snooze", aside)
    rejected = {"items": items, "reason": "not_paid", "note": IT["why a reward was rejected"]}
    api.say("owner", "/v1/rewards/rejections", rejected)
    unmasked = {"subject": person, "fields": ["name"], "note": IT["why they were unmasked"]}
    api.say("owner", "/v1/unmaskings", unmasked)
    merged = {"gone": api.person(other), "reason": "same_person", "note": IT["why accounts were merged"]}
    api.say("owner", f"/v1/people/{person}/merges", merged)
    agreed = {"advocate": own, "percent": "12", "accounts": ["Acme"], "note": IT["an agreement"]}
    api.say("owner", "/v1/agreements", agreed)
    corrected = {"program": "main", "person": own, "origin": "goodwill", "amount": 100, "currency": "EUR"}
    api.say("owner", "/v1/corrections", corrected | {"why": IT["a correction"]})
    [entered] = [it for it in api.get("/v1/rewards", beneficiary=person)["items"] if it["id"] != reward["id"]]
    items = [{name: entered[name] for name in ("id", "amount", "unit")}]
    api.say("anna", "/v1/rewards/rejections", {"items": items, "reason": "not_owed"})
    form = {"form": "none", "details": {"country": "DE", "why": IT["a tax form"], "signed": "2026-03-01"}}
    assert api.call("owner", "PUT", f"/v1/people/{person}/tax-forms/us", json=form).is_success
    return str(reward["id"])


def _said(api: Api, reward: str) -> None:
    """They speak at the portal, and are answered."""
    own = IT["the company's name for them"]
    with Browser(api, own) as it:
        gives = {"purpose": "named", "outcome": "given", "shown_as": IT["as whom they are named"]}
        assert it.send("/about-me", **gives).status_code == 303
        for iban in ("where they are paid", "where they ask to be paid"):
            paid = account(IT[iban], **{"d.name": IT["in whose name"]})
            assert it.send("/settings", to="/settings/payout", **paid).status_code == 303
        gone = it.send(f"/wrong/{reward}", reason="other", text=IT["a dispute"]).headers["location"]
        talk = gone.removeprefix(it.root).partition("?")[0]
        assert it.send(talk, text=IT["a message of theirs"]).status_code == 303
        assert it.send("/about-me/complaint", text=IT["a complaint"]).status_code == 303
        friend = {"program": "main", "mail": "fred@shop.example", "day": "2026-03-05", "how": "told"}
        assert it.send("/missing", text=IT["a claim of theirs"], **friend).status_code == 303
        tip = {"program": "main", "what": "tip", "text": IT["a tip of theirs"]}
        assert it.send("/stories", **tip).status_code == 303
    about = f"/v1/cases/{talk.rpartition('/')[2]}"
    api.say("anna", f"{about}/comments", {"note": IT["an answer to them"], "told": True})
    api.say("anna", f"{about}/comments", {"note": IT["a comment of colleagues"]})
    decided = {"outcome": "dismissed", "reason": "looked_at", "note": IT["why a dispute was decided"]}
    api.say("anna", f"{about}/decision", decided)
    [claim] = api.get("/v1/claims")["items"]
    api.say("anna", f"/v1/claims/{claim['id']}/comments", {"note": IT["a comment on a claim"]})
    deals = made(api, own)
    assert deals.register(note=IT["a deal of theirs"], company="Acme", email="carl@acme.example").status_code == 303
    [deal] = deals.deals()
    api.say("owner", f"/v1/deals/{deal['id']}/messages", {"side": "sales", "text": IT["a message about a deal"]})


def _also(api: Api, mails: Box, person: str) -> None:
    """They are in a pilot, and ask to join where they are known already."""
    own = IT["the company's name for them"]
    api.say("pam", "/v1/programs", {"document": SHOP})
    api.send(*(sent.enrolled(f"s{n}", who, f"at shop {n}", program="shop") for n, who in enumerate((own, "eve"))))
    api.say("pam", "/v1/pilots/shop", {"advocates": [api.person("eve")]})
    api.move(api.get("/v1/pilots/shop")["cycles"][-1]["ends"])
    again = {
        "outcome": "enlarged",
        "sha256": api.get("/v1/pilots/shop")["sha256"],
        "advocates": [person, api.person("eve")],
    }
    api.say("owner", "/v1/pilots/shop/decision", again | {"note": IT["why they are in a pilot"]})
    many = len(mails.mails)
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False, headers=OURS) as browser:
        joins = {"mail": IT["their mail"], "name": IT["what somebody says who joins"], "agreed": "yes"}
        assert browser.post(f"/portal/{api.ws}/join/main", data=joins).status_code == 200
    api.until(lambda: len(mails.mails) > many)


@pytest.fixture
def planted(api: Api, goodword: Command, box: tuple[Box, Any], tmp_path: Path) -> str:
    """Who they are, of whom each canary is planted by now."""
    mails, api.goodword.directory.post = box
    api.say("owner", "/v1/programs", {"document": RULES_OF})
    person = _known(api, goodword, mails, tmp_path)
    _said(api, _decided(api, person))
    _also(api, mails, person)
    return person


def test_after_an_erasure_no_canary_is_found(
    logged: list[str], api: Api, goodword: Command, database: str, planted: str
) -> None:
    """Each stood there, and its seal opened, before; afterwards none stands in a dump, behind any seal, or in a log line."""
    person = planted
    before = api.run(_opens(api))
    assert all(len(it) > len("{}") for it in before.values()), before
    missing = CANARIES.keys() - _found(str(before)) - {"the name of a file"}
    assert missing == set()

    answer = api.call("owner", "DELETE", f"/v1/people/{person}")
    assert answer.is_success, answer.text
    api.until(
        lambda: (
            api.rows("select count(*) from job where workspace_id = $1 and done_at is null and due_at < 1") == [(0,)]
        )
    )
    after = api.run(_opens(api))
    assert {where: _found(text) for where, text in after.items() if _found(text)} == {}
    dumped = _dumped(database)
    assert person in dumped, "the log keeps the id"
    assert _found(dumped) == set()
    assert '"route"' in str(logged), "each request is logged"
    assert _found("\n".join(logged)) == set()
    directory = api.goodword.directory
    report = api.run(verify(directory.engine.pool, api.ws, safe=directory.vault))
    assert report.differences == ()
    assert goodword("verify").stdout.partition("\n")[0].endswith(": verified")


#: What is theirs to know of it: not what colleagues wrote for one another, nor what only ever passed through.
THEIRS: Final = CANARIES.keys() - {
    "the name of a file",
    "a comment of colleagues",
    "why a case was put aside",
    "a comment on a claim",
    "why a reward was put aside",
    "why a reward was held",
    "why a reward was rejected",
    "a correction",
    "why they were unmasked",
    "why accounts were merged",
    "an agreement",
    "why they are in a pilot",
    "what came of a source",
    "what somebody says who joins",
}


@pytest.mark.usefixtures("planted")
def test_a_copy_holds_each_canary_that_is_theirs(api: Api) -> None:
    """All that they and the company's systems said; of what colleagues wrote for one another nothing."""
    with Browser(api, IT["the company's name for them"]) as it:
        copy = it.client.get(f"{it.root}/about-me/copy")
    assert copy.status_code == 200
    assert _found(copy.text) == THEIRS
