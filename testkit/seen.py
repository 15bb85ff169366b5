"""Workspaces to be looked at: a year or a month of traffic with decisions and payouts, nothing at all, hostile names."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any, NamedTuple

import httpx
from aiosmtpd.controller import Controller

from goodword.cli import demo_data, feed
from goodword.core import calendar
from testkit import banking, sent, tokens
from testkit.api import Api
from testkit.product import ROOT, Installation
from testkit.waiting import until

OWNER, SECOND, ANALYST = "olga@shop.example", "otto@shop.example", "ana@shop.example"
YEAR = ROOT.parent / "shared" / "data" / "online_retail" / "events.ndjson.gz"
_RULES = ROOT / "examples" / "retail.yaml"
_TIMEOUT, _PATIENCE = 120, 600
#: As long as what senders write may be.
LONG = 200
SCRIPT, HANDLER, IMAGE = "<script>alert(1)</script>", '"onmouseover="alert(1)', "<img src=x onerror=alert(1)>"

_CREDIT = """
program: loyalty
currency: EUR
hold: 0d
payouts: {every: once}
credit: {expires: 365d}
conversions:
  - rewards: [{side: advocate, percent: 10, kind: credit}]
"""


class Seen:
    """An installation with an owner, and what is put into its workspaces."""

    def __init__(self, it: Installation) -> None:
        self.it = it
        mails = [part for mail in (OWNER, SECOND) for part in ("--owner", mail)]
        self.api = self.reach(it.made("workspace", "create", "empty", "--mode", "sandbox", "--clock", "manual", *mails))

    def reach(self, made: dict[str, Any]) -> Api:
        """Return a workspace over HTTP."""
        api = Api(self.it.url, made, httpx.Client(base_url=self.it.url, timeout=_TIMEOUT, trust_env=False))
        for number, key in enumerate(made.get("further_owner_keys", ()), 2):
            api.keys[f"owner{number}"] = key
        return api

    def workspace(self, name: str, clock: str, starts_at: str) -> Api:
        """Return a new sandbox with two owners."""
        body = {"name": name, "clock": clock, "starts_at": starts_at}
        api = self.reach(self.api.say("owner", "/v1/workspaces", body))
        api.keys["second"] = self.member(SECOND, api, "owner")
        return api

    def link(self, mail: str, api: Api) -> str:
        """Return a link that signs a member in."""
        return self.it.said("console", "link", mail, "--workspace", api.ws).strip().splitlines()[-1]

    def member(self, mail: str, api: Api, *roles: str) -> str:
        """Add a member whom the holder of the database confirms; returns their key."""
        args = [part for role in roles for part in ("--role", role)]
        added = self.it.made("member", "add", mail, *args, "--workspace", api.ws)
        confirmed = self.it.run("member", "confirm", mail, "--workspace", api.ws, "--json")
        return str(added.get("key") or json.loads(confirmed.stdout)["key"])


def year(seen: Seen, whole: bool = True) -> tuple[Api, str]:
    """Return a workspace after the year of orders, or after the demo's month where it is not there; and which it was."""
    if whole and YEAR.exists():
        traffic, told = feed.read(YEAR), "the Online Retail year"
        rules, starts_at = _RULES.read_text(encoding="utf-8"), traffic.starts_at
    else:
        events = [event for day in demo_data.month() for event in _typed(day)]
        text = "\n".join(json.dumps(event) for event in events)
        path = seen.it.home / "month.ndjson"
        path.write_text(text, encoding="utf-8")
        traffic, told = feed.read(path), "the demo's month; the Online Retail year is not there"
        rules, starts_at = demo_data.RULES, traffic.starts_at
    api = seen.workspace("shop", "events", starts_at)
    api.say("owner", "/v1/programs", {"document": rules})
    _routed(api, 3)
    _pays_from(api)
    asyncio.run(_fed(api, traffic.lines))
    _settled(api)
    _registered(api)
    later = calendar.text(calendar.parse(api.get("/v1/clock")["now"]) + 50 * calendar.DAY)
    _handled(api, lambda: api.send(sent.lead("later", "nobody's friend", occurred_at=later)))
    _tells(api, "https://hooks.shop.example/goodword", "what finance books")
    _route(api, 5)
    return api, told


def _routed(api: Api, days: int) -> None:
    """Let a table of routes hold, which a second owner confirms."""
    _route(api, days)
    change = api.get("/v1/routing")["waiting"]["change"]
    answer = api.call("second", "POST", f"/v1/changes/{change}/decision", json={"outcome": "confirmed"})
    assert answer.is_success, answer.text


def _pays_from(api: Api) -> None:
    """Let files for the bank pay from an account, which a second owner confirms; another one waits."""
    account = {"name": "Shop GmbH", "iban": "DE02120300000000202051", "town": "Berlin", "country": "DE"}
    for name in ("Shop GmbH", "Shop Ltd"):
        answer = api.call("owner", "PUT", "/v1/debtor", json={"details": account | {"name": name}})
        assert answer.is_success, answer.text
        if name == account["name"]:
            change = api.get("/v1/debtor")["waiting"]["change"]
            api.say("second", f"/v1/changes/{change}/decision", {"outcome": "confirmed"})


def _route(api: Api, days: int) -> None:
    """Publish a table of routes: what is flagged and what is much is an owner's, the rest an approver's."""
    routes = [
        {"name": "flagged", "flags": ["any"], "role": "owner", "fallback": OWNER, "days": days},
        {"name": "large", "kinds": ["cash"], "at_least": {"EUR": 10_000, "GBP": 10_000}, "role": "owner", "days": days},
        {"name": "rest", "role": "approver", "days": 2 * days},
    ]
    document = json.dumps({"routes": [{"fallback": OWNER, **one} for one in routes]})
    answer = api.call("owner", "POST", "/v1/routing", json={"document": document, "name": "routing.json"})
    assert answer.is_success, answer.text


def _typed(day: demo_data.Day) -> list[dict[str, Any]]:
    """The events of a day, each lead that came by a link with that link's code typed."""
    codes = {visit.friend: visit.code for visit in day.clicks if visit.friend}
    return [
        {**event, "code": codes[event["customer_external_id"]]}
        if event["type"] == "lead.created" and event.get("customer_external_id") in codes and "code" not in event
        else event
        for event in day.events
    ]


async def _fed(api: Api, lines: list[feed.Line]) -> None:
    headers = {"authorization": f"Bearer {api.keys['wk']}"}
    async with httpx.AsyncClient(base_url=api.url, headers=headers, timeout=_TIMEOUT, trust_env=False) as client:
        await feed.send(client, lines, 2, lambda _: None)


def _settled(api: Api) -> None:
    """Return when all is decided and what follows the log has taken it."""

    def done() -> bool:
        progress = api.get("/v1/reports/progress")
        return not progress["waiting"] and not progress["behind"]

    until(done, patience=_PATIENCE)


def _tells(api: Api, url: str, description: str) -> None:
    """Let a receiver, which nobody finds, be told what is decided from now on, and once more what was."""
    answer = api.call("owner", "POST", "/v1/webhooks", json={"url": url, "description": description})
    assert answer.is_success, answer.text
    path = f"/v1/webhooks/{answer.json()['id']}"
    assert api.call("owner", "POST", f"{path}/test").is_success
    assert api.call("owner", "POST", f"{path}/replay", json={"position": 1}).is_success
    until(lambda: api.get(f"{path}/deliveries")["items"], patience=_PATIENCE)


def _handled(api: Api, later: Callable[[], None]) -> None:
    """Let people do something of everything: payment details, approvals, payouts, a claim. ``later``: lets the next payday come."""
    until(lambda: api.get("/v1/rewards", status="in_review")["items"], patience=_PATIENCE)
    waiting = api.get("/v1/rewards", status="in_review", limit=40)["items"]
    for case in dict.fromkeys(case for one in waiting[::2] for case in one["cases"]):
        answer = api.call(
            "second", "POST", f"/v1/cases/{case}/decision", json={"outcome": "cleared", "reason": "looked_at"}
        )
        assert answer.is_success, answer.text
    _settled(api)
    free = [one for one in api.get("/v1/rewards", status="in_review", limit=40)["items"] if not one["cases"]]
    for person in dict.fromkeys(one["beneficiary"] for one in free[:20]):
        answer = api.call("sk", "PUT", f"/v1/people/{person}/payee", json={"rail": "sandbox", "details": {}})
        assert answer.is_success, answer.text
    for one in free:  # what is flagged is looked at before it is approved
        api.call("owner", "POST", f"/v1/rewards/{one['id']}/looks", json={})
    _settled(api)
    approved = free[: max(2, len(free) // 2)]
    api.agree("/v1/approvals", *[one["id"] for one in approved])
    later()
    some = list(dict.fromkeys(one["beneficiary"] for one in approved))[:-1]  # somebody is left to be drafted
    for _ in range(2):
        _settled(api)
        body = {"rail": "sandbox", "unit": free[0]["unit"], "beneficiaries": some}
        drafted = api.call("owner", "POST", "/v1/payouts", json=body)
        if drafted.is_success:
            return _claimed(api, free)
    raise AssertionError(drafted.text)


def _registered(api: Api) -> None:
    """Let partners register deals: one that conflicts with ours and waits, one that is accepted, one that is declined.

    Ours is with a colleague of a friend, who may have come by them; and with one of the partners something is agreed.
    """
    [program] = api.get("/v1/programs")["items"]
    partners = [one for one in api.get("/v1/advocates", limit=5)["items"] if one["status"] == "active"]
    friend = api.get(f"/v1/people/{api.get('/v1/referrals', limit=1)['items'][0]['friend']}")["external_id"]
    firm = "globex.example"
    api.send(
        {"type": "customer.updated", "id": "their-firm", "customer_external_id": friend, "company": firm},
        {
            "type": "deal.reported",
            "id": "own",
            "deal_id": "own-1",
            "status": "open",
            "company_domain": firm,
            "customer_external_id": "carla",
        },
    )
    terms = {
        "advocate": partners[0]["external_id"],
        "percent": "12.5",
        "accounts": [firm],
        "countries": ["FR"],
        "protection_days": 90,
    }
    assert api.call("second", "POST", "/v1/agreements", json=terms).is_success
    for n, (company, outcome) in enumerate((("initech", "accepted"), ("hooli", "declined"), ("globex", None))):
        partner = partners[n % len(partners)]["external_id"]
        body = {
            "advocate_external_id": partner,
            "program": program["slug"],
            "company": {"name": company.capitalize(), "domain": f"{company}.example"},
            "contact": {"email": f"buyer@{company}.example"},
            "note": "They asked for an offer.",
        }
        answer = api.call("owner", "POST", "/v1/deals", json=body)
        assert answer.is_success, answer.text
        path = f"/v1/deals/{answer.json()['verdicts'][0]['subject']}"
        assert api.call(
            "second", "POST", f"{path}/messages", json={"side": "sales", "text": "Who decides there?"}
        ).is_success
        said = {"outcome": outcome, **({"reason": "own_deal"} if outcome == "declined" else {})}
        if outcome is not None:
            answer = api.call("second", "POST", f"{path}/decision", json=said)
            assert answer.is_success, answer.text


def credited(api: Api) -> str:
    """Return the path of the page of somebody who has store credit: of two orders, of which some was used and came back."""
    api.say("owner", "/v1/programs", {"document": _CREDIT})
    now = api.get("/v1/clock")["now"]
    api.send(
        sent.enrolled("credit-a", "lena.vogt", "LENAVOGT", program="loyalty", name="Lena Vogt", occurred_at=now),
        sent.lead("credit-l", "timo.reuter", code="LENAVOGT", customer_name="Timo Reuter", occurred_at=now),
        sent.purchase("credit-p", "timo.reuter", "credit-1", 42_000, occurred_at=now),
        sent.lead("credit-m", "nele.brandt", code="LENAVOGT", customer_name="Nele Brandt", occurred_at=now),
        sent.purchase("credit-q", "nele.brandt", "credit-2", 18_500, occurred_at=now),
    )
    _settled(api)
    codes = "\n".join(f"GIFT-{n:04d}" for n in range(12))
    api.say(
        "owner", "/v1/stocks", {"name": "gift-cards-25", "unit": "EUR", "amount": 2_500, "codes": codes, "low_at": 20}
    )
    own = {"kind": "signed", "address": "https://shop.example/goodword/bookings"}
    assert api.call("owner", "PUT", "/v1/own-system", json=own).is_success
    person = api.person("lena.vogt")
    rewards = api.get("/v1/rewards", status="in_review", beneficiary=person)["items"]
    api.agree("/v1/approvals", *[it["id"] for it in rewards])
    body = {"rail": "store_credit", "unit": "EUR", "beneficiaries": [person]}
    payouts = [it["subject"] for it in api.say("owner", "/v1/payouts", body)["verdicts"]]
    api.agree("/v1/payouts/release", *payouts, who="second")
    until(lambda: api.get(f"/v1/people/{person}/credit")["lots"], patience=_PATIENCE)
    used = {"redemption_id": "till-7", "amount": 3_500, "unit": "EUR", "order_reference": "till-7-20418"}
    answer = api.call("sk", "POST", f"/v1/people/{person}/credit/redemptions", json=used)
    assert answer.is_success, answer.text
    back = {"reversal_id": "till-7-back", "amount": 1_000}
    assert api.call("sk", "POST", "/v1/credit/redemptions/till-7/reversals", json=back).is_success
    of, money = {"program": "loyalty", "person": "lena.vogt"}, {"amount": 1_500, "currency": "EUR"}
    why = {"why": "Her parcel was lost twice.", "document": "https://support.shop.example/tickets/4711"}
    api.say("second", "/v1/corrections", {**of, **money, **why, "origin": "goodwill"})
    return f"/console/people/{person}"


def stood(seen: Seen, api: Api) -> None:
    """Let two members approve store credit beforehand, of which some is used, and let another such approval wait for the second."""
    api.keys["approves"] = seen.member("mara@shop.example", api, "approver")
    end = calendar.text(calendar.parse(api.get("/v1/clock")["now"]) + 90 * calendar.DAY)
    terms = {"program": "loyalty", "kind": "credit", "unit": "EUR", "rail": "store_credit", "until": end}
    body = {**terms, "per_reward": 5_000, "per_beneficiary": 20_000, "in_all": 250_000}
    api.say("approves", "/v1/standing-approvals", body)
    change = next(it["change"] for it in api.get("/v1/standing-approvals")["waiting"])
    api.say("second", f"/v1/changes/{change}/decision", {"outcome": "confirmed"})
    now = api.get("/v1/clock")["now"]
    api.send(
        sent.lead("credit-n", "ole.fink", code="LENAVOGT", customer_name="Ole Fink", occurred_at=now),
        sent.purchase("credit-r", "ole.fink", "credit-3", 30_000, occurred_at=now),
    )
    _settled(api)
    api.say("approves", "/v1/standing-approvals", {**body, "per_reward": 8_000})


def piloted(api: Api) -> str:
    """Return the path of a pilot's report, for what comes by typed codes, with two candidates; drafts are made by themselves too."""
    api.say("owner", "/v1/pilots/loyalty", {"ways": ["code"], "share": "12.5"})
    days = {"rail": "bank_file", "unit": "EUR", "every": "week", "on": [1, 4], "hour": 8, "timezone": "Europe/Berlin"}
    api.say("owner", "/v1/payout-schedules", days)
    now = api.get("/v1/clock")["now"]
    for name in ("ida.brandt", "jan.maurer"):
        api.send(
            sent.lead(f"pilot-l-{name}", name, code="LENAVOGT", occurred_at=now),
            sent.purchase(f"pilot-p-{name}", name, f"pilot-{name}", 24_000, occurred_at=now),
        )
    _settled(api)
    return "/console/programs/loyalty/pilot"


def drafted(seen: Seen) -> Api:
    """Return a live workspace whose only program is a draft: nobody has launched it."""
    mails = [part for mail in (OWNER, SECOND) for part in ("--owner", mail)]
    api = seen.reach(seen.it.made("workspace", "create", "live", *mails))
    api.say("owner", "/v1/programs", {"document": _RULES.read_text()})
    api.send(sent.enrolled("live-a", "lena.vogt", "LENA"))
    return api


def failed(seen: Seen, api: Api) -> str:
    """Return the path of the page of a payout that the bank sent back: whether it arrived after all is for two to say."""
    api.keys["pays"] = seen.member("pia@shop.example", api, "payer")
    api.payee("lena.vogt", "bank_file", name="Lena Vogt", iban="DE89370400440532013000")
    person = api.person("lena.vogt")
    of, money = {"program": "loyalty", "person": person, "kind": "cash"}, {"amount": 4_500, "currency": "EUR"}
    api.say("second", "/v1/corrections", {**of, **money, "origin": "bonus", "why": "She spoke at our fair."})
    [reward] = [it["id"] for it in api.get("/v1/rewards", beneficiary=person)["items"] if it["origin"] == "bonus"]
    api.say("owner", f"/v1/rewards/{reward}/looks", {"seconds": 20})
    api.agree("/v1/approvals", reward)
    drafted = api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR", "beneficiaries": [person]})
    [payout] = [it["subject"] for it in drafted["verdicts"]]
    api.agree("/v1/payouts/release", payout, who="pays")
    until(lambda: api.get(f"/v1/payouts/{payout}")["status"] == "processing", patience=_PATIENCE)
    refused = b64encode(banking.pain([(payout, "RJCT", "AC04")])).decode()
    assert api.say("pays", "/v1/reconciliations", {"file": refused})["counts"]["matched"] == 1
    return f"/console/payouts/{payout}"


def forms(api: Api) -> dict[str, str]:
    """Return where partners come: a form with deals (full) and one without any (empty), terms, and what opens nothing (gone)."""
    partners = [one["person"] for one in api.get("/v1/advocates", limit=50)["items"] if one["status"] == "active"]
    registered = [one["advocate"] for one in api.get("/v1/deals", limit=50)["items"]]
    without = next(one for one in partners if one not in registered)
    [program, *_] = api.get("/v1/programs")["items"]
    return {
        "full": form_of(api, registered[0], program["id"]),
        "empty": form_of(api, without, program["id"]),
        "terms": f"/portal/{api.ws}/terms/{program['versions'][-1]['rules']}",
        "gone": f"/portal/{api.ws}/deals/{'x' * 43}",
    }


def entrance(seen: Seen, api: Api, external_id: str) -> str:
    """Return the path by which somebody comes into their own pages once, from the company's app."""
    secret = seen.it.made("keys", "create", "portal", "--workspace", api.ws)["key"]
    return f"/portal/{api.ws}/in/{tokens.token(secret, tokens.claims(api.ws, external_id))}"


def said_no(seen: Seen, api: Api, external_id: str) -> dict[str, str]:
    """Let an advocate dispute a reward, write about it and miss a friend; return where each stands: name -> path."""
    reward, *_, other = _owed(api, api.person(external_id))
    root, day = f"/portal/{api.ws}", str(api.get("/v1/clock")["now"])[:10]
    with httpx.Client(
        base_url=seen.it.url, headers={"sec-fetch-site": "same-origin"}, follow_redirects=True
    ) as browser:
        until(lambda: browser.post(entrance(seen, api, external_id)).is_success)

        def send(path: str, **fields: str) -> str:
            answers: list[httpx.Response] = []

            def sent() -> bool:
                form = re.search(r'name="form" value="(\w+)"', browser.get(root + path).text)
                said = {"form": form[1] if form else "", "once": uuid.uuid4().hex, **fields}
                answers.append(browser.post(root + path, data=said))
                return answers[-1].is_success

            until(sent)
            return answers[-1].url.path

        talk = send(
            f"/wrong/{reward}", reason="wrong_amount", text="The order was 20.00 EUR more, see the receipt of that day."
        )
        send(talk.removeprefix(root), text="I can send the receipt.")
        send(
            "/missing",
            program=_program_of(api, external_id),
            mail="carl@shop.example",
            day=day,
            how="told",
            text="At the fair.",
        )
        agreed = {
            "purpose": "story_portal",
            "outcome": "given",
            "shown_as": "A friend of tea",
            "occurred_at": api.get("/v1/clock")["now"],
        }
        api.send({"type": "consent.recorded", "id": "tells", "customer_external_id": external_id, **agreed})
        for what, text in (
            ("tip", "Tell your friends about the small pot first:\nit is what I would give away."),
            ("story", "Hurry, I said to my sister. Now we meet on Sundays over a pot, and she brings her neighbours."),
        ):
            send("/stories", program=_program_of(api, external_id), what=what, text=text)
            story = next(it for it in _cases(api) if it["kind"] == "story")
            if what == "tip":
                decided = {"outcome": "shown", "reason": "looked_at", "note": "Thank you, that is a good one."}
                api.say("owner", f"/v1/cases/{story['id']}/decision", decided)
    case = talk.rpartition("/")[2]
    api.say(
        "owner", f"/v1/cases/{case}/comments", {"note": "We ask the shop, and write again by Friday.", "told": True}
    )
    return {
        "talk": talk,
        "wrong": f"{root}/wrong/{other}",
        "missing": f"{root}/missing",
        "said": f"{root}/said",
        "told": f"{root}/stories",
        "case": case,
        "story": str(story["id"]),
    }


def _owed(api: Api, person: str) -> list[str]:
    """Return the rewards of somebody that came to something."""
    return [one["id"] for one in api.get("/v1/rewards", beneficiary=person, limit=50)["items"] if one["amount"]]


def _cases(api: Api) -> Iterator[dict[str, Any]]:
    """Yield the open cases."""
    after = ""
    while after is not None:
        found = api.get("/v1/cases", status="open", after=after)
        yield from found["items"]
        after = found["after"]


def helped(api: Api) -> dict[str, str]:
    """Publish pages of help, one of which has all that a page may have; return where they stand: name -> path."""
    whole = (
        "# Questions & answers about Wolfeschlegelsteinhausenbergerdorff\n\nWrite to **us** whenever *something* is not clear.\n\n"
        "## When am I paid?\n\n1. Your friend orders.\n2. The order can be returned for 30 days.\n3. A person decides.\n\n"
        "> What is expected is not approved yet.\n\n### Where is that written?\n\n"
        "- In [our terms](https://shop.example/terms).\n- At <https://shop.example/a-very-long-address-that-has-no-space-to-break-it>.\n\n"
        "---\n\nA link of yours looks like `https://shop.example/w/ANN`:\n\n```\nhttps://shop.example/w/ANN?utm=friend\n```\n"
    )
    for name, text in (
        ("faq", whole),
        ("first-steps", "# First steps\n\nShare your link with somebody who would like it.\n"),
        ("partner-conduct", "# Code of conduct\n\n- Say that you may get a reward.\n- Do not bid on our name.\n"),
    ):
        answer = api.call("owner", "PUT", f"/v1/message-texts/help.{name}/en", json={"text": text})
        assert answer.is_success, answer.text
    root = f"/portal/{api.ws}/help"
    return {"help": root, "help-page": f"{root}/faq", "partner": f"/portal/{api.ws}/partner"}


def _program_of(api: Api, external_id: str) -> str:
    [it, *_] = api.get("/v1/advocates", person=api.person(external_id))["items"]
    return str(next(one["slug"] for one in api.get("/v1/programs")["items"] if one["id"] == it["program"]))


def joined(seen: Seen) -> tuple[str, str, str]:
    """Return where somebody joins a program with a long name, and of one who takes part the way in, and where they accept its terms."""
    api = seen.workspace("The Tea Room of Wolfeschlegelsteinhausenbergerdorff", "manual", "2026-03-02T09:00:00Z")
    name = json.dumps("Recommendations of Maximiliana & Wolfeschlegelsteinhausen")
    sharing = 'sharing: {join: open, joiners: customers, colour: "#ffd400"}'
    rewards = (
        "conversions:\n  - rewards:\n      - {side: advocate, percent: 10}\n      - {side: friend, flat: {EUR: 500}}\n"
    )
    rules = f"program: tea\nname: {name}\ncurrency: EUR\nrequires_terms: true\n{sharing}\n{rewards}"
    api.say("owner", "/v1/programs", {"document": rules})
    api.send(sent.enrolled("enrol", "ann", "ANN", email="ann@shop.example"))
    return f"/portal/{api.ws}/join/tea", entrance(seen, api, "ann"), f"/portal/{api.ws}/accept/tea"


def shared_by(api: Api) -> tuple[str, str, str]:
    """Return the external id of an advocate who was paid, or else is owed, their program, and the path of their friends' page."""
    rewards = [
        one for status in ("paid", "approved", "in_review") for one in api.get("/v1/rewards", status=status)["items"]
    ]
    people = dict.fromkeys(one["beneficiary"] for one in rewards if one["side"] == "advocate")
    person = next(
        it for it in people if len(_owed(api, it)) > 1
    )  # of whom one reward is disputed, and another one may be
    [it, *_] = api.get("/v1/advocates", person=person)["items"]
    kit = api.get(f"/v1/advocates/{it['id']}/sharing")
    code = kit["link"]["url"].rpartition("/r/")[2]
    program = next(one["slug"] for one in api.get("/v1/programs")["items"] if one["id"] == it["program"])
    return str(api.get(f"/v1/people/{it['person']}")["external_id"]), program, f"/w/{api.ws}/f/{code}"


_CAPPED = 5_000  # what the largest order earns there
#: Everything that a reward's amount may come from: tiers, a cap, a limit, a minimum; in two currencies, paid at once.
_STEPS = """
program: steps
name: Friends of the workshop
currency: EUR
sharing: {board: open}
hold: 7d
payouts: {every: once}
conversions:
  - counts: {months: 12}
    window: 400d
    minimum: {EUR: 2000, CHF: 2000}
    rewards:
      - side: advocate
        percent: "7.5"
        cap: {EUR: 5000, CHF: 5000}
        tiers: [{from_kept: 3, percent: "10"}]
        limits: [{per: month, count: 5}]
"""


def stands(api: Api) -> dict[str, dict[str, str]]:
    """Return by external id which pages of their own to look at: with nothing, a refusal alone, several currencies and a debt."""
    api.say("owner", "/v1/programs", {"document": _STEPS})
    now = api.get("/v1/clock")["now"]

    def brings(code: str, friend: str, *orders: tuple[int, str]) -> None:
        api.send(sent.lead(f"l-{friend}", friend, code=code, occurred_at=now))
        for n, (amount, unit) in enumerate(orders):
            order = f"{friend}-{n}"
            api.send(sent.purchase(f"p-{order}", friend, order, amount, currency=unit, occurred_at=now))

    for name in ("nils.new", "rita.refused", "mira.many"):
        api.send(sent.enrolled(f"a-{name}", name, name.upper(), program="steps", name=name, occurred_at=now))
    brings("RITA.REFUSED", "small.order", (1_500, "EUR"))
    brings("MIRA.MANY", "first.friend", (12_345, "EUR"), (4_000, "CHF"), (900, "EUR"), (5_000, "USD"))
    brings("MIRA.MANY", "second.friend", (250_000, "EUR"))
    _settled(api)
    later = calendar.text(calendar.parse(now) + 8 * calendar.DAY)
    api.send(sent.lead("steps-later", "nobody's other friend", occurred_at=later))
    _settled(api)
    api.payee("mira.many")
    person = api.person("mira.many")
    waiting = api.get("/v1/rewards", status="in_review", beneficiary=person)["items"]
    paid = next(it for it in waiting if it["gross"] == _CAPPED)
    for it in waiting:
        api.call("owner", "POST", f"/v1/rewards/{it['id']}/looks", json={})
    api.agree("/v1/approvals", paid["id"])
    drafted = api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [person]})
    api.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]], who="second")
    until(lambda: api.get(f"/v1/rewards/{paid['id']}")["status"] == "paid", patience=_PATIENCE)
    for name, shown in (("mira.many", "Mira of the many friends of tea"), ("rita.refused", "Rita")):
        agreed = {"purpose": "leaderboard", "outcome": "given", "shown_as": shown, "occurred_at": now}
        api.send({"type": "consent.recorded", "id": f"board-{name}", "customer_external_id": name, **agreed})
    api.send(sent.refund("steps-back", "second.friend-0", "back", 200_000, occurred_at=later))
    brings("MIRA.MANY", "third.friend")
    _settled(api)
    root, [other, *_] = f"/portal/{api.ws}", [it["id"] for it in waiting if it is not paid]
    pages = {"several": root, "several-friends": f"{root}/friends", "several-payments": f"{root}/payments"}
    pages |= {"steps": f"{root}/rewards/{other}", "debt": f"{root}/rewards/{paid['id']}", "places": f"{root}/board"}
    nothing = {
        f"nothing{path.replace('/', '-')}": root + path for path in ("", "/friends", "/rewards", "/payments", "/board")
    }
    return {"mira.many": pages, "nils.new": nothing, "rita.refused": {"refused": root}}


class Box:
    """A server of mail that keeps what is for ``home`` and ``mail.example`` and refuses all else.

    ``at``: its port; ``mails``: address -> what was said.
    """

    def __init__(self) -> None:
        self.at = 0
        self.mails: dict[str, str] = {}

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """Take whom it is for, or refuse."""
        if not address.endswith(("@home.example", "@mail.example")):
            return "550 5.1.1 nobody is called so"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        plain = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain",))
        self.mails |= dict.fromkeys(envelope.rcpt_tos, plain.get_content() if plain is not None else "")
        return "250 OK"


@contextmanager
def posted() -> Iterator[Box]:
    """Yield a server of mail that listens."""
    it = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        it.at = free.getsockname()[1]
    controller = Controller(it, hostname="127.0.0.1", port=it.at)
    controller.start()
    try:
        yield it
    finally:
        controller.stop()


_GIFTS = """
program: gifts
name: Friends of the tea room
currency: EUR
conversions:
  - rewards:
      - {side: advocate, kind: gift, flat: {EUR: 2500}, hold: 0d}
      - {side: friend, kind: gift, flat: {EUR: 1000}, hold: 0d}
"""


class Given(NamedTuple):
    """A workspace in which gifts were given. ``pages``: name -> path behind a mail; ``own``: who -> name -> path.

    ``person``: who accepted.
    """

    api: Api
    pages: dict[str, str]
    own: dict[str, dict[str, str]]
    person: str


def given(seen: Seen, box: Box) -> Given:
    """Let two be given gifts by mail, whose mails to others are refused; and partners accept a text, or are suspended."""
    api = seen.workspace("The Tea Room", "manual", "2026-03-02T09:00:00Z")
    api.keys["approves"] = seen.member("gina@shop.example", api, "approver")
    api.say("owner", "/v1/programs", {"document": _GIFTS})
    for amount, text in ((2_500, "https://cards.example/redeem/25-AAAA-BBBB-CCCC"), (1_000, "GIFT-10-AAAA-BBBB")):
        codes = "\n".join(f"{text}-{n:04d}" for n in range(5))
        stock = {"name": f"cards-{amount}", "unit": "EUR", "amount": amount, "codes": codes}
        api.say("owner", "/v1/stocks", {**stock, "ends_at": "2027-01-01T00:00:00Z"})
    limits = {"per_reward": 2_500, "per_beneficiary": 9_000, "in_all": 90_000, "until": "2026-08-01T00:00:00Z"}
    api.say(
        "approves",
        "/v1/standing-approvals",
        {"program": "gifts", "kind": "gift", "unit": "EUR", "rail": "code_stock", **limits},
    )
    change = api.get("/v1/standing-approvals")["waiting"][0]["change"]
    api.say("second", f"/v1/changes/{change}/decision", {"outcome": "confirmed"})
    for n, (who, friend) in enumerate((("ann@home", "bob@mail"), ("carl@nowhere", "dora@nobody"))):
        name = who.partition("@")[0]
        api.send(
            sent.enrolled(f"e-{n}", name, name.upper(), email=f"{who}.example"),
            sent.lead(f"l-{n}", friend, code=name.upper(), customer_email=f"{friend}.example"),
        )
    api.move("2026-03-04T09:00:00Z")
    api.send(*(sent.purchase(f"p-{n}", who, f"i-{n}", 20_000) for n, who in enumerate(("bob@mail", "dora@nobody"))))
    until(lambda: len(box.mails) == 2, patience=_PATIENCE)
    gifts = {who: re.findall(r"http\S+(/portal/\S+/gift)\b", text)[0] for who, text in box.mails.items()}
    until(lambda: len(api.get("/v1/messages")["items"]) == 2, patience=_PATIENCE)
    payout = next(it["payout"] for it in api.get("/v1/rewards", beneficiary=api.person("ann"))["items"])
    for name, text in (
        ("agreement", "# Partner agreement\n\nYou are paid by the 5th of each month.\n"),
        ("conduct", "# Code of conduct\n\n- Say that you may get a reward.\n- Do not bid on our name.\n"),
    ):
        answer = api.call("owner", "PUT", f"/v1/message-texts/help.partner-{name}/en", json={"text": text})
        assert answer.is_success, answer.text
    root = f"/portal/{api.ws}"
    for who, purposes in (("ann", ("conduct",)), ("carl", ("agreement", "conduct"))):
        with httpx.Client(base_url=seen.it.url, headers={"sec-fetch-site": "same-origin"}) as browser:
            _enter(browser, seen, api, who)
            page = browser.get(f"{root}/partner").text
            for purpose in purposes:
                form = next(it for it in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{purpose}"' in it)
                answer = browser.post(f"{root}/partner", data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)))
                assert answer.has_redirect_location, answer.text
    api.send({"type": "advocate.suspended", "id": "s", "external_id": "carl"})
    _settled(api)
    return Given(
        api,
        {"given": gifts["ann@home.example"], "given-friend": gifts["bob@mail.example"]},
        {
            "ann": {"gift": f"{root}/gifts/{payout}", "partner-some": f"{root}/partner"},
            "carl": {"partner-suspended": f"{root}/partner"},
        },
        api.person("ann"),
    )


def _enter(browser: httpx.Client, seen: Seen, api: Api, external_id: str) -> None:
    until(lambda: browser.post(entrance(seen, api, external_id)).has_redirect_location)


def long_one(api: Api) -> tuple[str, dict[str, str]]:
    """Return an advocate of whom everything is as long as it may be, by external id, and which pages of their own to look at."""
    [it, *_] = api.get("/v1/advocates", limit=1)["items"]
    root = f"/portal/{api.ws}"
    return str(api.get(f"/v1/people/{it['person']}")["external_id"]), {"long": root, "long-rewards": f"{root}/rewards"}


def form_of(api: Api, person: str, program: str) -> str:
    """Return the path of a new form of a partner."""
    answer = api.call("owner", "POST", f"/v1/people/{person}/deal-forms", json={"program": program})
    assert answer.is_success, answer.text
    return str(answer.json()["url"].removeprefix(api.url))


def long_form(api: Api) -> str:
    """Return the path of the form of a partner whose every name, company and message is as long as it may be, or HTML."""
    [program] = api.get("/v1/programs")["items"]
    partner = api.get("/v1/advocates", limit=1)["items"][0]
    for text in (SCRIPT + "Wolfeschlegelsteinhausenbergerdorff" * 6, IMAGE):
        body = {
            "advocate_external_id": partner["external_id"],
            "program": program["slug"],
            "company": {"name": text[:LONG], "domain": f"{'long' * 12}.example"},
            "contact": {"email": "buyer@long.example"},
            "amount": 9_007_199_254_740_991,
            "currency": "EUR",
            "percent": "12.5",
        }
        answer = api.call("owner", "POST", "/v1/deals", json=body)
        assert answer.is_success, answer.text
        deal = answer.json()["verdicts"][0]["subject"]
        for side in ("sales", "partner"):
            said = {"side": side, "text": (HANDLER + text * 9)[:1_000]}
            assert api.call("second", "POST", f"/v1/deals/{deal}/messages", json=said).is_success
    return form_of(api, partner["person"], program["id"])


def _claimed(api: Api, free: list[dict[str, Any]]) -> None:
    """Let somebody claim a friend who is bound to another."""
    bound = api.get("/v1/referrals", limit=50)["items"]
    [program] = api.get("/v1/programs")["items"]
    for referral in bound:
        friend, lead_at = referral["friend"], referral["lead_at"]
        for other in dict.fromkeys(one["beneficiary"] for one in free if one["beneficiary"] != friend):
            body = {"program": program["slug"], "person": friend, "advocates": [{"person": other}], "lead_at": lead_at}
            answer = api.call("owner", "POST", "/v1/claims", json={**body, "reason": "phone"})
            if answer.is_success:
                return
    raise AssertionError(answer.text)


def hostile(seen: Seen) -> Api:
    """Return a workspace whose every name, code and invoice is as long as it may be, or HTML."""
    api = seen.workspace("W" * 100, "manual", "2026-03-02T09:00:00Z")
    program = "p" * 60
    rules = (
        f"program: {program}\nname: {json.dumps(SCRIPT + 'Recommend' * 8)}\ncurrency: EUR\nhold: 14d\n"
        "conversions:\n  - rewards:\n      - {side: advocate, percent: 10}\n      - {side: friend, flat: {EUR: 500}}\n"
    )
    api.say("owner", "/v1/programs", {"document": rules})
    texts = (SCRIPT, HANDLER, IMAGE, "Wolfeschlegelsteinhausenbergerdorff" * 5)
    for n, text in enumerate(texts):
        name, code = (text + f" {n} " + "Maximiliana" * 20)[:LONG], (f"CODE{n}" + "X" * LONG)[:60]
        api.send(
            sent.enrolled(f"enrol-{n}", f"{n}{text}{'a' * LONG}"[:LONG], code, name=name, email=f"a{n}@shop.example"),
            sent.lead(f"lead-{n}", f"{n}{text}{'b' * LONG}"[:LONG], code=code, customer_name=name),
            sent.purchase(
                f"order-{n}", f"{n}{text}{'b' * LONG}"[:LONG], f"{n}{text}{'9' * LONG}"[:LONG], 123_456_789_01 + n
            ),
        )
        api.payee(f"{n}{text}{'a' * LONG}"[:LONG])
    api.move("2026-05-01T00:00:00Z")
    _settled(api)
    api.send(sent.chargeback("bank", f"0{texts[0]}{'9' * LONG}"[:LONG], "cb-1"))
    _handled(api, lambda: api.move("2026-08-01T00:00:00Z"))
    _tells(api, f"https://hooks.shop.example/{'long' * 60}", f"{SCRIPT}{'describes ' * 15}")
    return api
