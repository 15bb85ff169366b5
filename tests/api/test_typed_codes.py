"""Codes as people type them: O for 0, l for 1, spaces and dashes; at the redirect, in a lead and in staff's search."""

from typing import Any

import pytest
from tests.api.conftest import Api
from tests.api.test_links import BROWSER, enrol

from goodword.app.follow import looks
from goodword.app.intake import ingest
from goodword.app.proof.audit import verify
from goodword.sources import split
from goodword.store.jobs import Leased


@pytest.fixture
def ann(api: Api) -> Api:
    """The house of Ann, whose code is LILO-10."""
    assert enrol(api, "e1", "ann", code="LILO-10")["link"]["code"] == "LILO-10"
    return api


def brought_by(api: Api, friend: str, **more: Any) -> str:
    """Who brought a friend by what they say: the outside name, or the refusal."""
    item = api.decided({"type": "lead.created", "id": f"l-{friend}", "customer_external_id": friend, **more})
    verdict = item["decision"]["verdicts"][0]
    if "refusal" in verdict:
        return str(verdict["refusal"])
    [referral] = api.get("/v1/referrals", friend=api.person(friend))["items"]
    return str(api.get(f"/v1/people/{referral['shares'][0]['person']}")["external_id"])


def follow(api: Api, code: str) -> str | None:
    """Where a link with that code leads."""
    return api.http.get(f"/w/{api.ws}/r/{code}", headers=BROWSER).headers.get("location")


def test_what_looks_like_a_code_is_that_code(ann: Api) -> None:
    """In a lead, as a code that was typed or that a link brought, and at the redirect, whose click is the code's."""
    for number, typed in enumerate(("lilo-10", "L1LO-1O", "LILO 10.", "|il0\u2013IO")):
        assert brought_by(ann, f"typed-{number}", code=typed) == "ann"
        assert brought_by(ann, f"linked-{number}", link_code=typed) == "ann"
        location = follow(ann, typed) or ""
        assert location.startswith("https://shop.example/hello?gw_click=tch_")
        assert brought_by(ann, f"clicked-{number}", click_id=location.partition("=")[2]) == "ann"


def test_a_code_that_is_not_there_is_nobodys(ann: Api) -> None:
    """What looks like no code stays unknown, also where it was typed before."""
    assert brought_by(ann, "bob", code="LILY-10") == "unknown_code"
    assert brought_by(ann, "bea", code="LILY-10") == "unknown_code"


def test_what_was_typed_in_vain_is_found_once_it_looks_like_a_code(api: Api) -> None:
    """A code that was typed before anybody had one like it is remembered as nobody's, and reads as the new one from then on."""
    assert brought_by(api, "bob", code="L1LO-1O") == "unknown_code"
    enrol(api, "e1", "ann", code="LILO-10")
    assert brought_by(api, "bea", code="L1LO-1O") == "ann"


def test_who_has_a_code_has_all_that_look_like_it(ann: Api) -> None:
    """Nobody else enrols what looks like a living code, whichever of them is the plainer; its owner may."""
    for number, code in enumerate(("L1LO-10", "lil010", "1110 10", "LILO10")):
        assert enrol(ann, f"x{number}", "bob", code=code)["decision"]["verdicts"][0]["refusal"] == "code_taken"
    assert enrol(ann, "mine", "ann", code="111010")["link"]["code"] == "111010"
    assert brought_by(ann, "bea", code="LIL0 10") == "ann"
    assert enrol(ann, "x9", "bob", code="BOB10")["link"]["code"] == "BOB10"


def test_an_erased_persons_code_reads_as_nothing(ann: Api) -> None:
    """Who is erased is found by no code that looks like theirs, and somebody else may have it."""
    person = ann.person("ann")
    assert ann.call("owner", "DELETE", f"/v1/people/{person}").is_success
    assert brought_by(ann, "bob", code="L1LO-10") == "unknown_code"
    assert enrol(ann, "e2", "bea", code="L1L0-10")["link"]["code"] == "L1L0-10"


def test_codes_of_before_are_read_by_their_looks_once_a_job_has_said_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each that is one person's alone; of two people's none, however they were enrolled; done again it changes nothing."""
    with monkeypatch.context() as before:
        for module in (split, ingest):
            before.setattr(module, "code_look", lambda key: key)
        for number, (person, code) in enumerate(
            [("ann", "LILO-10"), ("ann", "LILO 10"), ("bea", "COOL"), ("cid", "C0OL"), ("dan", "PLAN")]
        ):
            enrol(api, f"b{number}", person, code=code)
    enrol(api, "new", "eve", code="SOLO-1")
    assert brought_by(api, "f1", code="L1LO1O") == "unknown_code"
    [kind] = looks.kinds(api.goodword.directory).values()
    for number in range(2):
        assert api.run(kind.do(api.ws, [Leased("code_looks", looks.KIND, "", 1)])) == {}
        api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
        assert brought_by(api, f"typed-{number}", code="L1LO1O") == "ann"
        assert brought_by(api, f"plain-{number}", code="p1an") == "dan"
        assert brought_by(api, f"new-{number}", code="S0L0 I") == "eve"
        assert brought_by(api, f"both-{number}", code="c00l") == "unknown_code"
        assert brought_by(api, f"exact-{number}", code="c0ol") == "cid"
    pool, vault = api.goodword.directory.engine.pool, api.goodword.directory.vault
    assert not api.run(verify(pool, api.ws, safe=vault)).differences
    api.call("owner", "DELETE", f"/v1/people/{api.person('dan')}")
    assert not api.run(verify(pool, api.ws, safe=vault)).differences
