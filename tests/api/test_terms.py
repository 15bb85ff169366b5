"""Terms are kept with the version that they tell of: read by the API, at the command line, and by whoever has their address."""

import hashlib
import json
from pathlib import Path
from typing import Any

from testkit import sent
from testkit.product import Product
from tests.api.conftest import RULES, Api

from goodword.app.proof import terms
from goodword.app.write.commands import command
from goodword.core import rules as core_rules
from goodword.core.events import ProgramPublished
from goodword.core.facts import Actor
from goodword.sources import rule_file
from goodword.words import terms as words


def program(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/v1/programs")["items"][0]
    return found


def told(api: Api, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/v1/programs/{program(api)['slug']}/terms", **params)
    return found


def published(api: Api) -> list[dict[str, Any]]:
    """The entries that published rules, as the log has them."""
    entries = [
        json.loads(leaf) for (leaf,) in api.rows("select leaf from log where workspace_id = $1 order by position")
    ]
    return [it["event"] for it in entries if it["event"]["type"] == "program.published"]


def test_terms_are_those_that_were_kept_at_publication(api: Api) -> None:
    """The log has their text since then; what names them is the digest over it and the rules, which the verdict says too."""
    it = told(api)
    [event] = published(api)
    kept = event["terms"]["en"]
    assert it["sha256"] == hashlib.sha256(f"goodword terms\n{event['rules']}\n{kept}".encode()).hexdigest()
    assert (it["recorded"], it["rules"], it["version"], it["until"]) == (True, event["rules"], 1, None)
    assert [it["short"], len(it["examples"])] == [json.loads(kept)["short"], 6]
    read = rule_file.read(RULES.encode(), "rules.yaml")
    assert kept == words.text(terms.of(core_rules.version(core_rules.document(read))))
    assert it["sha256"][:12] in json.dumps(api.get(f"/v1/explanations/{event['evt']}"))


def test_an_older_version_keeps_its_own(api: Api) -> None:
    """A later version has other terms, and those of before are read as they were; under the same key it is published once."""
    before = told(api)
    document = {"document": RULES.replace("hold: ", "hold: 1")}
    first = api.say("owner", "/v1/programs", document, key="once")
    assert api.say("owner", "/v1/programs", document, key="once") == first
    assert len(published(api)) == 2
    now = told(api)
    assert (now["version"], now["sha256"] != before["sha256"]) == (2, True)
    assert told(api, version=1) == {**before, "until": now["since"]}
    assert api.call("owner", "GET", f"/v1/programs/{now['slug']}/terms", params={"version": 3}).status_code == 404
    german = [api.get(f"/v1/programs/{now['slug']}/terms", language=it) for it in ("de", "de-AT")]
    assert (german[0], german[0]["language"], german[0]["recorded"]) == (german[1], "de", True)
    answer = api.call("owner", "GET", f"/v1/programs/{now['slug']}/terms", params={"language": "xx"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_versions_of_before_have_terms_that_are_made_now(api: Api) -> None:
    """What was published without terms says the same of its rules, and that the log does not have it."""
    kept = told(api)
    [event] = published(api)
    document = event["document"].replace(event["slug"], "second")
    hash_ = core_rules.version(document).hash
    [(id_,)] = api.rows("select id from member where workspace_id = $1")
    owner = Actor(id=id_, kind="member", roles=("owner",))
    fields = {"slug": "second", "rules": hash_, "document": document}
    api.run(command(api.goodword.engine, api.ws, lambda stamp: ProgramPublished(**stamp, **fields), owner))
    made = api.get("/v1/programs/second/terms")
    assert (made["recorded"], made["examples"]) == (False, kept["examples"])
    assert len(made["sha256"]) == 64


def test_terms_as_a_page_are_what_the_command_prints(api: Api, tmp_path: Path) -> None:
    """A draft's terms at the command line, without any installation, are those that are kept once it is published."""
    address = f"/v1/programs/{program(api)['slug']}/terms"
    asked = {"accept": "text/markdown", "authorization": f"Bearer {api.keys['owner']}"}
    page = api.http.get(address, headers=asked)
    assert page.headers["content-type"].startswith("text/markdown")
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    run = Product(tmp_path / "elsewhere").run
    done = run("rules", "terms", str(file), GOODWORD_HOME="/dev/null/nowhere")
    assert (done.returncode, done.stdout) == (0, page.text)
    assert told(api)["sha256"] in page.text
    wrong = run("rules", "terms", str(file), "--language", "xx", GOODWORD_HOME="/dev/null/nowhere")
    assert (wrong.returncode, "there are some in de, en, es" in wrong.stderr) == (2, True)


def test_which_terms_an_advocate_accepted_is_kept(api: Api) -> None:
    """An enrolment that names terms counts as their acceptance, is explained with them, and may be told again for later ones."""
    digest = told(api)["sha256"]
    said = [api.decided(sent.enrolled("e1", "ann", "ANN", terms_sha256=digest))]
    held = program(api)["versions"][0]["rules"]
    sentence = f"The terms {digest[:12]} were accepted, while rules {held[:12]} held."
    assert sentence in json.dumps(api.get(f"/v1/explanations/{said[0]['decision']['evt']}"))
    said.append(api.decided(sent.enrolled("e2", "ann", "ANN", terms_sha256="0" * 64)))
    said.append(api.decided(sent.enrolled("e3", "ann", "ANN", accepted_terms=True)))
    outcomes = [it["decision"]["verdicts"][0] for it in said]
    assert [it.get("refusal") or it["outcome"] for it in outcomes] == ["enrolled", "terms_accepted", "already_enrolled"]
    answer = api.call("sk", "POST", "/v1/events", json=sent.enrolled("e4", "ann", "ANN", terms_sha256="mine"))
    assert answer.json()["items"][0]["field"] == "terms_sha256"


def test_whoever_has_the_address_reads_the_terms(api: Api) -> None:
    """The page needs no key, says the same as the API, and opens for the hash of a version of this workspace only."""
    it = told(api)
    address = f"/portal/{api.ws}/terms/{it['rules']}"
    page = api.http.get(address)
    assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex, nofollow, noarchive")
    assert all(line in page.text for line in it["short"])
    assert it["sha256"] in page.text
    for other in (address[:-1] + "x", f"/portal/wsp_nothing/terms/{it['rules']}", f"/portal/{api.ws}/terms/main"):
        assert api.http.get(other).status_code == 404
    by_name = f"/v1/programs/{it['slug']}/terms"
    assert [api.call(who, "GET", by_name).status_code for who in ("wk", None)] == [403, 401]
