"""Over HTTP: what is shown to nobody without a record of it, and the record."""

from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify


def test_personal_fields_are_shown_by_a_request_that_stands_on_the_record(api: Api) -> None:
    """Who asked, when, for which fields and why; nothing personal is in the log, and the audit holds the record to it."""
    api.send(sent.enrolled("enrol", "ann", "ANN", email="ann@example.com", name="Ann Other"))
    ann = api.person("ann")
    body = {"subject": ann, "fields": ["email", "external_id"], "note": "she called: where is it"}
    seen = api.say("owner", "/v1/unmaskings", body)
    assert seen["values"] == {"email": "ann@example.com", "external_id": "ann"}
    assert "ann@example.com" not in str(seen["decision"])
    [look] = api.get("/v1/looks", subject=ann)["items"]
    assert (look["what"], look["fields"], look["by"]) == (
        "unmasked",
        ["email", "external_id"],
        seen["decision"]["actor"],
    )
    assert api.get(f"/v1/notes/{look['note']}")["text"] == "she called: where is it"
    assert (
        api.rows("select position from log where workspace_id = $1 and convert_from(leaf, 'UTF8') like '%she called%'")
        == []
    )
    api.member("ana", "analyst")
    assert api.refused("ana", "/v1/unmaskings", body) == (403, "not_permitted")
    assert api.refused("owner", "/v1/unmaskings", body | {"fields": ["shoe_size"]}) == (422, "invalid_request")
    for unknown in ("per_none", f"per_{'0' * 26}", "evt_none"):
        assert api.refused("owner", "/v1/unmaskings", body | {"subject": unknown})[0] == 404
    assert len(api.get("/v1/looks", subject=ann)["items"]) == 1
    report = api.run(verify(api.goodword.pool, api.ws))
    assert report.differences == ()
    api.run(api.goodword.pool.execute("update look set fields = '[]'"))
    [found] = api.run(verify(api.goodword.pool, api.ws)).differences
    assert (found.noun, found.key) == ("look", look["id"])


def test_an_events_fields_are_those_that_it_said(api: Api) -> None:
    """By its evt id; a person's are the newest of all their events."""
    for n, mail in enumerate(("old@example.com", "new@example.com")):
        api.send(sent.lead(f"lead-{n}", "bob", customer_email=mail))
    api.until(lambda: api.get("/v1/events/lead-1")["status"] == "decided")
    first = api.get("/v1/events/lead-0")["evt"]
    body = {"fields": ["customer_email"], "note": "x"}
    assert api.say("owner", "/v1/unmaskings", body | {"subject": first})["values"] == {
        "customer_email": "old@example.com"
    }
    bob = api.person("bob")
    assert api.say("owner", "/v1/unmaskings", body | {"subject": bob})["values"] == {
        "customer_email": "new@example.com"
    }


def test_looks_come_in_pages_the_newest_first(api: Api) -> None:
    """Fifty a page; a look is said once by its key."""
    api.send(sent.enrolled("enrol", "ann", "ANN"), sent.lead("lead", "bob", code="ANN"))
    api.send(sent.purchase("order", "bob", "inv-1", 20_000))
    api.until(lambda: api.get("/v1/rewards")["items"])
    reward = api.get("/v1/rewards")["items"][0]["id"]
    for seconds in range(3):
        api.say("owner", f"/v1/rewards/{reward}/looks", {"seconds": seconds})
    first = api.get("/v1/looks", subject=reward, limit=2)
    assert [look["seconds"] for look in first["items"]] == [2, 1]
    assert [look["seconds"] for look in api.get("/v1/looks", subject=reward, after=first["after"])["items"]] == [0]
