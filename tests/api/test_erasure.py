"""Erasing a person over the whole product: nobody is told their name again, and the log still proves all that happened."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from testkit import rule_documents, sent
from tests.api.conftest import MASTER_KEY, Api

from goodword.api import routes
from goodword.app.proof import backup as archives
from goodword.app.proof.audit import verify
from goodword.cli import main
from goodword.core.state import NOUNS
from goodword.store.sql_files import statements

#: What names the advocate: to the company, in their code, their account, and in what a reviewer typed.
NAMES = ("quirin", "quirincode", "quirin@mail.example", "Quirin Quast", "quirin-note")
GIVEN = "2026-03-02T09:00:00Z"
REASON = {"reason": "not_owed", "note": "quirin-note: asked Quirin Quast"}


def _settled(api: Api) -> tuple[str, dict[str, Any]]:
    """An advocate with everything by which one is known, and a reward that was rejected with a note; their id and the reward."""
    api.send(
        sent.enrolled("enrol", "quirin", "quirincode", email="quirin@mail.example"),
        sent.lead("lead", "ben", code="quirincode"),
        sent.purchase("order", "ben", "inv-1", 20_000),
    )
    api.payee("quirin", "bank_file", name="Quirin Quast", iban="DE89370400440532013000")
    api.send(sent.enrolled("enrol-2", "rosa", "rosacode"), sent.lead("lead-2", "ben", code="rosacode"))
    person = api.person("quirin")
    api.move("2026-03-20T09:00:00Z")
    listed = api.get("/v1/rewards", beneficiary=person)["items"]
    items = api.get("/v1/approvals", id=[one["id"] for one in listed])["items"]
    api.say("owner", "/v1/rewards/rejections", {"items": items, **REASON})
    return person, listed[0]


def _dealt(api: Api) -> str:
    """The registration of a deal of the advocate, with a message that names them."""
    company, contact = {"name": "Acme"}, {"name": "Carl", "email": "carl@acme.example"}
    deal = {"advocate_external_id": "quirin", "company": company, "contact": contact}
    id_: str = api.say("owner", "/v1/deals", deal)["verdicts"][0]["subject"]
    api.say("owner", f"/v1/deals/{id_}/messages", {"side": "sales", "text": "quirin-note: Quirin Quast rang"})
    return id_


def _agreed(api: Api) -> str:
    """An agreement with the advocate, with a note that names them and a company that is left out of it."""
    terms = {"advocate": "quirin", "percent": "12", "accounts": ["Acme"], "note": "quirin-note: Quirin Quast asked"}
    id_: str = api.say("owner", "/v1/agreements", terms)["verdicts"][0]["subject"]
    return id_


def _taxed(api: Api, person: str) -> str:
    """A tax form that names the advocate; returns the year of their statement."""
    told = {"form": "none", "details": {"country": "DE", "why": "Quirin Quast says so", "signed": "2026-03-01"}}
    assert api.call("owner", "PUT", f"/v1/people/{person}/tax-forms/us", json=told).status_code == 200
    return "2026"


def _erase(api: Api, person: str, who: str = "owner", key: str | None = None) -> Any:
    return api.call(who, "DELETE", f"/v1/people/{person}", key=key)


#: Parts of paths that name nothing of theirs.
OTHERS = ("rules", "payout", "event", "program", "month", "file", "schedule", "message", "topic", "language", "version")


def test_nothing_names_who_was_erased(api: Api, database: str, tmp_path: Path) -> None:
    """No operation, export or page names them; `verify` says yes; the log says who erased them and when (B18, first-hour 20)."""

    def stored() -> str:
        """All rows of all tables that are readable as they stand."""
        tables = "select tablename from pg_tables where schemaname = 'public' and has_table_privilege(tablename::text, 'select')"
        names = [row[0] for row in api.run(api.goodword.pool.fetch(tables))]
        found = [api.run(api.goodword.pool.fetch(f'select t::text from "{name}" t')) for name in names]
        return "\n".join(row[0] for rows in found for row in rows)

    def read(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Everything that can be read, by operation."""
        asked = {
            "prove_inclusion": "?position=1&size=2",
            "prove_consistency": "?old=1&new=2",
            "list_reward_facts": f"?id={ids['reward']}",
        }
        for route in routes():
            if "GET" in route.methods:
                name = str(route.operation_id)
                path = route.path.format(**{**dict.fromkeys(OTHERS, ids["evt"]), **ids})
                query = asked.get(name) or {
                    "list_to_approve": f"?id={ids['id']}",
                    "list_to_release": f"?id={ids['id']}",
                }.get(name, "")
                yield name, api.call("owner", "GET", f"{path}{query}").text

    person, reward = _settled(api)
    looked_at = rule_documents.text("sandbox").replace("review:\n", "review:\n  over: {EUR: 1}\n")
    api.say("owner", "/v1/programs", {"document": looked_at})
    api.send(sent.lead("lead-3", "cara", code="quirincode"), sent.purchase("order-2", "cara", "inv-2", 20_000))
    api.until(lambda: api.get("/v1/events/order-2")["status"] == "decided")
    [case] = api.get("/v1/cases")["items"]
    closed = {"outcome": "confirmed", "reason": "not_owed", "note": "quirin-note: Quirin Quast again"}
    api.say("owner", f"/v1/cases/{case['id']}/decision", closed)
    decided = api.get(f"/v1/explanations/{reward['id']}")["decisions"]
    [note] = [one["note"] for one in decided if one["note"]]
    [claim] = api.get("/v1/claims", friend="ben")["items"]
    ids = {"person": person, "reward": reward["id"], "id": reward["id"], "evt": reward["evt"], "note": note}
    ids |= {
        "advocate": api.get("/v1/advocates", person=person)["items"][0]["id"],
        "agreement": _agreed(api),
        "deal": _dealt(api),
        "claim": claim["id"],
        "case": case["id"],
        "source": "native",
        "webhook": case["id"],
        "year": _taxed(api, person),
    }
    before = dict(read(ids))
    telling = {
        "get_person",
        "get_person_tax",
        "get_sharing",
        "get_statement",
        "list_advocates",
        "get_note",
        "list_claims",
        "get_claim",
        "get_deal",
        "list_deals",
        "get_agreement",
        "list_agreements",
        "get_reward_record",
        "list_reward_facts",
        "list_reward_queue",
    }
    assert {name for name in telling if any(one in before[name] for one in NAMES)} == telling
    assert api.http.get(f"/w/{api.ws}/r/quirincode").headers["location"].startswith("https://shop.example/hello")
    assert "gw_click" in api.http.get(f"/w/{api.ws}/r/quirincode").headers["location"]

    said = _erase(api, person)
    assert said.status_code == 200, said.text
    assert (said.json()["type"], said.json()["actor"]) == ("person.erased", api.get("/v1/members")["items"][0]["id"])
    assert said.json()["occurred_at"] >= "2026-03-20T09:00:00Z"
    answers = dict(read(ids))
    assert set(answers) == set(before)
    told = {name for name, text in answers.items() if any(one in text for one in NAMES)}
    assert told == set()
    assert json.loads(answers["get_person"])["external_id"] is None
    assert api.call("owner", "GET", f"/v1/notes/{note}").status_code == 404
    assert api.call("owner", "GET", "/v1/people", params={"external_id": "quirin"}).status_code == 404
    assert not any(one in stored() for one in NAMES)
    kept = api.run(
        api.goodword.pool.fetchval(
            "select (select count(*) from payee_detail) + (select count(*) from tax_form_detail)"
        )
    )
    assert kept == api.run(api.goodword.pool.fetchval("select count(*) from match_key where person = $1", person)) == 0

    environment = {"DATABASE_URL": database, "GOODWORD_MASTER_KEY": MASTER_KEY, "GOODWORD_HOME": str(tmp_path)}
    for line in (
        ["verify"],
        ["export", "log"],
        ["export", "hledger"],
        ["export", "ledger"],
        ["export", "beancount"],
        ["explain", reward["id"]],
        ["explain", said.json()["evt"]],
    ):
        done = CliRunner().invoke(main, [*line, "--workspace", api.ws], env=environment)
        assert done.exit_code == 0, (line, done.output)
        assert not any(one in done.output for one in NAMES), line


def test_who_comes_again_under_the_name_is_somebody_new(api: Api) -> None:
    """A server that remembers what names stand for forgets who was erased: the next event of that name is of another person."""
    person, _ = _settled(api)
    assert _erase(api, person).status_code == 200
    api.send(sent.enrolled("again", "quirin", "other", email="quirin@mail.example"))
    assert api.person("quirin") != person
    assert api.get(f"/v1/people/{person}")["external_id"] is None
    of_both = "select person from match_key where workspace_id = $1 and person = any($2)"
    found = api.run(api.goodword.pool.fetch(of_both, api.ws, [person, api.person("quirin")]))
    assert {row[0] for row in found} == {api.person("quirin")}


def test_an_erasure_is_a_command_like_any_other(api: Api) -> None:
    """Refused while something is open; only an owner may; a repeat gives the first answer; who is unknown or erased is 404."""
    api.purchase()
    open_ = api.person("ann-bob")
    refused = _erase(api, open_)
    assert (refused.status_code, refused.json()["code"]) == (409, "rewards_open")
    assert api.get(f"/v1/people/{open_}")["external_id"] == "ann-bob"
    person, _ = _settled(api)
    assert _erase(api, person, "sk").status_code == 403
    first = _erase(api, person, key="k")
    assert first.status_code == 200
    assert _erase(api, person, key="k").json() == first.json()
    assert (_erase(api, person).status_code, _erase(api, f"per_{'0' * 26}").status_code) == (404, 404)


def test_who_is_erased_is_written_down_for_a_restore(api: Api, database: str, tmp_path: Path) -> None:
    """Server and command line write workspace and person into `erasures` of the home, as `restore` reads it."""
    person, _ = _settled(api)
    assert _erase(api, person).status_code == 200
    assert api.goodword.settings.home == tmp_path
    api.send(sent.enrolled("c", "carl", "carl"))
    carl = api.person("carl")
    environment = {"DATABASE_URL": database, "GOODWORD_MASTER_KEY": MASTER_KEY, "GOODWORD_HOME": str(tmp_path)}
    erase = ["person", "erase", "carl", "--workspace", api.ws]
    assert CliRunner().invoke(main, erase, env=environment, input="n\n").exit_code == 1
    assert api.get(f"/v1/people/{carl}")["external_id"] == "carl"
    done = CliRunner().invoke(main, [*erase, "--yes"], env=environment)
    assert (done.exit_code, done.output) == (0, f"erased: {carl}\n")
    lines = (tmp_path / "erasures").read_text().splitlines()
    assert [line.split()[:2] for line in lines] == [[api.ws, person], [api.ws, carl]]
    again = CliRunner().invoke(main, [*erase, "--yes"], env=environment)
    assert (again.exit_code, "knows no person carl" in again.output) == (1, True)


@pytest.mark.parametrize("about", ["claim", "reward"])
def test_notes_are_read_by_those_who_may(api: Api, about: str) -> None:
    """What was typed beside a decision is read again by who reads cases; a developer, an analyst and a marketer do not."""
    if about == "claim":
        api.send(sent.enrolled("enrol", "quirin", "quirincode"), sent.lead("lead", "bob"))
        claim = {"program": api.get("/v1/programs")["items"][0]["id"], "person": api.person("bob"), "lead_at": GIVEN}
        api.say("owner", "/v1/claims", {**claim, "advocates": [{"person": api.person("quirin")}], **REASON})
        id_ = api.get("/v1/claims")["items"][0]["id"]
    else:
        id_ = _settled(api)[1]["id"]
    [note] = [one["note"] for one in api.get(f"/v1/explanations/{id_}")["decisions"] if one["note"]]
    for role in ("approver", "auditor", "analyst", "marketer", "developer"):
        api.member(role, role)
    seen = {who: api.call(who, "GET", f"/v1/notes/{note}") for who in ("owner", "approver", "auditor", "sk")}
    assert {answer.json()["text"] for answer in seen.values()} == {REASON["note"]}
    for who in ("analyst", "marketer", "developer", "wk"):
        assert api.call(who, "GET", f"/v1/notes/{note}").status_code == 403
    assert api.call("owner", "GET", f"/v1/notes/{'0' * 64}").status_code == 404


def test_what_was_typed_about_their_orders_and_events_goes_with_a_person(api: Api) -> None:
    """Why an event of theirs was unmasked, an order of theirs amended, and their accounts merged: each text may name them."""
    api.send(sent.lead("lead", "ben", customer_email="ben@mail.example"), sent.lead("lead-2", "benny"))
    api.send(sent.purchase("order", "ben", "inv-7", 20_000))
    api.until(lambda: api.get("/v1/events/order")["status"] == "decided")
    evt, ben, benny = api.get("/v1/events/lead")["evt"], api.person("ben"), api.person("benny")
    api.say("owner", "/v1/unmaskings", {"subject": evt, "fields": ["customer_email"], "note": "Ben Bolt rang"})
    order = {"amount": 100, "currency": "EUR", "reason": "wrong_amount", "note": "Ben Bolt wrote"}
    conversion = api.rows("select id from conversion where workspace_id = $1")[0][0]
    api.say("owner", f"/v1/conversions/{conversion}/amendments", order)
    merge = {"gone": benny, "reason": "same_person", "note": "Ben Bolt said so"}
    api.say("owner", f"/v1/people/{ben}/merges", merge)
    kept = api.rows("select workspace_id, id, sealed from note where workspace_id = $1")
    assert len(kept) == 3
    assert _erase(api, ben).status_code == 200
    assert api.rows("select count(*) from note where workspace_id = $1") == [(0,)]
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()
    api.run(api.goodword.pool.executemany("insert into note (workspace_id, id, sealed) values ($1, $2, $3)", kept))
    api.run(archives.erase(api.goodword.directory, [(api.ws, ben)]))  # as a restore does
    assert api.rows("select count(*) from note where workspace_id = $1") == [(0,)]


def test_what_was_written_on_a_deal_goes_with_its_contact_and_its_partner(api: Api) -> None:
    """Messages of both sides, and why it was decided: each text may name them."""
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    for name in ("carl", "cora"):
        contact = {"name": name, "email": f"{name}@{name}.example"}
        said = {
            "advocate_external_id": "ann",
            "company": {"name": name, "domain": f"{name}.example"},
            "contact": contact,
        }
        id_ = api.say("sk", "/v1/deals", said)["verdicts"][0]["subject"]
        api.say("sk", f"/v1/deals/{id_}/messages", {"text": f"Ask {name}."})
        declined = {"outcome": "declined", "reason": "no_fit", "note": f"{name} said so to Ann"}
        api.say("owner", f"/v1/deals/{id_}/decision", declined)
    count = "select count(*) from note where workspace_id = $1"
    assert api.rows(count) == [(4,)]
    assert _erase(api, api.person("carl@carl.example")).status_code == 200
    assert api.rows(count) == [(2,)]
    assert _erase(api, api.person("ann")).status_code == 200
    assert api.rows(count) == [(0,)]
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


#: Tables of a person's rows that are of the log, which knows ids alone, and follow from it.
OF_THE_LOG = {noun.__name__.lower() for noun in NOUNS}


def test_who_was_merged_into_somebody_is_erased_with_them(api: Api) -> None:
    """Every kind of row that an erasure takes of a person it takes of all accounts that were merged into them, and of nobody else."""
    api.send(sent.enrolled("e1", "quirin", "quirincode", email="quirin@mail.example"))
    api.send(
        sent.enrolled("e2", "quast", "quastcode", email="quast@mail.example"),
        sent.enrolled("e3", "rosa", "rosacode", email="rosa@mail.example"),
    )
    persons = {name: api.person(name) for name in ("quirin", "quast", "rosa")}
    for name, person in persons.items():
        api.payee(name, "bank_file", name="Quirin Quast", iban="DE89370400440532013000")
        _taxed(api, person)
    api.say("owner", f"/v1/people/{persons['quirin']}/merges", {"gone": persons["quast"], "reason": "same_person"})
    columns = (
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'person'"
    )
    tables = {row[0] for row in api.run(api.goodword.pool.fetch(columns))} - OF_THE_LOG

    def of(name: str) -> dict[str, int]:
        count = 'select count(*) from "{}" where workspace_id = $1 and person = $2'
        found = {it: api.run(api.goodword.pool.fetchval(count.format(it), api.ws, persons[name])) for it in tables}
        found["person"] = api.run(
            api.goodword.pool.fetchval("select count(*) from person where id = $1", persons[name])
        )
        found["alias"] = api.run(api.goodword.pool.fetchval("select count(*) from alias where id = $1", persons[name]))
        return {table: count for table, count in found.items() if count}

    held = {"personal", "match_key", "payee_detail", "tax_form_detail", "person", "alias"}
    assert held <= of("quast").keys() & of("quirin").keys() & of("rosa").keys()
    assert _erase(api, persons["quirin"]).status_code == 200
    assert of("quirin") == of("quast") == {}
    assert held <= of("rosa").keys()
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


def test_every_table_that_holds_a_person_s_rows_is_of_the_log_or_erased(api: Api) -> None:
    """What is added some day is in one of the two: it follows from the log, which knows ids alone, or an erasure takes it."""
    columns = (
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'person'"
    )
    tables = {row[0] for row in api.run(api.goodword.pool.fetch(columns))}
    texts = [text for name, text in statements("people").items() if name.startswith("erase_")]
    erased = {table for text in texts for table in re.findall(r"delete from (\w+)", text)}
    assert tables - OF_THE_LOG <= erased
    assert {"person", "alias", "crm_record"} <= erased
