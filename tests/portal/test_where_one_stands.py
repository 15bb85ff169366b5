"""What somebody reads of their own, and that nothing of anybody else's is there, whatever is asked for."""

import base64
import html
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from testkit import owned, sent
from testkit.database import fresh_outside_a_loop, temporary_home
from testkit.process import in_a_thread
from testkit.tokens import token
from tests.api.conftest import RULES, installed
from tests.portal.conftest import OURS, Api
from tests.portal.test_coming_in import claims_of, secret_of

from goodword import words
from goodword.app.see.own import Line
from goodword.core import calendar
from goodword.core.lifecycles import LIFECYCLES
from goodword.portal import rendering
from goodword.portal.own import NAV
from goodword.store import portal
from goodword.words import catalogue

PAGES = tuple(path for path, _, _ in NAV)


@pytest.fixture(scope="module")
def shop(pg_dsn: str, pg_template: str) -> Iterator[Api]:
    """Two advocates with friends: a reward of each is paid, another is expected, and an order of each friend brought nothing."""
    with (
        fresh_outside_a_loop(pg_dsn, pg_template) as database,
        temporary_home() as home,
        in_a_thread(installed(database, home)) as api,
        api.http,
    ):
        _filled(api)
        yield api


def _filled(api: Api) -> None:
    document = RULES.replace("- rewards:", "- counts: {payments: 100}\n    rewards:")
    api.say("owner", "/v1/programs", {"document": document})
    api.member("anna", "approver")
    api.member("pia", "payer")
    for name in ("ann", "eve"):
        api.send(
            sent.enrolled(f"a-{name}", name, name.upper(), email=f"{name}@shop.example"),
            sent.lead(f"l-{name}", f"friend of {name}", code=name, customer_name=f"Secret {name}"),
            sent.purchase(f"p-{name}", f"friend of {name}", f"i-{name}", 12_300),
        )
        api.payee(name)
        api.payee(f"friend of {name}")
    api.move("2026-03-20T09:00:00Z")
    for reward in api.get("/v1/rewards", status="in_review")["items"]:
        api.agree("/v1/approvals", reward["id"], who="anna")
    api.move("2026-05-20T09:00:00Z")
    people = [api.person(name) for name in ("ann", "eve")]
    drafted = api.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": people})
    api.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]])
    api.until(lambda: {it["status"] for it in api.get("/v1/payouts")["items"]} == {"completed"})
    for name in ("ann", "eve"):
        api.send(
            sent.purchase(f"q-{name}", f"friend of {name}", f"j-{name}", 5_000),
            sent.purchase(f"r-{name}", f"friend of {name}", f"k-{name}", 5_000, currency="CHF"),
        )


def _enter(shop: Api, client: httpx.Client, sub: str) -> None:
    """Sign somebody in by a token; an address may send so many forms a second and no more."""
    at = f"/portal/{shop.ws}/in/"
    shop.until(lambda: client.post(at + token(secret_of(shop), claims_of(shop, sub=sub))).status_code == 303)


@pytest.fixture
def ann(shop: Api) -> Iterator[httpx.Client]:
    """Her browser, in which she is signed in."""
    with httpx.Client(base_url=shop.url, timeout=30, trust_env=False, headers=OURS) as client:
        _enter(shop, client, "ann")
        yield client


def _text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_first_page_says_what_is_expected_paid_and_not_and_why(shop: Api, ann: httpx.Client) -> None:
    """In words and figures; of a friend it names nothing, and nothing is called earned."""
    home = _text(ann.get(f"/portal/{shop.ws}"))
    assert "Expected: it is yours once a person has approved it 5.00 EUR" in home
    assert "Paid 12.30 EUR 1 payment, prepared on 20 May 2026." in home
    assert "A friend, since 2 March 2026" in home
    assert "The order can be returned until 3 June 2026. Then a person looks at it." in home
    assert "No reward for the order of 20 May 2026 The program gives no reward in this currency" in home
    assert f"/w/{shop.ws}/r/ANN" in ann.get(f"/portal/{shop.ws}").text
    assert "Secret" not in home
    assert "friend of ann" not in home
    assert not re.search(r"\bearn(ed|s)?\b", re.sub(r"You get.*?Read all of the terms", "", home)), home


def test_each_page_leads_on_to_the_others_and_papers_are_ones_own(shop: Api, ann: httpx.Client) -> None:
    """Every address that a page of hers names is there; she reads her statement, her payment and its rewards."""
    known, left = set[str](), {f"/portal/{shop.ws}"}
    while left - known:
        path = min(left - known)
        known.add(path)
        answer = ann.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            left |= {*re.findall(r'href="(/portal/[^"]+)"', answer.text)}
    kinds = {
        re.sub(r"(rewards|payments|terms|statements|share)/\w+", r"\1/x", path.removeprefix(f"/portal/{shop.ws}"))
        for path in known
    }
    assert kinds >= {
        "",
        "/friends",
        "/rewards",
        "/rewards/x",
        "/payments",
        "/payments/x",
        "/payments/x/pdf",
        "/statements/x",
        "/share/x",
    }
    [pdf] = [path for path in known if path.endswith("2026/pdf")]
    for language, said in (("en", "Statement 2026"), ("de", "Abrechnung 2026"), ("es", "Extracto de 2026")):
        paper = ann.get(pdf, headers={"accept-language": language}).content
        assert paper.startswith(b"%PDF")
        streams = re.findall(rb"stream\n(.*?)endstream", paper, re.DOTALL)
        assert said.encode() in b"".join(
            zlib.decompress(base64.a85decode(b"<~" + it.strip(), adobe=True)) for it in streams
        )


@pytest.fixture
def marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a language whose every message stands in brackets, so that what does not was written elsewhere than in a catalogue."""
    with (catalogue.FOLDER / "en.po").open("rb") as file:
        its = read_po(file, locale="eo")
    for it in its:
        if it.id:
            it.string = f"⟦{it.string}⟧" if isinstance(it.string, str) else tuple(f"⟦{one}⟧" for one in it.string)
    (tmp_path / "en.mo").write_bytes((catalogue.FOLDER / "en.mo").read_bytes())
    with (tmp_path / "eo.mo").open("wb") as out:
        write_mo(out, its)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    yield "eo"
    catalogue.opened.cache_clear()


#: What pages of the two show that is no message: names, addresses, ids and the names of languages.
_DATA = re.compile(r"main|test|ann|ANN|ann@shop\.example|pay-\w+|https?://\S+|English|Esperanto|\(UTC\)\.")


def test_whatever_a_page_says_is_from_the_catalogue(marked: str, shop: Api, ann: httpx.Client) -> None:
    """No text stands in a template or in code, where no language could say it: shown, read aloud, or as the title."""
    root, seen = f"/portal/{shop.ws}", dict[str, str]()
    left = [root, f"{root}/settings", f"{root}/merge", f"{root}/help", f"{root}/in", f"{root}/nothing", f"{root}/in/x"]
    left += [f"{root}/payout/x", f"{root}/merge/x", f"{root}/letters/x", f"/w/{shop.ws}/f/ANN", f"/w/{shop.ws}/f/NO"]
    while left:
        path = left.pop()
        kind = re.sub(r"(rewards|payments|terms|statements|share)/\w+", r"\1/x", path.removeprefix(root))
        if kind in seen or "/terms/" in path:  # terms are said as they were kept
            continue
        answer = ann.get(path, headers={"accept-language": marked})
        seen[kind] = answer.text if answer.headers["content-type"].startswith("text/html") else ""
        left += re.findall(r'href="(/portal/[^"?]+)', answer.text)
    assert sum(map(bool, seen.values())) > 20
    kept = {*shop.get("/v1/programs/main/terms")["short"]}  # as of when it was published
    assert {kind: bare for kind, page in seen.items() if (bare := _unmarked(page) - kept)} == {}


def _unmarked(page: str) -> set[str]:
    """Return what a page says in no brackets and that is no name."""
    page = re.sub(r"<(script|style|svg|code|time)\b.*?</\1>", " ", page, flags=re.DOTALL)
    said = [*re.split(r"<[^>]+>", page), *re.findall(r'(?:title|aria-label|alt|placeholder)="([^"]*)"', page)]
    bare = set()
    for text in map(html.unescape, said):
        while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
            text = less  # noqa: PLW2901 - from the innermost on
        if re.search(r"[A-Za-z]{2}", text) and not _DATA.fullmatch(text.strip()):
            bare.add(text.strip())
    return bare


def test_what_one_shares_says_that_there_may_be_a_reward(shop: Api, ann: httpx.Client) -> None:
    """Her link, code and the texts of each channel, which open in her own app; a program that she is not in is not there."""
    page = ann.get(f"/portal/{shop.ws}/share/main")
    said = _text(page)
    assert f"/w/{shop.ws}/r/ANN" in said
    assert "I may get a reward from" in said
    for channel in ("email", "sms", "whatsapp", "telegram", "x", "linkedin"):  # tests/portal/test_sharing.py
        assert f'formaction="/portal/{shop.ws}/share/main/to/{channel}"' in page.text
    assert "<svg" in page.text
    assert len(page.content) < 60_000
    for other in ("no-such", "main?text=nobodys"):
        assert ann.get(f"/portal/{shop.ws}/share/{other}").status_code == 404


def test_a_reward_says_how_its_amount_came_and_each_friend_until_when_they_count(shop: Api, ann: httpx.Client) -> None:
    """Base, rate and result of the order that was paid, as the terms say it; days are those of the zone that the page names."""
    [paid] = [it["id"] for it in shop.get("/v1/rewards", status="paid", beneficiary=shop.person("ann"))["items"]]
    page = _text(ann.get(f"/portal/{shop.ws}/rewards/{paid}"))
    assert "How the amount came 10% of the order: 12.30 EUR It is worked out on the order: 123.00 EUR." in page
    assert "So it is 12.30 EUR." in page
    assert "Days are those of UTC." in page
    home = _text(ann.get(f"/portal/{shop.ws}"))
    assert "Next: further orders of theirs" in home
    assert "One in a currency of the program can still count." in home


def test_how_far_somebody_is_comes_from_the_counters_that_decide(shop: Api) -> None:
    """The second friend's order is in the tier that the page promised after the first; a refund takes one away again."""
    rewards = "{side: advocate, flat: {EUR: 1000}, tiers: [{from_kept: 1, flat: {EUR: 2000}}], limits: [{per: year, count: 5}]}"
    document = f"program: tiers\ncurrency: EUR\nhold: 14d\nconversions:\n  - rewards: [{rewards}]\n"
    shop.say("owner", "/v1/programs", {"document": document})
    shop.send(sent.enrolled("a-tom", "tom", "TOM", program="tiers"))

    def buys(n: int) -> None:
        shop.send(
            sent.lead(f"l-tom-{n}", f"tom's {n}", code="tom"),
            sent.purchase(f"p-tom-{n}", f"tom's {n}", f"t-{n}", 5_000),
        )

    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as client:
        _enter(shop, client, "tom")
        told = "0 of 1 order of a friend has counted and was kept. From then on each further “purchase” brings 20.00 EUR, expected"
        home = _text(client.get(f"/portal/{shop.ws}"))
        assert told in home
        assert "Reached" not in home
        buys(1)
        home = _text(client.get(f"/portal/{shop.ws}"))
        assert "kept: 1, and 1 was needed" in home
        assert "Reached The first order of a friend counted" in home
        assert "1 of at most 5 rewards for “purchase” this year. It is counted anew from 1 January 2027 on." in home
        buys(2)
        shop.send(sent.refund("f-tom", "t-1", "back-tom", 5_000))
        assert "kept: 1, and" in _text(client.get(f"/portal/{shop.ws}"))
        newest = shop.get("/v1/rewards", beneficiary=shop.person("tom"), program="tiers")["items"][-1]
        assert newest["amount"] == 2_000
        page = _text(client.get(f"/portal/{shop.ws}/rewards/{newest['id']}"))
        assert "That figure holds from 1 on: 1 order of a friend counted before this one and was kept." in page
        assert "50.00" not in page


def test_a_link_to_a_form_opens_no_page_of_somebodys_own(shop: Api, ann: httpx.Client) -> None:
    """Who made it held it: it is of one program, and what one stands with is of all."""
    answer = shop.call("owner", "POST", f"/v1/people/{shop.person('eve')}/deal-forms", json={})
    link = answer.json()["url"].rpartition("/")[2]
    for way in ("in", "rewards", "payments"):
        assert ann.get(f"/portal/{shop.ws}/{way}/{link}").status_code == 404


def test_somebody_who_never_shared_reads_what_will_stand_there(shop: Api) -> None:
    shop.send(sent.enrolled("new", "new", "NEW"))
    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as client:
        _enter(shop, client, "new")
        home = _text(client.get(f"/portal/{shop.ws}"))
        assert "Nothing is on its way to you at present." in home
        assert "Expected 0.00 EUR" in home
        assert "When a friend signs up by your link or code, they stand here" in home
        for page in PAGES[1:]:
            assert client.get(f"/portal/{shop.ws}{page}").status_code == 200


def test_a_long_history_is_read_in_pages_each_of_the_same_size(shop: Api, ann: httpx.Client) -> None:
    """Every reward once, the newest first."""
    shop.send(*(sent.purchase(f"m-{n}", "friend of ann", f"m-{n}", 1_000) for n in range(45)))
    seen: list[str] = []
    before = ""
    while True:
        text = ann.get(f"/portal/{shop.ws}/rewards", params={"before": before}).text
        assert len(text) < 60_000
        found = re.findall(rf"/portal/{shop.ws}/rewards/(rwd_\w+)", text)
        assert len(found) <= 20
        seen += found
        more = re.findall(r"before=(\w+)", text)
        if not more:
            break
        before = more[0]
    assert len(seen) == len({*seen}) == 47
    assert seen == sorted(seen, reverse=True)


def test_of_who_has_very_many_rewards_so_many_are_counted_and_all_are_summed(shop: Api) -> None:
    """A page looks at no more than it counts, and says that there may be more."""

    async def counted(most: int) -> dict[str | None, int]:
        async with shop.goodword.pool.acquire() as conn:
            now = shop.goodword.directory.now()
            return await portal.open_rewards(conn, shop.ws, [me], now, most)

    me = shop.person("ann")
    every = shop.run(counted(1_000))
    assert sum(every.values()) > 2
    assert sum(shop.run(counted(2)).values()) == 2
    line = Line("expected", (("EUR", 500_000),), 1_000, least=True)
    assert rendering.about(line) == "At least 1000 rewards, which a person is still to approve."


def test_no_sentence_promises_what_does_not_hold(shop: Api) -> None:
    """A promised day that is gone is said to be gone, and what has no order names none."""
    document = RULES.replace("program: main", "program: other").replace(
        "hold: 14d", "hold: 1d\ntimezone: Europe/Berlin"
    )
    shop.say("owner", "/v1/programs", {"document": document})
    shop.send(
        sent.enrolled("a-zoe", "zoe", "ZOE", program="other"),
        sent.lead("l-zoe", "friend of zoe", code="zoe"),
        sent.purchase("p-zoe", "friend of zoe", "i-zoe", 12_300),
    )
    shop.payee("zoe")
    shop.move("2026-05-23T09:00:00Z")
    [reward] = [it["id"] for it in shop.get("/v1/rewards", status="in_review", beneficiary=shop.person("zoe"))["items"]]
    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as client:
        _enter(shop, client, "zoe")
        assert "You hear from us by" in _text(client.get(f"/portal/{shop.ws}"))
        shop.move("2026-06-20T09:00:00Z")
        home = _text(client.get(f"/portal/{shop.ws}"))
        assert "You hear from us by" not in home
        assert "We are late" in home
        shop.agree("/v1/approvals", reward, who="anna")
        due = calendar.parse(shop.get(f"/v1/rewards/{reward}")["due_at"])
        day = words.day(due + calendar.HOUR * 2)
        assert day != words.day(due)  # midnight in Berlin
        home = _text(client.get(f"/portal/{shop.ws}"))
        assert f"It is sent from {day} on." in home
        assert f"1 reward, sent from {day} on." in home
        assert f"Sent from {day}" in _text(client.get(f"/portal/{shop.ws}/rewards/{reward}"))


def test_what_was_set_off_is_said_to_be_settled(shop: Api) -> None:
    """A paid order comes back: what was paid is to be given back. Once a payout has netted it, nothing promises that it will."""
    eve = shop.person("eve")
    [reward] = [it["id"] for it in shop.get("/v1/rewards", status="paid", beneficiary=eve)["items"]]
    shop.send(sent.refund("f-eve", "i-eve", "back", 12_300), sent.purchase("s-eve", "friend of eve", "s-eve", 40_000))
    owed, settled = words.portal("own.owed_back", amount="12.30 EUR"), words.portal("own.settled")
    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as client:
        _enter(shop, client, "eve")
        before = _text(client.get(f"/portal/{shop.ws}/rewards/{reward}"))
        assert owed in before
        assert settled not in before
        shop.move("2026-07-20T09:00:00Z")
        for it in shop.get("/v1/rewards", status="in_review", beneficiary=eve)["items"]:
            shop.agree("/v1/approvals", it["id"], who="anna")
        shop.move("2026-09-20T09:00:00Z")
        drafted = shop.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [eve]})
        shop.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]])
        assert shop.get(f"/v1/rewards/{reward}")["receivable"] == 0
        _enter(shop, client, "eve")  # a session lasts a month
        after = _text(client.get(f"/portal/{shop.ws}/rewards/{reward}"))
        assert owed not in after
        assert settled in after


def test_each_state_of_a_payment_has_a_word_for_whom_it_is_about() -> None:
    states = {it for it in LIFECYCLES["payout"] if it not in ("awaiting_release", "canceled")}
    assert all(words.portal(f"own.payout.{status}") for status in states)


def test_what_each_person_is_told_is_what_the_postings_come_to(shop: Api) -> None:
    """With rewards that are expected, approved, paid, and paid too much: line by line, of everybody who has anything."""
    shop.until(lambda: {it["status"] for it in shop.get("/v1/payouts")["items"]} == {"completed"})
    shop.send(sent.refund("f-ann", "i-ann", "back-ann", 12_300))
    persons = {str(row[0]) for row in shop.rows("select id from person where workspace_id = $1")}

    async def both() -> tuple[dict[str, owned.Sums], dict[str, owned.Sums]]:
        directory = shop.goodword.directory
        ws = await directory.workspace(shop.ws)
        assert ws is not None
        async with directory.pool.acquire() as conn:
            ledger = await owned.posted(conn, ws.id)
        return await owned.told(directory, ws, sorted(persons)), ledger

    told, ledger = shop.run(both())
    assert told == ledger
    assert {line for sums in told.values() for line, _ in sums} >= {"expected", "approved", "paid", "owed_back"}
