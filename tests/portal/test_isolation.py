"""With one person's session every id of everybody else is tried on every address that the portal has: nothing comes back or shows.

The addresses are those of the application itself, so that one that is added is tried too. What is asked for is compared byte for byte
with what never was: neither status nor text nor headers tell whether it is somebody else's.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.routing import Route
from testkit import sent, tokens
from testkit.api import Api as OverHttp
from testkit.database import fresh_outside_a_loop, temporary_home
from testkit.process import in_a_thread
from tests.api.conftest import RULES, installed
from tests.portal.conftest import OURS, Api

from goodword import portal
from goodword.app import say
from goodword.app.intake.quota import Rates
from goodword.app.principal import OPERATOR
from goodword.portal import answering, own
from goodword.portal.own import NAV

_ID = re.compile(r"\b[a-z]{3}_[0-9A-Z]{26}\b")
#: The digits of an id, in order.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Ids of one noun that are tried; a part of the world has fewer of each, but for events.
_OF_EACH = 4
#: What forms say that would be taken, and what of it names something.
WHOLE = {"reason": "should_count", "text": "Look.", "outcome": "given", "what": "all", "score": "5", "agreed": "1"}
NAMING = ("program", "purpose", "channel", "rail", "jurisdiction", "kind", "language", "topic", "account", "rules")
#: What an address may ask for at once, and what a form counts for.
_AT_ONCE, _FORM = 30, 6


class Shop(NamedTuple):
    """A workspace, and the sessions of people in it by name: of one who was erased, and of one who was merged, those of before."""

    api: Api
    sessions: dict[str, str]
    clients: ExitStack
    routes: tuple[Route, ...]


@pytest.fixture(scope="module")
def unhurried() -> Iterator[None]:
    """How often a person may send a form is asked elsewhere: here hundreds are sent at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "_SENDS", Rates(address=10_000, key=10_000))
        patch.setattr(own, "_COPIES", Rates(address=0, key=10_000))
        yield


@pytest.fixture(scope="module")
def shop(unhurried: None, pg_dsn: str, pg_template: str) -> Iterator[Shop]:  # noqa: ARG001 - it is in force
    """Two advocates with friends, a reward of each paid; and a workspace beside it."""
    with (
        fresh_outside_a_loop(pg_dsn, pg_template) as database,
        temporary_home() as home,
        in_a_thread(installed(database, home)) as api,
        api.http,
        ExitStack() as clients,
    ):
        _filled(api)
        other = api.sandbox("other", RULES)
        other.send(sent.enrolled("a", "ann", "ANN"))
        sessions = {name: _session(api, name) for name in ("ann", "friend of ann", "zoe", "tom")}
        sessions["of another workspace"] = _session(api, "ann", at=other)
        assert api.call("owner", "DELETE", f"/v1/people/{api.person('zoe')}").is_success
        merged = {"gone": api.person("tom"), "reason": "same_person"}
        assert api.call("owner", "POST", f"/v1/people/{api.person('tim')}/merges", json=merged).is_success
        app: Any = portal.build(api.goodword.directory, str, None, None)  # type: ignore[arg-type]
        # The element's script is a file, and everybody's.
        yield Shop(api, sessions, clients, tuple(route for route in app.routes if route.param_convertors))


def _filled(api: Api) -> None:
    api.say("owner", "/v1/programs", {"document": RULES})
    api.member("anna", "approver")
    api.member("pia", "payer")
    for name in ("ann", "eve"):
        api.send(
            sent.enrolled(f"a-{name}", name, name.upper(), email=f"{name}@shop.example", name=f"Canary {name}"),
            sent.lead(f"l-{name}", f"friend of {name}", code=name, customer_name=f"Canary friend of {name}"),
            sent.purchase(f"p-{name}", f"friend of {name}", f"i-{name}", 12_300),
        )
        api.payee(name)
    api.send(*(sent.enrolled(f"a-{name}", name, name.upper()) for name in ("zoe", "tom", "tim")))
    api.move("2026-03-20T09:00:00Z")
    for reward in api.get("/v1/rewards", status="in_review")["items"]:
        if reward["side"] == "advocate":
            api.agree("/v1/approvals", reward["id"], who="anna")
    api.move("2026-05-20T09:00:00Z")
    people = [api.person(name) for name in ("ann", "eve")]
    drafted = api.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": people})
    api.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]])
    api.until(lambda: {it["status"] for it in api.get("/v1/payouts")["items"]} == {"completed"})
    assert api.call("owner", "POST", f"/v1/people/{api.person('eve')}/deal-forms", json={}).is_success


def _session(api: Api, sub: str, at: OverHttp | None = None) -> str:
    """Sign somebody in, from an address that has done nothing yet; returns what their browser keeps."""
    ws = api.ws if at is None else at.ws
    workspace = api.run(api.goodword.directory.workspace(ws))
    secret = api.run(say.keys.make(OPERATOR.at(workspace), api.goodword.directory, "portal"))[1]
    with _from(api, next(_HOSTS)) as client:
        answer = client.post(f"/portal/{ws}/in/{tokens.token(secret, tokens.claims(ws, sub))}")
    assert answer.status_code == 303
    return str(re.findall(r"=([\w-]{43});", answer.headers["set-cookie"])[0])


_HOSTS = count(2)


def _from(api: Api, host: int) -> httpx.Client:
    transport = httpx.HTTPTransport(local_address=f"127.0.{host // 250}.{host % 250 + 1}", verify=False)
    return httpx.Client(base_url=api.url, transport=transport, timeout=30, headers=OURS)


class Asking:
    """Somebody with a session, who asks from ever new addresses, so that nothing is refused for being too much."""

    def __init__(self, shop: Shop, session: str | None) -> None:
        self._api = shop.api
        self._form = sha256(f"portal form:{session}".encode()).hexdigest() if session is not None else ""
        self._cookie = {"cookie": f"goodword-{shop.api.ws}={session}"} if session is not None else {}
        self._clients = shop.clients
        self._left = 0

    def ask(self, method: str, path: str, said: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Ask for an address. ``said``: what a form of one's own page says, whole, or else one that none of them has."""
        self._left -= 1 if method == "GET" else _FORM
        if self._left <= 0:
            self._client = self._clients.enter_context(_from(self._api, next(_HOSTS)))
            self._left = _AT_ONCE
        mail = {"mail": f"m{next(_HOSTS)}@shop.example"}
        form = {"form": self._form, "once": f"once{next(_HOSTS)}", **said} if said is not None else {}
        data = mail | form if method == "POST" else None
        answer = self._client.request(method, path, headers={**self._cookie, **headers}, data=data)
        assert answer.status_code not in (429, 500, 503), (path, answer.text)
        return answer

    def told(self, method: str, path: str, id_: str, said: dict[str, str] | None = None) -> tuple[Any, ...]:
        """Return all that an answer says, but for the id itself and what differs between any two."""
        answer = self.ask(method, path, said)
        headers = {
            name: it.replace(id_, "*") for name, it in answer.headers.items() if name not in ("date", "content-length")
        }
        text = re.sub(r'name="once" value="[^"]+"', "", answer.text)
        return answer.status_code, text.replace(id_, "*"), headers


def _ids(shop: Shop) -> dict[str, list[str]]:
    """Return the ids that stand anywhere in the workspace's tables, by noun."""
    pool, api = shop.api.goodword.pool, shop.api
    named = "select table_name from information_schema.columns where column_name = 'workspace_id' and table_schema = 'public'"
    found: dict[str, set[str]] = {}
    for row in api.run(pool.fetch(named)):
        for text in api.rows(f'select t::text from "{row[0]}" t where workspace_id = $1'):
            for id_ in _ID.findall(str(text[0])):
                if id_ != api.ws:  # in whose addresses all of them stand
                    found.setdefault(id_[:3], set()).add(id_)
    return {noun: sorted(ids) for noun, ids in sorted(found.items())}


def _never(id_: str) -> str:
    """An id of the same noun that never was, right before it: a page behind the one is a page behind the other."""
    rest = id_.rstrip("0")
    return f"{rest[:-1]}{_DIGITS[_DIGITS.index(rest[-1]) - 1]}{'Z' * (len(id_) - len(rest))}"


def _addresses(shop: Shop) -> list[tuple[str, str, bool]]:
    """Return (method, address with a place for an id, whether it has one) of every route of the portal."""
    found = []
    for route in shop.routes:
        path = route.path.replace("{workspace}", shop.api.ws)
        place = re.sub(r"{\w+(:path)?}", "{}", path)
        found += [(method, place, "{}" in place) for method in sorted((route.methods or set()) - {"HEAD"})]
    assert len(found) > 20
    return found


def _own(shop: Shop, name: str) -> set[str]:
    """The ids of somebody's own rewards, payouts and referrals."""
    me = shop.api.person(name)
    rows = [
        *shop.api.rows(f"select id from reward where workspace_id = $1 and beneficiary = '{me}'"),
        *shop.api.rows(f"select id from payout where workspace_id = $1 and beneficiary = '{me}'"),
        *shop.api.rows(f"select id from referral where workspace_id = $1 and shares::text like '%{me}%'"),
    ]
    return {str(row[0]) for row in rows}


@pytest.mark.parametrize("name", ["ann", "friend of ann"])
def test_a_whole_form_about_what_is_anothers_is_answered_as_about_what_never_was(shop: Shop, name: str) -> None:
    """With all that one's own pages send, and a reason, a text and the like that would be taken; and no event comes of it."""
    who, own = Asking(shop, shop.sessions[name]), _own(shop, name)
    ids = [ids_[-1] for ids_ in ([it for it in noun if it not in own] for noun in _ids(shop).values()) if ids_]
    forms = [place for method, place, named in _addresses(shop) if method == "POST" and named]
    counted = "select count(*) from log where workspace_id = $1"
    before, statuses = shop.api.rows(counted), set()
    for place in forms:
        for id_ in ids:
            never = _never(id_)
            told, nothing = (
                who.told("POST", place.replace("{}", it), it, {**WHOLE, "account": it, "rules": it})
                for it in (id_, never)
            )
            assert told == nothing, place
            statuses.add((place.removeprefix(f"/portal/{shop.api.ws}"), told[0]))
    assert {status for _, status in statuses} <= {404, 409}, statuses
    assert len(forms) >= 10
    assert shop.api.rows(counted) == before


@pytest.mark.parametrize("name", ["ann", "friend of ann"])
def test_a_whole_form_that_names_what_is_anothers_says_nothing_of_it(shop: Shop, name: str) -> None:
    """In each field of each form that has no id in its address; a claim for a friend is another test's."""
    who, own = Asking(shop, shop.sessions[name]), _own(shop, name)
    ids = [ids_[-1] for ids_ in ([it for it in noun if it not in own] for noun in _ids(shop).values()) if ids_]
    left = ("/in", "/out", "/merge", "/element", "/complaint", "/erasure", "/stories")  # the last three name nothing
    tried = set[tuple[str, int]]()
    forms = [place for method, place, named in _addresses(shop) if method == "POST" and not named]
    for place in [it for it in forms if not it.endswith(left)]:
        for id_ in ids:
            never = _never(id_)
            told, nothing = (
                who.told("POST", place, it, {**WHOLE, "mail": "m@shop.example", **dict.fromkeys(NAMING, it)})
                for it in (id_, never)
            )
            assert told == nothing, place
            tried.add((place, told[0]))
    assert {status for _, status in tried} <= {303, 404, 409}
    assert len(tried) >= 6


@pytest.mark.parametrize(("name", "theirs"), [("ann", 3), ("friend of ann", 1)])
def test_every_id_of_others_is_answered_on_every_address_as_one_that_never_was(
    shop: Shop, name: str, theirs: int
) -> None:
    """An advocate and a friend; what is theirs is there, so that it is the session that opens it."""
    who, own = Asking(shop, shop.sessions[name]), _own(shop, name)
    ids = [id_ for noun in _ids(shop).values() for id_ in [*noun[:_OF_EACH], *(set(noun[_OF_EACH:]) & own)]]
    assert len({id_[:3] for id_ in ids}) > 10
    shown = set()
    for method, place, named in _addresses(shop):
        if not named:
            continue
        nothing = {}
        for id_ in ids:
            path, never = place.replace("{}", id_), _never(id_)
            if id_ in own and method == "GET" and who.ask(method, path).status_code == 200:
                shown.add(id_)
                continue
            if id_[:3] not in nothing:
                nothing[id_[:3]] = who.told(method, place.replace("{}", never), never)
            assert who.told(method, path, id_) == nothing[id_[:3]], (method, path)
            assert nothing[id_[:3]][0] in ((404,) if method == "GET" else (403, 404)), (method, path)
    assert len(shown) == theirs


@pytest.mark.parametrize("name", ["ann", "friend of ann"])
def test_no_cursor_and_no_word_in_an_address_brings_anything_of_others(shop: Shop, name: str) -> None:
    """Each page with each id as its cursor is what it is with one beside it that never was; nothing of others stands on any."""
    who, api = Asking(shop, shop.sessions[name]), shop.api
    others = {"Canary eve", "eve@shop.example", "friend of eve"} | _own(shop, "eve")
    hers = {"ann": "friend of ann", "friend of ann": "ann@"}[name]
    pages = [place for method, place, named in _addresses(shop) if method == "GET" and not named]
    seen = 0
    for place in pages:
        for id_ in [ids[-1] for ids in _ids(shop).values()]:
            text, never = (
                re.sub(
                    r'name="once" value="[^"]+"', "", who.ask("GET", f"{place}?before={it}&text={it}&person={it}").text
                )
                for it in (id_, _never(id_))
            )
            both = re.compile(f"{id_}|{_never(id_)}")  # a page may show one's own id whatever the cursor is
            assert both.sub("*", text) == both.sub("*", never), (place, id_)
            assert not [it for it in {*others, hers} if it in text], (place, id_)
        seen += who.ask("GET", place).status_code == 200
    assert seen >= len(NAV)
    assert api.ws in pages[0]


@pytest.mark.parametrize("name", ["zoe", "tom", "of another workspace", ""])
def test_a_session_that_is_over_or_of_elsewhere_is_nobodys(shop: Shop, name: str) -> None:
    """Of who was erased, was merged, or is signed in at another workspace: every address answers as to who has none."""
    over, nobody = (Asking(shop, session) for session in (shop.sessions.get(name, "x" * 43), None))
    ids = [ids[0] for noun, ids in _ids(shop).items() if noun in ("rwd", "pay", "per")]
    for method, place, named in _addresses(shop):
        for id_ in ids if named else [""]:
            path = place.replace("{}", id_)
            told = over.told(method, path, "\0")
            assert told == nobody.told(method, path, "\0"), (method, path)
            assert told[0] != 200 or "/in" in path or "/f/" in path, (method, path)


def test_a_session_of_the_portal_opens_nothing_else(shop: Shop) -> None:
    """As a key of the API, and at the pages of staff: each is answered as to a word that never was."""
    api, cookie = shop.api, f"goodword-{shop.api.ws}={shop.sessions['ann']}"
    document = api.http.get("/openapi.json").json()
    tried = 0
    for path, operations in document["paths"].items():
        if path.startswith("/v1/"):
            for method in operations:
                place = re.sub(r"{\w+}", api.person("ann"), path)
                headers = {"authorization": f"Bearer {shop.sessions['ann']}", "cookie": cookie}
                answer = api.http.request(method, place, headers=headers)
                assert answer.json()["code"] == "key_malformed", (method, place, answer.text)
                tried += 1
    assert tried > 100
    assert api.http.get("/console/rewards", headers={"cookie": cookie}).status_code in (303, 401, 403)


def test_no_host_that_is_asked_for_is_led_to_or_written(shop: Shop) -> None:
    """Nor one in the path or the query: every address that an answer leads to is a path of ours, or the installation's own."""
    who = Asking(shop, shop.sessions["ann"])
    headers = dict.fromkeys(("host", "x-forwarded-host", "x-original-url"), "evil.example")
    more = "?next=//evil.example&to=https://evil.example&before=//evil.example"
    for method, place, _ in _addresses(shop):
        for path in (place.replace("{}", "%2F%2Fevil.example"), place.replace("{}", "..%2F..%2Fx") + more):
            answer = who.ask(method, path, **headers, forwarded="host=evil.example")
            assert "//evil.example" not in answer.text, (method, path)
            led = answer.headers.get("location", "/")
            assert re.match(r"/(?![/\\])", led) or led.startswith(shop.api.url), (method, path, led)
