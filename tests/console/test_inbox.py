"""The inbox: what persons wait for, in whose programs, and that a word of ours is read by them and a comment is not."""

from testkit import sent
from tests.console.conftest import Console
from tests.portal.test_saying_no import Browser


def _said(desk: Console) -> tuple[str, str]:
    """Let Ann dispute that her friend does not count, and claim another; return the ids of the case and the claim."""
    api = desk.api
    api.send(
        sent.enrolled("a", "ann", "ANN", email="ann@shop.example"),
        sent.lead("l", "bob", code="ANN", customer_name="Bob"),
    )
    referral = api.get("/v1/referrals", friend=api.person("bob"))["items"][0]["id"]
    with Browser(api, "ann") as ann:
        assert ann.send(f"/wrong/{referral}", reason="should_count", text="He <b>paid</b>.").status_code == 303
        claim = {
            "program": "main",
            "mail": "eve@shop.example",
            "day": "2026-03-02",
            "how": "code",
            "text": "At the fair.",
        }
        assert ann.send("/missing", **claim).status_code == 303
    [case] = [it["id"] for it in api.get("/v1/cases")["items"] if it["kind"] == "dispute"]
    [one] = [it["id"] for it in api.get("/v1/claims")["items"]]
    return case, one


def test_what_persons_wait_for_is_answered_where_it_stands(desk: Console) -> None:
    """It is counted and listed, who it is by name for who may see names; an answer is theirs to read, and then they are to write."""
    assert "Nobody waits for an answer" in desk.html("/console/inbox")
    case, claim = _said(desk)
    page = desk.html("/console/inbox")
    assert "A friend of whom nothing counted" in page
    assert "A friend whom they miss" in page
    assert "ann" in page
    assert page.count("row-link") == 2
    assert '<span class="n">2</span>' in page
    assert "He &lt;b&gt;paid&lt;/b&gt;." in desk.html(f"/console/cases/{case}")
    assert "At the fair." in desk.html(f"/console/claims/{claim}")
    for path in (f"/console/cases/{case}", f"/console/claims/{claim}"):
        done = desk.form(f"{path}/answer", text="We look into it.")
        assert done.headers["location"].split("?")[0] == path
        assert done.headers["location"].endswith("done=person_answered")
        assert desk.form(f"{path}/comment", text="for colleagues").status_code == 303
        assert "We look into it." in desk.html(path)
    assert [it["ours"] for it in desk.json("/console/inbox")["items"]] == [False, False]
    with Browser(desk.api, "ann") as ann:
        told = ann.text(f"/said/{case}") + ann.text(f"/said/{claim}")
    assert told.count("We look into it.") == 2
    assert "for colleagues" not in told
    desk.be("approver")
    decided = desk.form(
        f"/console/cases/{case}/decide", outcome="dismissed", reason="looked_at", note="He did not pay."
    )
    assert decided.status_code == 303
    desk.be("owner")
    assert "He did not pay." in desk.html(f"/console/cases/{case}")
    assert len(desk.json("/console/inbox")["items"]) == 1
    desk.caught_up()
    measured = {it["measure"]: it["count"] for it in desk.api.get("/v1/measures", month="2026-03")["measures"]}
    assert (measured["first_answer"], measured["dispute_decision"]) == (2, 1)


def test_who_sees_no_names_no_notes_or_other_programs_alone_sees_none_of_it(desk: Console) -> None:
    """A developer reads cases and no notes; who is limited to another program is shown nothing; who may not write has no form."""
    case, _ = _said(desk)
    desk.be("developer")
    page = desk.html(f"/console/cases/{case}")
    assert "paid" not in page
    assert "/answer" not in page
    desk.be("owner", programs=("prg_01HK153X00G6WV7Y9H9BDYXBF5",))
    assert desk.json("/console/inbox")["items"] == []
    assert desk.get(f"/console/cases/{case}").status_code == 404
    desk.be("analyst")
    assert desk.get("/console/inbox").status_code == 403


def test_a_reward_leads_to_what_its_person_says_of_it_and_of_the_referral(desk: Console) -> None:
    """Its dispute and the one of its referral stand on its page, and no other's; who reads no cases is not told of them."""
    case, _ = _said(desk)
    api = desk.api
    api.send(
        sent.purchase("p", "bob", "i-1", 12_300),
        sent.lead("m", "carl", code="ANN"),
        sent.purchase("q", "carl", "i-2", 12_300),
    )
    of = {it["friend"]: it["id"] for it in api.get("/v1/referrals")["items"]}
    its = {it["referral"]: it["id"] for it in api.get("/v1/rewards", beneficiary=api.person("ann"))["items"]}
    bobs, carls = its[of[api.person("bob")]], its[of[api.person("carl")]]
    with Browser(api, "ann") as ann:
        assert ann.send(f"/wrong/{bobs}", reason="wrong_amount").status_code == 303
    both = sorted(it["id"] for it in api.get("/v1/cases")["items"] if it["kind"] == "dispute")
    assert case in both
    page = desk.html(f"/console/rewards/{bobs}")
    assert [it for it in both if f'<dt>Disputed</dt><dd><a class="link id" href="/console/cases/{it}"' in page] == both
    assert "Disputed" not in desk.html(f"/console/rewards/{carls}")
    desk.be("analyst")
    assert "Disputed" not in desk.html(f"/console/rewards/{bobs}")


def test_what_somebody_tells_waits_in_the_inbox_and_what_no_text_of_ours_may_say_is_marked(desk: Console) -> None:
    """It is decided at its case, word for word or not at all; what is shown is taken down there."""
    desk.api.send(sent.enrolled("a", "ann", "ANN"))
    with Browser(desk.api, "ann") as ann:
        told = {"program": "main", "what": "story", "text": "Hurry, <b>I</b> liked it."}
        assert ann.send("/stories", **told).status_code == 303
    page = desk.html("/console/inbox")
    assert "Something that they tell" in page
    assert "a story, main" in page
    [case] = [it["id"] for it in desk.api.get("/v1/cases")["items"]]
    page = desk.html(f"/console/cases/{case}")
    assert "Hurry, &lt;b&gt;I&lt;/b&gt; liked it." in page
    assert "“Hurry”" in page
    assert "Somebody tells something in their own words." in page
    assert "not right" not in page
    assert "Show it" in page
    assert "Take down" not in page
    decided = desk.form(f"/console/cases/{case}/decide", outcome="shown", reason="looked_at", note="Thank you.")
    assert decided.status_code == 303
    assert "Take down" in desk.html(f"/console/cases/{case}")
    done = desk.form(f"/console/cases/{case}/decide", outcome="not_shown", reason="looked_at", note="No more.")
    assert done.status_code == 303
    assert "Take down" not in desk.html(f"/console/cases/{case}")
    assert desk.api.get(f"/v1/cases/{case}")["outcome"] == "not_shown"
