"""Who referred whom: each story, line by line, and what must be decided."""

import pytest
from testkit.stories import stories, tell, with_another_program, world
from testkit.world import advocate, at, friend

from goodword.core.facts import Match

STORIES = stories("""
    # the window: lead - 30 d < click <= lead
    a click attributes
        02-01 click ANN v1
        02-02 lead bob v1 -> attributed to ann
    a click exactly as old as the window is too old
        02-01 click ANN v1
        03-02 lead bob v1 -> refused outside_window
    a click one microsecond younger than the window counts
        02-01T00:00:00.000001 click ANN v1
        03-02 lead bob v1 -> attributed to ann
    a click at the very time of its lead counts
        02-02 click ANN v1
        02-02 lead bob v1 -> attributed to ann
    a click after its lead does not
        02-02T00:00:00.000001 click ANN v1
        02-02 lead bob v1 -> refused outside_window
    a click that the lead names may be five minutes ahead of it
        02-02T00:05 click ANN v1 click=c1
        02-02 lead bob click=c1 -> attributed to ann
    and not more
        02-02T00:05:00.000001 click ANN v1 click=c1
        02-02 lead bob click=c1 -> refused outside_window
    five minutes are for the click that is named, not for others of the browser
        02-02T00:05 click AMY v1
        02-02 lead bob v1 click=c1 -> refused outside_window
    # which touch
    the last click wins
        02-01 click ANN v1
        02-02 click AMY v1
        02-03 lead bob v1 -> attributed to amy
    of two clicks at one time the later in the log
        02-01 click AMY v1
        02-01 click ANN v1
        02-03 lead bob v1 -> attributed to ann
    a click that arrives late takes its place in time
        02-02 click AMY v1
        02-01 click ANN v1
        02-03 lead bob v1 -> attributed to amy
    a typed code beats a later click
        02-01 click AMY v1
        02-02 lead bob v1 code=ANN -> attributed to ann
    a typed code needs no click and knows no window
        12-31 lead bob code=ANN -> attributed to ann
    an unknown typed code leaves the click to win
        02-01 click AMY v1
        02-02 lead bob v1 code=NONE -> attributed to amy
    an unknown code alone
        02-02 lead bob code=NONE -> refused unknown_code
    a link code is a click at the lead's time
        02-01 click AMY v1
        02-02 lead bob v1 link=ANN -> attributed to ann
    and never a typed code
        02-02 lead bob code=AMY link=ANN -> attributed to amy
    nothing at all
        02-02 lead bob v1 -> refused no_touch
    a click of another browser is no evidence
        02-01 click ANN v2
        02-02 lead bob v1 -> refused no_touch
    a click of the same person's other browser is
        02-01 click ANN v1
        02-02 lead bob v2 -> refused no_touch
        02-03 lead bob v1 -> attributed to ann
    a bot's click never counts
        02-01 click ANN v1 bot
        02-02 lead bob v1 -> refused bot_touch
    # the advocate
    the last touch of a suspended advocate leaves the one before to win
        02-01 click ANN v1
        02-02 click AMY v1
        02-03 suspended amy -> suspended
        02-04 lead bob v1 -> attributed to ann
    a suspended advocate
        02-01 click ANN v1
        02-02 suspended ann
        02-03 lead bob v1 -> refused advocate_not_active
        02-04 resumed ann -> active
        02-05 lead bob v1 -> attributed to ann
    an advocate who left
        02-01 click ANN v1
        02-02 left ann -> left
        02-03 lead bob v1 -> refused advocate_not_active
    an advocate who enrolled after the click
        02-01 click ABE v1
        02-02 enrol abe
        02-03 lead bob v1 -> refused advocate_not_enrolled
    an advocate who enrolled at the time of the click
        02-01 enrol abe
        02-01 click ABE v1
        02-03 lead bob v1 -> attributed to abe
    # the friend
    one's own code
        02-02 lead ann code=ANN -> refused self_referral
    the winner is one's own: no second choice
        02-01 click AMY v1
        02-02 click ANN v1
        02-03 lead ann v1 -> refused self_referral
    a later click of another beats one's own
        02-01 click ANN v1
        02-02 click AMY v1
        02-03 lead ann v1 -> attributed to amy
    bound once
        02-02 lead bob code=ANN -> attributed to ann
        02-03 lead bob code=AMY -> refused already_bound
    the first attributed lead binds, not the first lead
        02-01 lead bob -> refused no_touch
        02-02 lead bob code=ANN -> attributed to ann
    a customer of before
        02-01 buy bob 10.00 EUR -> refused not_referred
        02-02 lead bob code=ANN -> refused existing_customer
    a purchase within five minutes before the lead is the clocks' difference
        02-01T23:55 buy bob 100.00 EUR -> refused not_referred
        02-02 lead bob code=ANN -> attributed to ann; bob 5.00 EUR; ann 10.00 EUR
    one microsecond more makes a customer
        02-01T23:54:59.999999 buy bob 100.00 EUR -> refused not_referred
        02-02 lead bob code=ANN -> refused existing_customer
    known as a customer since before
        02-03 known bob since=02-01T23:59:59.999999 -> recorded
        02-02 lead bob code=ANN -> refused existing_customer
    known as a customer since the lead is new
        02-03 known bob since=02-02
        02-02 lead bob code=ANN -> attributed to ann
    an open invoice makes nobody a customer
        02-01 buy bob 10.00 EUR open -> refused not_paid
        02-02 lead bob code=ANN -> attributed to ann
    bound comes before existing
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR
        02-03 lead bob code=AMY -> refused already_bound
    # conversions with a touch
    a conversion with a touch is lead and conversion in one
        02-01 click ANN v1
        02-02 buy bob 100.00 EUR visitor=v1 -> attributed to ann; bob 5.00 EUR; ann 10.00 EUR
    a conversion with a code likewise
        02-02 buy bob 100.00 EUR code=ANN -> attributed to ann; bob 5.00 EUR; ann 10.00 EUR
    a conversion of a bound customer with another code keeps the binding
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR code=AMY -> refused already_bound; bob 5.00 EUR; ann 10.00 EUR
    # what a page says
    a page's lead binds nothing
        02-01 lead bob v1 page code=ANN -> refused unverified_lead
        02-02 buy bob 100.00 EUR -> refused not_referred
    it binds when a signed source names the same browser, with its own time
        02-01 lead bob v1 page code=ANN -> refused unverified_lead
        02-02 lead bob v1 -> attributed to ann; refused no_touch
    or the same click, in the conversion itself
        02-01 click ANN v1 click=c1
        02-02 lead bob page click=c1 -> refused unverified_lead
        02-03 buy bob 100.00 EUR click=c1 -> attributed to ann; bob 5.00 EUR; ann 10.00 EUR
    another browser confirms nothing
        02-01 lead bob v1 page code=ANN
        02-02 lead bob v2 -> refused no_touch
        02-03 buy bob 100.00 EUR visitor=v2 -> refused no_touch
    # the program
    a paused program takes no new touches
        02-01 paused main -> paused
        02-02 click ANN v1
        02-03 lead bob v1 code=ANN -> refused program_not_active
    and goes on
        02-01 click ANN v1
        02-02 paused main
        02-03 active main -> active
        02-04 lead bob v1 -> attributed to ann
    a touch before the first rules finds no rules
        2023-12-31 click ANN v1
        01-02 lead bob v1 -> refused program_not_active
    the reason that stands first is given
        02-01 click ANN v1 bot
        01-01 click AMY v1
        02-02 lead bob v1 -> refused bot_touch
""")


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    tell(world(), STORIES[name])


def test_first_touch_where_the_program_says_so() -> None:
    """The first click in the window wins; one before the window does not."""
    tell(
        world(attribution={"touch": "first", "window": "10d"}),
        """
        01-20 click AMY v1
        02-01 click ANN v1
        02-02 click AMY v1
        02-03 lead bob v1 -> attributed to ann
        """,
    )


def test_terms_must_be_accepted() -> None:
    """Where the program asks, a touch of an advocate without the terms is no candidate; accepting later helps later leads."""
    tell(
        world(requires_terms=True),
        """
        02-01 click ANN v1
        02-02 lead bob v1 -> refused terms_missing
        02-03 enrol ann terms -> enrolled
        02-04 lead bob v1 -> attributed to ann
        """,
    )


def test_existing_customers_where_the_program_takes_them() -> None:
    """An existing customer is bound; what was bought before the lead earns nothing."""
    tell(
        world(new_customers_only=False),
        """
        02-01 buy bob 100.00 EUR
        02-02 lead bob code=ANN -> attributed to ann
        02-03 buy bob 100.00 EUR invoice=bob-2 -> bob 5.00 EUR; ann 10.00 EUR
        """,
    )


@pytest.mark.parametrize(("verified", "decided"), [(True, "refused self_referral"), (False, "attributed to ann")])
def test_a_key_in_common(verified: bool, decided: str) -> None:
    """A verified key of both sides refuses as one's own; an unverified one attributes, and flags what it earns."""
    story = world()
    story.matches = [Match("bob", "ann", "mail", verified=verified)]
    tell(story, f"02-01 lead bob code=ANN -> {decided}")
    if not verified:
        tell(story, "02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR")
        assert [case.flags[0].code for case in story.cases()] == ["self_referral"]


def test_programs_compete_for_a_customer() -> None:
    """A typed code comes before a click, a later click before an earlier one; the other program's is told already_bound."""
    tell(
        with_another_program(world()),
        """
        02-01 click ABE v1
        02-02 click ANN v1
        02-03 lead bob v1 -> attributed to ann; refused already_bound
        02-03 lead bea v1 code=ABE -> attributed to abe
        """,
    )


def test_another_program_meets_the_binding() -> None:
    """A customer is bound in one program: another program's claim is opened and nothing moves."""
    story = with_another_program(world())
    tell(
        story,
        """
        02-01 lead bob code=ANN -> attributed to ann
        02-02 lead bob code=ABE -> refused already_bound; refused no_touch
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        """,
    )
    assert [(claim.kind, claim.shares[0].person) for claim in story.claims()] == [("other_program", "abe")]


def test_programs_that_share_customers() -> None:
    """Where a program says so, a customer is bound there too, and one conversion earns in both."""
    tell(
        with_another_program(world(), shares_customers=True),
        """
        02-01 lead bob code=ANN -> attributed to ann
        02-02 lead bob code=ABE -> attributed to abe; refused no_touch
        02-03 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR; abe 3.00 EUR
        """,
    )


def test_a_named_program_is_the_only_one_asked() -> None:
    """A lead that names its program is decided there alone."""
    tell(
        with_another_program(world()),
        """
        02-02 click ANN v1
        02-03 lead bob v1 to=other -> refused no_touch
        02-03 lead bob v1 to=main -> attributed to ann
        """,
    )


def test_an_old_referral_keeps_its_rules() -> None:
    """A version takes effect at its publication, never for earlier touches; a referral keeps for life the one of its touch."""
    story = world()
    tell(
        story,
        """
        02-01 click ANN v1
        02-01 click ANN v2
        02-01 lead bob code=ANN -> attributed to ann
        """,
    )
    story.tick(at("02-05"))
    story.publish(rewards=[advocate(percent="20"), friend(flat={"EUR": 900})])
    tell(
        story,
        """
        02-06 lead bea v1 -> attributed to ann
        02-06 lead ben code=ANN -> attributed to ann
        02-04T23:59:59.999999 lead bel code=ANN -> attributed to ann
        02-07 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR
        02-07 buy bea 100.00 EUR -> bea 5.00 EUR; ann 10.00 EUR
        02-07 buy ben 100.00 EUR -> ben 9.00 EUR; ann 20.00 EUR
        02-07 buy bel 100.00 EUR -> bel 5.00 EUR; ann 10.00 EUR
        """,
    )
