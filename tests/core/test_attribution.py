"""Who referred whom: each story, line by line, and what must be decided."""

import pytest
from testkit.stories import tell, with_another_program, world
from testkit.tables import stories
from testkit.world import advocate, at, friend

STORIES = stories(__file__)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    parts, story = STORIES[name]
    tell(world(**parts), story)


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


@pytest.mark.parametrize(
    ("verified", "kind", "decided"),
    [
        (True, "mail", "refused self_referral"),
        (True, "payment", "attributed to ann"),
        (False, "mail", "attributed to ann"),
    ],
)
def test_a_key_in_common(verified: bool, kind: str, decided: str) -> None:
    """A verified mail of both sides refuses as one's own; a card attributes, and flags what it earns; a page's word does nothing."""
    story = world()
    story.recognise(*((kind, "one", person, verified) for person in ("bob", "ann")))
    tell(story, f"02-01 lead bob code=ANN -> {decided}")
    if decided.startswith("attributed"):
        tell(story, "02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR")
        assert [case.flags[0].code for case in story.cases()] == (["self_referral"] if verified else [])


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
