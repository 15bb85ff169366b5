"""What assistants ask over the Model Context Protocol: both protocols, every bound, every tool by every key; nothing is moved."""

import ast
import inspect
import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator
from testkit import sent
from testkit.tables import rows
from tests.api.conftest import Api
from tests.api.test_permissions import OTHERS, PRINCIPALS
from tests.api.test_scopes import _secrets, _story

from goodword import console
from goodword.api import mcp, tools
from goodword.app import say
from goodword.app.principal import action_of
from goodword.app.proof.audit import verify
from goodword.core import access

NEWEST, BEFORE = "2026-07-28", "2025-11-25"
VERSION, CAPABILITIES = (f"io.modelcontextprotocol/{name}" for name in ("protocolVersion", "clientCapabilities"))
#: tool -> the permissions that it needs
NEEDS = {
    tool: needs.split(", ")
    for tool, needs, _ in rows(__file__, "Tools", **dict.fromkeys(("friend", "reward", "payout"), "x"))
}
HEADERS = ("content-type", "origin", "authorization", "mcp-protocol-version", "mcp-method", "mcp-name")
#: What moves by itself.
RESTLESS = {"worker", "log_head"}


def head(api: Api, who: str | None, method: str, params: dict[str, Any]) -> dict[str, str]:
    """The headers of a request of the newest protocol."""
    said = {"content-type": "application/json", "mcp-protocol-version": NEWEST, "mcp-method": method}
    if who is not None:
        said["authorization"] = f"Bearer {api.keys.get(who, who)}"
    return said | ({"mcp-name": params["name"]} if "name" in params else {})


def ask(api: Api, who: str | None, method: str, **params: Any) -> httpx.Response:
    """Ask by the newest protocol."""
    params["_meta"] = {VERSION: NEWEST, CAPABILITIES: {}, "io.modelcontextprotocol/clientInfo": {"name": "tests"}}
    body = {"jsonrpc": "2.0", "id": "a1", "method": method, "params": params}
    return api.http.post("/mcp", json=body, headers=head(api, who, method, params))


def asked(api: Api, who: str, method: str, **params: Any) -> Any:
    """Ask by the newest protocol what must be answered by a result."""
    answer = ask(api, who, method, **params)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["jsonrpc"], said["id"], said["result"]["resultType"]) == ("2.0", "a1", "complete")
    return said["result"]


def before(api: Api, who: str, method: str, **params: Any) -> httpx.Response:
    """Ask by the protocol before."""
    headers = {"authorization": f"Bearer {api.keys[who]}"} | (
        {} if method == "initialize" else {"mcp-protocol-version": BEFORE}
    )
    return api.http.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, headers=headers)


def call(api: Api, who: str, tool: str, **arguments: Any) -> Any:
    """Call a tool; returns what it answers."""
    result = asked(api, who, "tools/call", name=tool, arguments=arguments)
    assert not result["isError"], result["content"]
    return result["structuredContent"]


def refused(api: Api, who: str, tool: str, **arguments: Any) -> str:
    """Call a tool that must refuse; returns the code."""
    result = asked(api, who, "tools/call", name=tool, arguments=arguments)
    assert result["isError"], result
    assert "structuredContent" not in result
    return str(result["content"][0]["text"].partition(":")[0])


def prepared(api: Api) -> dict[str, str]:
    """Make something of everything that a tool shows: Bob, whom Ann brought, her reward in review, and a payout to be released."""
    api.purchase()
    api.purchase("eve")
    api.send(sent.lead("mail", "bob", customer_email="bob@mail.example"))
    for one in ("ann-bob", "ann-eve"):
        api.payee(one)
    api.move("2026-06-01T00:00:00Z")
    waiting = {
        it["conversion"]: it for it in api.get("/v1/rewards", status="in_review")["items"] if it["side"] == "advocate"
    }
    api.agree("/v1/approvals", waiting["inv:inv-eve"]["id"])
    api.move("2027-01-01T00:00:00Z")
    [payout] = [it["subject"] for it in api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})["verdicts"]]
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    return {"friend": api.person("bob"), "reward": waiting["inv:inv-bob"]["id"], "payout": payout}


def test_the_newest_protocol_is_discovered_and_keeps_no_session(api: Api) -> None:
    """Versions, capabilities and who serves; what a list needs to be kept; neither a session nor a cookie, whatever is sent."""
    found = asked(api, "sk", "server/discover")
    assert found["supportedVersions"] == [NEWEST, BEFORE, "2025-06-18"]
    assert found["capabilities"] == {"tools": {}}
    assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "goodword"
    assert "none approves" in found["instructions"]
    listed = asked(api, "sk", "tools/list")
    for it in (found, listed):
        assert it["ttlMs"] >= 0
        assert it["cacheScope"] == "private"
    api.http.cookies.set("session", "x")
    answer = ask(api, "sk", "tools/list")
    api.http.cookies.clear()
    assert answer.json()["result"] == listed
    assert not {"set-cookie", "mcp-session-id"} & {*answer.headers}
    assert answer.headers["cache-control"] == "no-store"


def test_the_protocol_before_is_spoken_too(api: Api) -> None:
    """It begins, is told so, pings, lists and calls; of the newest it has nothing, and errors come with 200 there."""
    for wanted, given in (
        (BEFORE, BEFORE),
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", BEFORE),
        (NEWEST, BEFORE),
        (7, BEFORE),
    ):
        said = before(api, "sk", "initialize", protocolVersion=wanted, capabilities={}, clientInfo={}).json()["result"]
        assert (said["protocolVersion"], said["capabilities"]) == (given, {"tools": {}})
        assert said["serverInfo"]["name"] == "goodword"
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    headers = {"authorization": f"Bearer {api.keys['sk']}"}
    for more in ({}, {"mcp-protocol-version": BEFORE}, {"mcp-protocol-version": NEWEST}):
        answer = api.http.post("/mcp", json=note, headers=headers | more)
        assert (answer.status_code, answer.content) == (202, b"")
    answer = api.http.post("/mcp", json=note, headers=headers | {"mcp-protocol-version": "2024-01-01"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32022)
    assert before(api, "sk", "ping").json()["result"] == {}
    listed = before(api, "sk", "tools/list").json()["result"]
    assert [*listed] == ["tools"]
    assert listed["tools"] == asked(api, "sk", "tools/list")["tools"]
    said = before(api, "sk", "tools/call", name="program_rules", arguments={}).json()["result"]
    assert {*said} == {"content", "structuredContent", "isError"}
    for method, code in (("server/discover", -32601), ("resources/list", -32601), ("tools/call", -32602)):
        answer = before(api, "sk", method)
        assert (answer.status_code, answer.json()["error"]["code"], answer.json()["id"]) == (200, code, 1)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_served(api: Api, method: str) -> None:
    """There is no stream to open and no session to end, and no page of another origin is let in."""
    answer = api.call("sk", method, "/mcp")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_a_wrong_request_is_told_so_by_its_code(api: Api) -> None:
    """Each as the table says, and the right one that it was made of is answered."""
    wrong = []
    tried = rows(__file__, "Wrong requests")
    for what, change, status, code, said in [["right", {}, "200", "0", ""], *tried]:
        answer = _changed(api, change)
        error = answer.json().get("error", {"code": 0, "data": {"code": ""}})
        if (answer.status_code, error["code"], error["data"]["code"]) != (int(status), int(code), said):
            wrong.append((what, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert ask(api, None, "server/discover").headers["www-authenticate"].startswith("Bearer")
    assert _changed(api, {"origin": api.url}).status_code == 200
    assert _changed(api, {"mcp-name": "=?base64?ZmluZF9wZXJzb24=?="}).status_code == 200
    twice = [*head(api, "sk", "tools/list", {}).items(), ("mcp-method", "tools/list")]
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {VERSION: NEWEST, CAPABILITIES: {}}}}
    assert api.http.post("/mcp", json=body, headers=twice).json()["error"]["code"] == -32020


def _changed(api: Api, change: dict[str, Any]) -> httpx.Response:
    """Send a right call with something about it changed."""
    version = change.get("version", NEWEST)
    params: dict[str, Any] = {"name": "find_person", "arguments": {"text": "bob"}}
    params["_meta"] = change.get("meta", {VERSION: version, CAPABILITIES: {}})
    params |= {name: change[name] for name in ("name", "arguments", "cursor") if name in change}
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    body |= {name: change[name] for name in ("jsonrpc", "method", "params", "id") if name in change}
    if "long_id" in change:
        body["id"] = "x" * change["long_id"]
    headers = head(api, "sk", str(body["method"]), {"name": params["name"] or "x"}) | {"mcp-protocol-version": version}
    headers |= {name: change[name] for name in HEADERS if name in change}
    text = json.dumps([body] * change["batch"] if "batch" in change else body)
    text = change.get("text", text).ljust(change.get("size", 0))
    text = "[" * change["deep"] if "deep" in change else text
    content = bytes.fromhex(change["bytes"]) if "bytes" in change else text.encode()
    return api.http.post("/mcp", content=content, headers={name: it for name, it in headers.items() if it})


def test_a_body_that_is_as_large_as_it_may_be_is_read(api: Api) -> None:
    """One byte more is too much."""
    assert _changed(api, {"size": mcp.MAX_BODY}).status_code == 200
    assert _changed(api, {"size": mcp.MAX_BODY + 1}).status_code == 413


def test_the_probe_is_answered_while_there_is_no_room_for_calls(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is refused it takes us for an older server, without a word; a call hears when to come again."""
    monkeypatch.setattr(mcp, "MAX_CALLS", 0)
    answer = ask(api, "sk", "tools/call", name="figures", arguments={})
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]["data"]) == (
        503,
        "1",
        {"code": "busy"},
    )
    assert all(asked(api, "sk", method) for method in ("server/discover", "tools/list"))


def test_an_answer_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is too large is not given in part."""
    assert call(api, "sk", "program_rules", program="main")
    monkeypatch.setattr(mcp, "MAX_ANSWER", 100)
    assert refused(api, "sk", "program_rules", program="main") == "too_much"


def test_every_tool_answers_every_principal_as_the_table_of_roles_says(api: Api) -> None:
    """Who may not does not see it in the list, and is refused; who may sees it, and gets something else."""
    assert {name: [*dict.fromkeys(map(action_of, tool.use_cases))] for name, tool in tools.TOOLS.items()} == NEEDS
    api.member("anna", "approver")
    api.member("pia", "payer")
    for role in OTHERS:
        api.member(role, role)
    body = {"email": "lia@shop.example", "roles": ["approver", "payer", *OTHERS], "programs": ["main"]}
    api.keys["limited"] = api.say("owner", "/v1/members", body)["key"]
    api.member("nobody")
    wrong: list[Any] = []
    tried = 0
    nothing = {"friend": "per_none", "reward": "rwd_none", "payout": "pay_none"}
    table = rows(__file__, "Tools", **nothing)
    for who, actor in PRINCIPALS.items():
        listed = {one["name"] for one in asked(api, who, "tools/list")["tools"]}
        for tool, _, arguments in table:
            may = all(access.allowed(actor, need) for need in NEEDS[tool])
            result = asked(api, who, "tools/call", name=tool, arguments=arguments)
            denied = result["isError"] and result["content"][0]["text"].startswith("not_permitted")
            tried += 1
            if denied == may or (tool in listed) != may:
                wrong.append((tool, who, result["content"]))
            answer = ask(api, who, "tools/call", name=tool, arguments={"wrong": 1})  # may not comes before wrong
            if answer.json()["result"]["content"][0]["text"].startswith("not_permitted") == may:
                wrong.append((tool, who, answer.text))
    assert wrong == []
    assert tried == len(tools.TOOLS) * len(PRINCIPALS)
    assert ask(api, None, "tools/list").status_code == 401


def test_every_tool_answers_as_its_schema_says_and_moves_nothing(api: Api) -> None:
    """Valid schemas, answers that fit; no row of any table is another one but what tells that personal fields were shown."""
    names = prepared(api)
    described = {one["name"]: one for one in asked(api, "owner", "tools/list")["tools"]}
    assert [*described] == [*tools.TOOLS]
    api.until(lambda: not api.rows("select 1 from job where workspace_id = $1 and done_at is null"))
    # Counts of sources are written a while after an event came.
    api.until(lambda: api.rows("select 1 from source_count where workspace_id = $1"))
    shown = _rows_of_all(api)
    answers = {}
    for tool, _, arguments in rows(__file__, "Tools", **names):
        for one in ("inputSchema", "outputSchema"):
            Draft202012Validator.check_schema(described[tool][one])
            assert described[tool][one]["type"] == "object"
        Draft202012Validator(described[tool]["inputSchema"]).validate(arguments)
        result = asked(api, "owner", "tools/call", name=tool, arguments=arguments)
        assert not result["isError"], (tool, result)
        Draft202012Validator(described[tool]["outputSchema"]).validate(result["structuredContent"])
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
        answers[tool] = result["structuredContent"]
        if described[tool]["annotations"]["readOnlyHint"]:
            assert _rows_of_all(api) == shown, tool
    [apart] = [name for name, one in described.items() if not one["annotations"]["readOnlyHint"]]
    now = _rows_of_all(api)
    changed = {table for table, count in now.items() if count != shown[table]}
    assert (apart, {"log", "look", "note"} <= changed) == ("show_personal_fields", True)
    assert not changed & {"reward", "payout", "posting", "approval", "person", "case"}
    assert answers[apart]["values"] == {"customer_email": "bob@mail.example"}
    [look] = [it for it in api.get("/v1/looks", subject=names["friend"])["items"] if it["what"] == "unmasked"]
    assert (look["fields"], look["by"]) == (["customer_email"], api.get("/v1/members")["items"][0]["id"])
    told = api.get(f"/v1/notes/{look['note']}")["text"]
    assert told == "Shown by a tool (tests): she called, where is it"
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


TABLES = """
    select relname::text from pg_class
    where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
        and has_table_privilege(oid, 'select') and $1 <> ''
"""


def _rows_of_all(api: Api) -> dict[str, Any]:
    """Of each table how many rows it has, and a digest of all."""
    digest = "select count(*), md5(string_agg(it::text, '|' order by it::text)) from \"{}\" it where $1 <> ''"
    return {name: api.rows(digest.format(name)) for (name,) in api.rows(TABLES) if name not in RESTLESS}


def test_what_is_answered_is_what_there_is(api: Api) -> None:
    """The person and what happened to them, why the reward is so and where that stands, what became of the order, what waits."""
    names = prepared(api)
    [bob] = call(api, "owner", "find_person", text="bob@mail.example")["persons"]
    assert (bob["id"], bob["name"], bob["found_by"]) == (names["friend"], "bob", ["mail"])
    moments = call(api, "owner", "person_history", person=bob["id"])["moments"]
    assert {"order", "bound"} <= {one["kind"] for one in moments}
    found = call(api, "owner", "find_rewards", text="inv-bob")["rewards"]
    [reward] = [one for one in found if one["side"] == "advocate"]
    assert (reward["id"], reward["status"], reward["money"]["text"]) == (names["reward"], "in_review", "20.00 EUR")
    assert [one["code"] for one in reward["waits_for"]] == ["review"]
    why = call(api, "owner", "explain_reward", reward=names["reward"])
    assert (why["rules_version"], why["reward"]["beneficiary_name"], why["lacks"]) == (
        1,
        "ann-bob",
        ["approval_record"],
    )
    said = api.get(f"/v1/explanations/{names['reward']}")["sentences"]
    assert [(one["outcome"], one["to_finance"]) for one in why["said"]] == [
        (one["outcome"], one["finance"]) for one in said
    ]
    order = api.get("/v1/events/order-bob")
    assert order["decision"]["position"] in {one["position"] for one in why["said"]}
    event = call(api, "owner", "explain_event", event="order-bob")
    assert (event["status"], event["evt"]) == ("decided", order["evt"])
    assert "earned" in {one["outcome"] for one in event["said"]}
    waits = call(api, "owner", "what_waits")
    assert (waits["rewards_in_review"], waits["payouts_awaiting_release"]) == (3, 1)
    assert len(waits["next"]) == 3
    assert call(api, "owner", "what_waits", rows=1)["more"]
    figures = call(api, "owner", "figures", first="2026-03-01", end="2026-03-10")
    overview = api.get("/v1/reports/overview", **{"from": "2026-03-01", "to": "2026-03-10"})["totals"]
    assert (
        [(one["metric"], one["count"]) for one in figures["figures"]]
        == [(one["metric"], one["count"]) for one in overview]
        != []
    )
    rules = call(api, "owner", "program_rules", program="main")
    assert (rules["rules"]["version"]["number"], rules["programs"][0]["slug"]) == (1, "main")
    assert all(one["sentences"] for one in rules["rules"]["headings"])
    assert call(api, "owner", "program_rules")["rules"] is None
    approval = call(api, "owner", "prepare_approval", rewards=[names["reward"]])
    assert (approval["decided"], [one["text"] for one in approval["sums"]]) == (False, ["20.00 EUR"])
    release = call(api, "owner", "prepare_release", payouts=[names["payout"]])
    assert (release["decided"], [one["text"] for one in release["sums"]]) == (False, ["20.00 EUR"])
    assert (api.get(f"/v1/rewards/{names['reward']}")["status"], api.get(f"/v1/payouts/{names['payout']}")["status"]) == (
        "in_review", "awaiting_release",
    )  # fmt: skip


def test_an_event_that_is_not_there_says_what_was_refused(api: Api) -> None:
    """Did it arrive? It did, and for which field it was not taken."""
    unknown = call(api, "owner", "explain_event", event="order-1")
    assert (unknown["status"], unknown["evt"], unknown["refused_lately"]) == ("unknown", None, [])
    answer = api.call(
        "wk", "POST", "/v1/events", json=sent.purchase("order-1", "bob", "inv-1", 100) | {"amount": "much"}
    )
    assert answer.json()["items"][0]["status"] == "invalid"
    api.until(lambda: call(api, "owner", "explain_event", event="order-1")["refused_lately"])
    [refusal] = call(api, "owner", "explain_event", event="order-1")["refused_lately"]
    assert (refusal["source"], refusal["field"], refusal["times"]) == ("native", "amount", 1)


def test_every_page_that_is_given_is_one_of_the_console(api: Api) -> None:
    """By its address, at this server: whoever decides does it there."""
    names = prepared(api)
    known = [re.compile("/console" + re.sub(r"\{\w+\}", "[^/]+", read.path)) for read in console.reads()]
    pages = set()
    for tool, _, arguments in rows(__file__, "Tools", **names):
        text = json.dumps(call(api, "owner", tool, **arguments))
        pages |= set(re.findall(r'"page": "([^"]+)"', text))
    assert len(pages) >= 8
    for page in pages:
        assert page.startswith(f"{api.url}/console/")
        assert any(one.fullmatch(urlsplit(page).path) for one in known), page
    assert any(f"?id={names['reward']}" in page for page in pages)
    assert any(f"?id={names['payout']}" in page for page in pages)


def test_who_may_see_no_names_is_told_none(api: Api) -> None:
    """An analyst is answered without names, mails and codes by every tool; what is theirs to call still answers."""
    names = prepared(api)
    api.member("ana", "analyst")
    answers = {}
    for who in ("owner", "ana"):
        answers[who] = [
            ask(api, who, "tools/call", name=tool, arguments=arguments).text
            for tool, _, arguments in rows(__file__, "Tools", **names)
            if tool not in ("find_person", "find_rewards", "explain_event")  # say again what they were asked for
        ]
    for secret in ("ann-bob", "ann-eve", "bob@mail.example", "olga@shop.example"):
        assert secret not in "".join(answers["ana"])
    assert "ann-bob" in "".join(answers["owner"])
    assert call(api, "ana", "find_person", text="bob@mail.example")["persons"] == []
    assert call(api, "ana", "find_person", text="bob")["persons"] == []
    assert call(api, "ana", "explain_reward", reward=names["reward"])["said"] is None
    assert {one["beneficiary_name"] for one in call(api, "ana", "find_rewards", text="inv-bob")["rewards"]} == {None}
    assert refused(api, "ana", "prepare_release", payouts=[names["payout"]]) == "not_permitted"


def test_who_is_limited_to_programs_is_told_of_no_other(api: Api) -> None:
    """By no tool, asked for anything of the other by name; of their own they are told all the same."""
    story = _story(api)
    mine, theirs = story["main"], story["other"]
    said = ""
    for it in (theirs, mine):
        arguments: dict[str, Any] = {
            "find_person": {"text": it.external},
            "person_history": {"person": it.advocate},
            "find_rewards": {"text": it.conversion.removeprefix("inv:")},
            "explain_reward": {"reward": it.reward},
            "explain_event": {"event": f"enrol-{it.external}"},
            "what_waits": {},
            "figures": {"program": it.slug},
            "program_rules": {"program": it.slug},
            "prepare_approval": {"rewards": [it.reward]},
            "prepare_release": {"payouts": [it.payout]},
            "show_personal_fields": {"subject": it.advocate, "fields": ["external_id"], "reason": "asked for"},
        }
        assert [*arguments] == [*tools.TOOLS]
        results = {tool: asked(api, "main", "tools/call", name=tool, arguments=one) for tool, one in arguments.items()}
        failed = {tool for tool, result in results.items() if result["isError"]}
        said += json.dumps(
            [result for result in results.values() if not result["isError"]]
        )  # an error names what was asked
        if it is mine:
            assert failed == {"explain_event"}  # the log is the whole workspace's
        else:
            assert {*tools.TOOLS} - failed == {"find_person", "what_waits"}
            assert results["find_person"]["structuredContent"]["persons"] == []
    assert [secret for secret in _secrets(theirs) if secret in said] == []


def test_what_is_wrong_with_arguments_is_told_to_who_asked(api: Api) -> None:
    """Unknown things and impossible values are results that say so, and no error of the protocol; nothing is shown."""
    names = prepared(api)
    for tool, arguments, code in rows(__file__, "Wrong arguments", **names):
        assert refused(api, "owner", tool, **arguments) == code, (tool, arguments)


def test_a_tool_calls_the_use_cases_that_it_names() -> None:
    """What it asks permission for is what it does; of what people say it calls only what shows fields and puts that on record."""
    for tool in tools.TOOLS.values():
        called = set()
        for node in ast.walk(ast.parse(inspect.getsource(tool.run)).body[0]):
            text = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if text.startswith(("say.", "see.")):
                called.add(f"goodword.app.{text}")
        optional = {"goodword.app.see.explanations.decisions"} if tool.name == "explain_reward" else set()
        named = {f"{one.__module__}.{one.__name__}" for one in tool.use_cases}
        assert called == named | optional, tool.name
        assert {one for one in tool.use_cases if one.__module__.startswith("goodword.app.say")} <= {say.people.unmask}
