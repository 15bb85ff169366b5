"""Somebody says no at the portal, is answered, and appeals; and nobody says anything about what is another's."""

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import httpx
import pytest
from testkit import sent
from testkit.database import fresh_outside_a_loop, temporary_home
from testkit.process import in_a_thread
from tests.api.conftest import RULES, installed
from tests.portal.conftest import OURS, Api
from tests.portal.test_where_one_stands import _enter, _text


class Browser:
    """Somebody's browser, in which they are signed in."""

    def __init__(self, shop: Api, sub: str) -> None:
        self.shop, self.root = shop, f"/portal/{shop.ws}"
        self.client = httpx.Client(base_url=shop.url, timeout=30, trust_env=False, headers=OURS)
        _enter(shop, self.client, sub)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> httpx.Response:
        """Look at a page."""
        return self.client.get(self.root + path)

    def text(self, path: str) -> str:
        """Return what a reader sees."""
        return _text(self.get(path))

    def send(self, at: str, to: str | None = None, **fields: str) -> httpx.Response:
        """Send the form of a page as it stands, to its own address unless it says another; wait where one is to wait."""
        found = re.search(r'name="form" value="(\w+)"', self.get(at).text)
        own = {"form": found[1] if found else "", "once": secrets.token_hex(8)}
        answers = list[httpx.Response]()

        def sent() -> bool:
            answers.append(self.client.post(self.root + (to or at), data=own | fields))
            return answers[-1].status_code != 429

        self.shop.until(sent)
        return answers[-1]


@pytest.fixture(scope="module")
def shop(pg_dsn: str, pg_template: str) -> Iterator[Api]:
    """Two advocates with friends: a reward of each was rejected by Anna; Berta approves too."""
    with (
        fresh_outside_a_loop(pg_dsn, pg_template) as database,
        temporary_home() as home,
        in_a_thread(installed(database, home)) as api,
        api.http,
    ):
        api.say("owner", "/v1/programs", {"document": RULES})
        for name in ("anna", "berta", "carla"):
            api.member(name, "approver")
        for name in ("ann", "eve"):
            api.send(
                sent.enrolled(f"a-{name}", name, name.upper(), email=f"{name}@shop.example"),
                sent.lead(f"l-{name}", f"friend of {name}", code=name, customer_email=f"friend-{name}@shop.example"),
                sent.purchase(f"p-{name}", f"friend of {name}", f"i-{name}", 12_300),
                sent.lead(f"m-{name}", f"second of {name}", code=name),
            )
        items = [{"id": it["id"], "amount": it["amount"], "unit": it["unit"]} for it in api.get("/v1/rewards")["items"]]
        said = {"items": [it for it in items if it["amount"]], "reason": "not_paid"}
        assert api.call("anna", "POST", "/v1/rewards/rejections", json=said).is_success
        yield api


@pytest.fixture(scope="module")
def ann(shop: Api) -> Iterator[Browser]:
    """Hers."""
    with Browser(shop, "ann") as browser:
        yield browser


@pytest.fixture(scope="module")
def eve(shop: Api) -> Iterator[Browser]:
    """Another advocate's."""
    with Browser(shop, "eve") as browser:
        yield browser


def rejected(shop: Api, name: str) -> str:
    """Return their reward that was rejected."""
    person = shop.person(name)
    [one] = [it["id"] for it in shop.get("/v1/rewards", beneficiary=person)["items"]]
    return str(one)


def of_friend(shop: Api, name: str) -> str:
    """Return the referral of their second friend, who bought nothing."""
    return str(shop.get("/v1/referrals", friend=shop.person(f"second of {name}"))["items"][0]["id"])


def decide(shop: Api, who: str, case: str, outcome: str, text: str | None = None) -> dict[str, Any]:
    """Decide a dispute, and return what was said first."""
    body = {"outcome": outcome, "reason": "looked_at", **({"note": text} if text else {})}
    answer = shop.call(who, "POST", f"/v1/cases/{case}/decision", json=body)
    said: dict[str, Any] = answer.json()
    return said["verdicts"][0] if "verdicts" in said else {"refusal": said["code"]}


def test_a_refusal_is_disputed_answered_appealed_and_decided_by_another(shop: Api, ann: Browser) -> None:
    """Two taps; who rejected it decides nothing of it, who dismissed it does not decide the appeal, and each word arrives."""
    reward = rejected(shop, "ann")
    assert f'href="/portal/{shop.ws}/wrong/{reward}"' in ann.get(f"/rewards/{reward}").text
    page = ann.text(f"/wrong/{reward}")
    assert "A person of" in page
    assert "You are answered by 7 March 2026." in page
    answer = ann.send(f"/wrong/{reward}", reason="should_count", text="He paid on 3 March.", order="i-ann")
    assert answer.status_code == 303, answer.text
    at = answer.headers["location"].removeprefix(ann.root)
    case = at.removeprefix("/said/").removesuffix("?done=1")
    assert "We have it. You are answered by 7 March 2026." in ann.text(at)
    assert "He paid on 3 March. Number of the order: i-ann" in ann.text(at)
    assert ann.send(f"/said/{case}", text="And here is more.").status_code == 303
    assert ann.send(f"/wrong/{reward}", reason="other").status_code in (409, 403)
    assert decide(shop, "anna", case, "dismissed")["refusal"] == "own_work"
    assert decide(shop, "berta", case, "cleared")["refusal"] == "wrong_state"
    assert decide(shop, "berta", case, "dismissed", "The payment failed.")["outcome"] == "dismissed"
    told = ann.text(f"/said/{case}")
    assert "It stays as it is" in told
    assert told.index("And here is more.") < told.index("The payment failed.")
    assert "nothing more is written" not in told
    assert ann.send(f"/said/{case}", to=f"/said/{case}/appeal", text="It did not fail.").status_code == 303
    assert "Another person looks at it" in ann.text(f"/said/{case}")
    for own in ("anna", "berta"):
        assert decide(shop, own, case, "upheld")["refusal"] == "own_work"
    assert decide(shop, "carla", case, "upheld", "You are right, sorry.")["outcome"] == "upheld"
    told = ann.text(f"/said/{case}")
    assert "You are right, sorry." in told
    assert "This is decided, and nothing more is written here." in told
    assert "You are right" in ann.text("/said")
    assert {it["status"] for it in shop.get("/v1/rewards", beneficiary=shop.person("ann"))["items"]} == {"rejected"}


def test_two_disputes_at_once_are_one(shop: Api, eve: Browser) -> None:
    """Whoever taps twice, on two devices, has disputed it once."""
    reward = rejected(shop, "eve")
    form = re.search(r'name="form" value="(\w+)"', eve.get(f"/wrong/{reward}").text)
    assert form is not None

    def send(once: str) -> int:
        answer = eve.client.post(f"{eve.root}/wrong/{reward}", data={"form": form[1], "once": once, "reason": "other"})
        return answer.status_code

    with ThreadPoolExecutor(2) as both:
        codes = sorted(both.map(send, ("one", "other")))
    assert codes in ([303, 409], [303, 429])
    cases = [it for it in shop.get("/v1/cases")["items"] if it["subject"] == reward]
    assert len(cases) == 1


def test_a_claim_answers_the_same_for_a_friend_who_is_known_and_one_who_is_not(shop: Api, ann: Browser) -> None:
    """Of a mail nothing is told but that it was said; staff find the same claim as theirs, and it stops nothing by itself."""
    said = {"program": "main", "day": "2026-03-02", "how": "told", "text": "At the fair."}
    answers = [ann.send("/missing", mail=mail, **said) for mail in ("friend-eve@shop.example", "nobody@shop.example")]
    assert [(it.status_code, it.headers["location"]) for it in answers] == [(303, f"{ann.root}/said?done=claimed")] * 2
    page = ann.get("/said").text
    assert page.count("A friend whom you miss") == 2
    claims = [it for it in shop.get("/v1/claims")["items"] if it["entered_by"] == shop.person("ann")]
    assert len(claims) == 2
    assert {it["status"] for it in claims} == {"open"}
    assert {it["stops_at"] for it in claims} == {None}
    pages = [re.sub(r"clm_\w+|value=\"[\w-]+\"", "", ann.get(f"/said/{it['id']}").text) for it in claims]
    assert pages[0] == pages[1]
    assert "friend-eve" not in pages[0]
    one = claims[0]["id"]
    body = {"outcome": "lost", "reason": "looked_at", "note": "for colleagues"}
    assert shop.call("berta", "POST", f"/v1/claims/{one}/decision", json=body).is_success
    told = ann.text(f"/said/{one}")
    assert "It does not count for you" in told
    assert "for colleagues" not in told
    assert ann.send(f"/said/{one}", to=f"/said/{one}/appeal").status_code == 303
    assert shop.refused("berta", f"/v1/claims/{one}/decision", body)[1] == "own_work"


def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(shop: Api, ann: Browser) -> None:
    """A mail that is none, a day that is none, a reason that is none, no text, oneself."""
    said = {"program": "main", "day": "2026-03-02", "how": "told", "text": "At the <b>fair</b>."}
    for fields, sentence in (
        ({"mail": "no mail"}, "That is no mail address."),
        ({"mail": "x@shop.example", "day": "yesterday"}, "That is no day."),
        ({"mail": "x@shop.example", "day": "2031-01-01"}, "That day has not come yet."),
        ({"mail": "ann@shop.example"}, "That is your own address."),
        ({"mail": "x@shop.example", "text": "x" * 2_001}, "at most 2,000 characters"),
    ):
        answer = ann.send("/missing", **said | fields)
        assert answer.status_code == 409, fields
        assert sentence in answer.text
        assert len(fields.get("text", "")) > 0 or "At the &lt;b&gt;fair&lt;/b&gt;." in answer.text
    answer = ann.send(f"/wrong/{of_friend(shop, 'ann')}", reason="because")
    assert (answer.status_code, "Choose one of the reasons." in answer.text) == (409, True)


#: What is said of what, beside the status that answers: hers, another's, and what never was; by a form of a page of hers.
SAID = {
    "/wrong/{reward}": {"reason": "other"},
    "/wrong/{referral}": {"reason": "other"},
    "/said/{case}": {"text": "x"},
    "/said/{claim}": {"text": "x"},
    "/said/{case}/appeal": {},
    "/said/{claim}/appeal": {},
}


def test_nobody_says_anything_about_what_is_anothers(shop: Api, ann: Browser, eve: Browser) -> None:
    """Another advocate, a friend and who is not signed in get one answer for hers and for what never was, and no log grows."""
    of = {
        "reward": rejected(shop, "ann"),
        "referral": of_friend(shop, "ann"),
    }
    of["case"] = next(it["id"] for it in shop.get("/v1/cases")["items"] if it["subject"] == of["reward"])
    of["claim"] = next(it["id"] for it in shop.get("/v1/claims")["items"] if it["entered_by"] == shop.person("ann"))

    def entries() -> int:
        return len(shop.get("/v1/log/entries", limit=200)["items"])

    none = {name: id_[:4] + "0" * 26 for name, id_ in of.items()}
    with Browser(shop, "friend of ann") as friend:
        before = entries()
        for path, fields in SAID.items():
            for browser in (eve, friend):
                pages = [browser.get(path.removesuffix("/appeal").format(**ids)) for ids in (of, none)]
                answers = [browser.send("/missing", to=path.format(**ids), **fields) for ids in (of, none)]
                for both in (pages, answers):
                    assert [it.status_code for it in both] == [404, 404], (path, both[0].text)
                    assert both[0].text == both[1].text
        assert before == entries()
    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as nobody:
        for path in SAID:
            answer = nobody.post(ann.root + path.format(**of), data={"text": "x"})
            assert (answer.status_code, answer.headers["location"]) == (303, f"{ann.root}/in")
