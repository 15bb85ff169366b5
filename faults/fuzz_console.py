"""The console is fuzzed: cookies, forms, addresses with filters and cursors, what a browser says it takes.

An answer is a page or its twin, and never a mistake of ours. Without the session's own cookie and token nothing is done.
"""

from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

from faults.fuzz_decoders import Decoder, known_ids, latin
from faults.fuzz_house import Fuzz, is_problem
from faults.fuzz_inputs import TEXT, seldom, spoiled
from faults.simulate_request import Reply, request
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from goodword import console
from goodword.app import see
from goodword.app.principal import OPERATOR
from goodword.app.say import sessions
from goodword.core import access
from goodword.core.lifecycles import LIFECYCLES

_ROOT = "/console"
_COOKIE = "goodword_session"
#: What addresses say behind the question mark, and what forms say, by name.
_ASKED = (
    "after", "status", "q", "order", "id", "at", "part_1", "by", "person", "program", "type", "outcome", "from", "to", "days", "unit",
    "beneficiary", "aside", "whose", "kind", "done", "undo", "reward", "rail", "version", "deciding", "until", "before", "code", "next",
)  # fmt: skip
_FIELDS = (
    "items", "list_sha256", "reason", "note", "outcome", "text", "until", "member", "mail", "kind", "name", "unit", "rail", "program",
    "person", "advocate_1", "advocate_2", "share_1", "share_2", "when", "evidence", "party", "part_1", "part_2", "seconds", "status",
    "behind", "code", "proof", "due", "field", "limits", "to", "id", "reward", "other", "reference", "withheld", "document", "step",
    "amount", "currency", "role.approver", "role.owner", "withdrawn", "position", "event", "flags",
)  # fmt: skip
#: Pages of signing in and out, which are no ``Read`` and no ``Act``. By a password seldom, for it costs a derivation.
_DOOR = (
    ("GET", "/in"),
    ("GET", "/in/{token}"),
    ("POST", "/in/{token}"),
    ("POST", "/out"),
    ("POST", "/workspaces/{workspace}"),
)
#: What would end the session, or let nobody in, is done by whom it is not for.
_APART = ("/settings/password", "/settings/factor/on", "/out")


class _Session(NamedTuple):
    cookie: str

    @property
    def token(self) -> str:
        """What its forms send back."""
        return sha256(f"form:{self.cookie}".encode()).hexdigest()


def _carried(text: str) -> str:
    """A text as a path may carry it."""
    return text.encode("utf-8", "replace").decode()


async def _sign_in(fuzz: Fuzz) -> _Session:
    directory = fuzz.goodword.directory
    workspace = await directory.workspace(fuzz.made.id)
    assert workspace is not None
    owner = OPERATOR.at(workspace, await see.members.owner(OPERATOR.at(workspace), directory))
    link = await sessions.link(owner, directory, owner.actor.id)
    reply = await request(fuzz.goodword.app, "POST", f"{_ROOT}/in/{link}", headers={"accept": "text/html"})
    assert reply.status == 303, f"a link did not sign in: {reply.status} {reply.body[:500]!r}"
    return _Session(SimpleCookie(reply.headers["set-cookie"])[_COOKIE].value)


async def pages(fuzz: Fuzz) -> Decoder:
    """Pages and forms, asked for by whoever is signed in, by nobody, and by whoever says so."""
    known = await known_ids(fuzz)
    states = sorted({state for states in LIFECYCLES.values() for state in states})
    value = (
        st.sampled_from([*known, *states, *access.ROLES, "EUR", "sandbox", "1", "0", "2026-03-02", "1/2", "other"])
        | TEXT
    )
    asked = [_read(read.path, value) for read in console.reads()]
    asked += [_form("POST", act.path, value, known) for act in console.acts()]
    asked += [_form(method, path, value, known) for method, path in _DOOR]
    asked.append(_read("/live", value))
    here = [await _sign_in(fuzz)]

    async def check(given: dict[str, Any]) -> None:
        method, session = given["method"], here[0]
        names = {name: _carried(text).replace("/", "") or "x" for name, text in given["names"].items()}
        is_theirs = given["cookie"] is None
        cookie = session.cookie if is_theirs else latin(given["cookie"])
        headers = {"cookie": f"{_COOKIE}={cookie}", **given["headers"]}
        more: dict[str, Any] = {"query": given["query"].encode("utf-8", "replace"), "headers": headers}
        is_right = is_theirs
        if method == "POST":
            token, fields, cut = given["form"]
            is_right = is_theirs and token is None and not cut and _ours(headers) and given["path"] not in _APART
            mark = session.token if token is None and given["path"] not in _APART else token or ""
            body = urlencode([("form", mark), *fields], errors="replace").encode()
            more["body"] = body[:40] if cut else body
            headers["content-length"] = str(len(more["body"]))
        before = await _said(fuzz)
        reply = await fuzz.reply(f"pages {method}", method, _ROOT + given["path"].format(**names), **more)
        _looked(reply, f"{method} {given}"[:2_000])
        if method == "POST" and not is_right and given["path"] != "/in/{token}":
            assert reply.status >= 400, f"done without the right token: {reply.status} {given}"
            assert await _said(fuzz) == before, f"said without the right token: {given}"
        if is_theirs and reply.status == 401:
            here[0] = await _sign_in(fuzz)  # something ended it

    return st.one_of(asked), check


async def _said(fuzz: Fuzz) -> list[Any]:
    """What anybody has said of the workspace, in the log and beside it."""
    row = await fuzz.goodword.pool.fetchrow(
        """select (select position from stream where workspace_id = $1) as entries,
                  (select count(*) from api_key where workspace_id = $1) as keys,
                  (select count(*) from login where workspace_id = $1) as links,
                  (select count(*) from credential where workspace_id = $1) as credentials""",
        fuzz.made.id,
    )
    return list(row)


def _ours(headers: dict[str, str]) -> bool:
    return "origin" not in headers and "sec-fetch-site" not in headers


def _looked(reply: Reply, asked: str) -> None:
    """A page, a twin, a file or a stream: each says what it is, and nobody keeps it who should not."""
    media = reply.headers.get("content-type", "")
    assert media or reply.status in (303, 307, 403, 503), f"no content type: {reply.status} {asked}"
    if reply.status >= 400 and media.startswith("application/"):
        is_problem(reply, asked)
    if media.startswith("text/html"):
        assert "content-security-policy" in reply.headers, f"a page without its policy: {asked}"
        assert b"Traceback" not in reply.body, f"a trace on a page: {asked}"


def _common(method: str, path: str, value: SearchStrategy[str]) -> dict[str, SearchStrategy[Any]]:
    names = [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]
    taken = st.sampled_from(("text/html", "text/html", "application/json", "*/*")) | TEXT.map(latin)
    sites = st.fixed_dictionaries(
        {},
        optional={
            "origin": st.sampled_from(("null", "http://[", "https://evil.example")) | TEXT.map(latin),
            "sec-fetch-site": st.sampled_from(("cross-site", "same-site")),
        },
    )
    headers = st.fixed_dictionaries(
        {"accept": taken},
        optional={
            "hx-request": st.sampled_from(("true", "false", "é")),
            "x-by-itself": st.just("1"),
            "last-event-id": TEXT.map(latin),
        },
    )
    wrong = st.builds(lambda one, two: one | two, headers, sites)
    return {
        "method": st.just(method),
        "path": st.just(path),
        "names": st.fixed_dictionaries(dict.fromkeys(names, value)),
        "query": _query(value),
        "cookie": seldom(st.none(), TEXT | spoiled(st.just(b"0" * 43)).map(lambda data: data.decode("latin-1")), 6),
        "headers": seldom(headers, wrong, 6) if method == "POST" else headers,
    }


def _query(value: SearchStrategy[str]) -> SearchStrategy[str]:
    pairs = st.lists(st.tuples(st.sampled_from(_ASKED), value), max_size=3)
    right = pairs.map(lambda drawn: urlencode(drawn, errors="replace"))
    return seldom(right, TEXT | spoiled(right.map(str.encode)).map(lambda data: data.decode("latin-1")), 5)


def _read(path: str, value: SearchStrategy[str]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(_common("GET", path, value))


def _form(method: str, path: str, value: SearchStrategy[str], known: list[str]) -> SearchStrategy[dict[str, Any]]:
    """A form: mostly with the session's token, seldom with another, cut, or with fields of other forms."""
    one = st.sampled_from([id_ for id_ in known if id_.startswith("rwd_")] or ["rwd_none"])
    items = one.map(lambda id_: f'[{{"id":"{id_}","amount":1000,"unit":"EUR"}}]')
    field = st.tuples(st.sampled_from(_FIELDS), value) | st.tuples(st.just("items"), items | value)
    once = st.tuples(st.just("once"), TEXT)
    fields = st.builds(lambda first, more: [first, *more], once, st.lists(field, max_size=6))
    token = seldom(st.none(), st.sampled_from(("", "0" * 64)) | TEXT, 4)
    form = st.tuples(token, fields, seldom(st.just(False), st.just(True), 12))
    return st.fixed_dictionaries(_common(method, path, value) | {"form": form})
