"""New means that the company was no customer: what is sure refuses, a hint is flagged, and a move or a page's word harms nobody."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import World, advocate
from tests.core.test_loading import decided_on_parts

from goodword import words
from goodword.core import companies, entry
from goodword.core.state import Company, Prospect

STORIES = stories(__file__)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line is decided as the table says; a line ``flags`` behind it says of what a person is asked."""
    parts, story = STORIES[name]
    told, _, flags = story.partition("flags")
    made = world(**parts)
    tell(made, told)
    assert sorted({flag.code for case in made.cases() for flag in case.flags}) == flags.split()


#: By what somebody says that they belong to the one firm of these tests; None: by nothing.
SIGNS = st.sampled_from([None, "domain=acme.com", "mail=acme.com", "crm=acme", "name=acme"])


def met(old: str | None, friend: str | None) -> str:
    """What becomes of a friend's order where somebody who gives the one sign was a customer before them, who gives the other."""
    made = world(rewards=[advocate(percent="10")])
    for person, sign in (("old", old), ("bob", friend)):
        if sign is not None:
            tell(made, f"01-02 firm {person} {sign}")
    tell(made, "01-03 buy old 10.00 EUR\n01-05 lead bob code=ANN\n01-06 buy bob 50.00 EUR")
    if not made.rewards():
        return "refused"
    return "flagged" if made.cases() else "earned"


@given(SIGNS, SIGNS)
def test_whose_company_it_is_is_the_same_from_either_side(one: str | None, other: str | None) -> None:
    """Whoever of two was the customer before, the same becomes of the other; and only what both senders name refuses."""
    found = met(one, other)
    assert found == met(other, one)
    sure = one == other and one in ("domain=acme.com", "crm=acme")
    assert (found == "refused") == sure


#: What is told, in any order but that bob's lead comes before his order.
TOLD = {
    "firm": "01-02 firm old domain=acme.com",
    "old": "01-03 buy old 10.00 EUR",
    "mine": "01-04 firm bob {sign}",
    "lead": "01-05 lead bob code=ANN",
    "buy": "01-06 buy bob 50.00 EUR",
}
ORDERS = [order for order in permutations(TOLD) if order.index("lead") < order.index("buy")]


@given(st.sampled_from(ORDERS), st.sampled_from(["domain=acme.com", "mail=acme.com"]))
def test_in_whatever_order_it_is_told_nothing_of_it_leaves_without_a_person(order: tuple[str, ...], sign: str) -> None:
    """It is refused where all is known in time, and else one case holds all that bob's order earned; never neither."""
    made = world(rewards=[advocate(percent="10")])
    for each in order:
        tell(made, TOLD[each].format(sign=sign))
    in_time = max(map(order.index, ("firm", "old", "mine"))) < order.index("lead")
    rewards, cases = made.rewards(), made.cases()
    if in_time and sign == "domain=acme.com":
        assert (rewards, cases) == ([], [])
    else:
        assert [reward.cases for reward in rewards] == [(case.id,) for case in cases]
        assert [flag.code for case in cases for flag in case.flags] == ["colleague"]


@given(st.permutations(range(6)), st.data())
def test_the_first_date_of_a_company_is_the_earliest_that_was_told(days: list[int], data: st.DataObject) -> None:
    """Whoever of a firm buys when, in whatever order it is told: its row has the earliest day of all, and of those who are sure."""
    made = world(rewards=[advocate(percent="10")])
    signs = [data.draw(st.sampled_from(["domain", "mail"]), label=f"sign {day}") for day in days]
    for number, (day, sign) in enumerate(zip(days, signs, strict=True)):
        tell(made, f"01-{day + 2:02d} buy p{number} 10.00 EUR firm-{sign}=acme.com")
    company = made.state.get(Company, "acme.com")
    assert company is not None
    sure = [day for day, sign in zip(days, signs, strict=True) if sign == "domain"]
    assert company.since == _day(min(days))
    assert company.sure_since == (_day(min(sure)) if sure else None)
    assert company.friends == ()


def _day(number: int) -> int:
    made = World()
    tell(made, f"01-{number + 2:02d} buy p 10.00 EUR")
    return made.log[-1][0].occurred_at


def test_a_company_remembers_its_newest_friends_alone() -> None:
    """Its row does not grow with its people."""
    made = world()
    for number in range(companies.MOST_FRIENDS + 5):
        tell(made, f"01-05 lead f{number} code=ANN firm-domain=acme.com")
    company = made.state.get(Company, "acme.com")
    assert company is not None
    assert company.friends == tuple(f"f{number}" for number in range(5, companies.MOST_FRIENDS + 5))


def test_the_explanation_has_the_first_date_and_names_nobody() -> None:
    """Finance reads since when, the advocate only that it is so."""
    made = world()
    tell(made, "01-02 firm old domain=acme.com\n01-03 buy old 10.00 EUR\n01-05 lead bob code=ANN firm-domain=acme.com")
    [verdict] = made.log[-1][2].verdicts
    [step] = [step for step in verdict.steps if step.code == "company"]
    assert {name: step.values[name] for name in ("since", "by")} == {"since": _day(1), "by": "domain"}
    assert "old" not in str(verdict)
    told = words.sentences(verdict)
    assert "3 Jan 2024" in told.finance or "2024-01-03" in told.finance
    assert "2024" not in told.beneficiary
    assert "acme" not in told.beneficiary + told.finance


def test_a_deal_of_our_own_is_explained_by_its_date_and_names_nobody() -> None:
    """Finance reads since when we had a deal with the company, the advocate only that it is so."""
    made = world()
    tell(made, "01-02 deal d1 open domain=acme.com with=old\n01-05 lead bob code=ANN firm-domain=acme.com")
    [verdict] = made.log[-1][2].verdicts
    [step] = [step for step in verdict.steps if step.code == "company_deal"]
    assert {name: step.values[name] for name in ("since", "by")} == {"since": _day(0), "by": "domain"}
    told = words.sentences(verdict)
    assert "old" not in str(verdict)
    assert "d1" not in told.finance + told.beneficiary
    assert "deal of our own" in " ".join([told.finance, *map(str, told.steps)])
    assert "2024" not in told.beneficiary
    assert "acme" not in told.beneficiary + told.finance


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("sign", ["firm-domain=acme.com", "firm-mail=acme.com"])
def test_a_deal_that_was_opened_after_the_recommendation_came_of_it(sign: str, late: bool) -> None:
    """They followed the link, spoke with sales, and then signed up: sales' deal makes them no old customer. One from before does."""
    for opened, asked in (("01-04", False), ("01-01", True)):
        made = world(rewards=[advocate(percent="10")])
        made.click("ANN", "v1", when="01-02")
        deal = f"01-10 deal d1 open domain=acme.com opened={opened}"
        lead = f"01-{11 if not late else '06'} lead bob v1 {sign}"
        for line in (lead, deal) if late else (deal, lead):
            tell(made, line)
        tell(made, "01-12 buy bob 50.00 EUR")
        refused = asked and not late and sign == "firm-domain=acme.com"
        assert len(made.rewards()) == (0 if refused else 1)
        flags = sorted({flag.code for case in made.cases() for flag in case.flags})
        assert flags == (["colleague"] if asked and not refused else [])


DEALS = (
    "01-02 deal d1 open domain=acme.com",
    "01-04 deal d1 won domain=acme.com",
    "01-03 deal d2 open domain=acme.com",
    "01-06 deal d2 lost domain=acme.com",
)


@given(st.permutations(DEALS))
def test_since_when_a_deal_is_ours_does_not_depend_on_the_order_in_which_it_was_told(lines: list[str]) -> None:
    """Of what is open or won the row has the day on which it was opened, and of what is lost nothing."""
    made = world()
    for line in lines:
        tell(made, line)
    prospect = made.state.get(Prospect, "acme.com")
    assert prospect is not None
    assert prospect.ours == {"d1": _day(0)}


def test_before_the_fifth_behaviour_newness_was_a_persons() -> None:
    """What was decided under it is decided so again, and no firm is kept."""
    made = world(rewards=[advocate(percent="10")])
    made.semantics = 4
    tell(made, "01-02 firm old domain=acme.com\n01-03 buy old 10.00 EUR")
    tell(
        made,
        "01-05 lead bob code=ANN firm-domain=acme.com -> attributed to ann\n01-06 buy bob 50.00 EUR -> ann 5.00 EUR",
    )
    assert ([*made.state.all(Company)], made.cases()) == ([], [])


PEOPLE = st.sampled_from(["bob", "ben", "old", "cid"])
SIGN = st.sampled_from(["domain", "mail", "crm", "name"])
ON_ORDERS = st.sampled_from(["", "code=AMY", "firm-mail=acme", "firm-mail=beta"])
ON_LEADS = st.sampled_from(["", "firm-domain=acme", "firm-mail=beta", "firm-crm=acme"])
#: Lines that are told in any order, of a few people and firms.
LINES = st.one_of(
    st.builds("firm {} {}={}".format, PEOPLE, SIGN, st.sampled_from(["acme", "beta"])),
    st.builds("buy {} 10.00 EUR invoice={} {}".format, PEOPLE, st.sampled_from("abcdef"), ON_ORDERS),
    st.builds("lead {} code=ANN {}".format, PEOPLE, ON_LEADS),
    st.builds("known {} since=01-0{}".format, PEOPLE, st.integers(1, 9)),
    st.builds("merge {} into {}".format, PEOPLE, PEOPLE),
    st.builds("same mail {} {}".format, PEOPLE, PEOPLE | st.just("ann")),
    st.builds(
        "deal {} {} {} opened=01-0{} {}".format,
        st.sampled_from(["d1", "d2"]),
        st.sampled_from(["open", "won", "lost"]),
        st.sampled_from(["domain=acme", "crm=acme", "domain=beta", "name=acme crm=beta"]),
        st.integers(1, 9),
        st.builds("{} {}".format, st.sampled_from(["", "code=AMY"]), st.builds("with={}".format, PEOPLE)) | st.just(""),
    ),
)


@given(st.lists(st.tuples(st.integers(1, 28), LINES), max_size=14), st.sampled_from(["claim", "join"]), st.booleans())
def test_what_is_loaded_of_companies_is_all_that_is_looked_at(
    lines: list[tuple[int, str]], same: str, parted: bool
) -> None:
    """Whatever is told of people and their firms, in whatever order: it is decided on what is loaded as on the whole workspace."""
    made = world(
        rewards=[advocate(percent="10")], attribution={"same_person": same}, conversion={"counts": {"months": 12}}
    )
    for day, line in lines:
        tell(made, f"01-{day:02d} {line}")
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)
