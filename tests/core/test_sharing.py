"""A code that is changed once, what is said of sharing, and that it moves nothing."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import CLERK, OWNER, World, verdict

from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Code, Referral, Shared

ANN, EVE = (Actor(id=id_, kind="person") for id_ in ("ann", "eve"))


def change(made: World, who: Any, code: str, person: str = "ann", **more: Any) -> str:
    """Somebody gives an advocate another code; what became of it."""
    return verdict(made.command(events.CodeChanged, who, program=made.program(), person=person, code=code, **more))


def ann(made: World) -> Advocate:
    """The advocate."""
    found = made.state.get(Advocate, (made.program(), "ann"))
    assert found is not None
    return found


def test_a_code_is_changed_once_and_the_old_one_lives_on() -> None:
    """By themselves or by staff, once in all; whoever comes by either code is brought by the same advocate."""
    made = world()
    assert change(made, ANN, "ANNA-TEA", look="annatea") == "code_changed"
    assert ann(made).codes == ("ANN", "ANNA-TEA")
    assert ann(made).changed_at == made.now
    look = made.state.get(Code, "annatea")
    assert look is not None
    assert look.means == "ANNA-TEA"
    for who in (ANN, OWNER):
        assert change(made, who, "ANOTHER") == "code_changed_before"
    assert made.state.get(Code, "ANOTHER") is None
    tell(made, "02-01 lead bob code=ANN -> attributed to ann\n 02-02 lead bea code=ANNA-TEA -> attributed to ann")
    assert {it.shares[0].person for it in made.state.all(Referral)} == {"ann"}


@pytest.mark.parametrize(
    ("code", "more", "refusal"),
    [
        ("AMY", {}, "code_taken"),
        ("amy2", {"look": "AMY"}, "code_taken"),
        ("cyrillic", {"like": "AMY"}, "code_taken"),
        ("TYPED", {}, "code_taken"),
        ("ANN", {}, "nothing_to_do"),
        ("ELSE", {}, "code_serves_another_program"),
    ],
)
def test_a_code_that_is_somebodys_or_was_typed_before_is_not_chosen(
    code: str, more: dict[str, Any], refusal: str
) -> None:
    """Nor one that looks like it; by a code that was typed in vain nobody makes whoever typed it their friend."""
    made = world()
    made.publish(program="other")
    made.enrol("ann", "ELSE", program=made.program("other"))
    tell(made, "02-01 lead bob code=TYPED")
    before = made.state.tables[Code].copy()
    assert change(made, ANN, code, **more) == refusal
    assert made.state.tables[Code] == before
    assert ann(made).codes == ("ANN",)
    assert change(made, ANN, "MINE") == "code_changed"


def test_nobody_changes_anothers_code_and_only_who_takes_part_changes_one() -> None:
    """A person says it of themselves alone; a clerk has no such action; who is suspended waits."""
    made = world()
    assert change(made, EVE, "MINE") == "advocate_not_enrolled"
    assert change(made, CLERK, "MINE") == "not_permitted"
    assert change(made, OWNER, "MINE", person="nobody") == "advocate_not_enrolled"
    tell(made, "02-01 suspended ann")
    assert change(made, ANN, "MINE") == "advocate_not_active"
    assert ann(made).changed_at is None


def test_what_is_shared_is_kept_beside_the_advocate_and_moves_nothing() -> None:
    """The newest twenty, with the channel and the text; said by themselves alone, and of channels that there are."""
    made = world()
    of = {"program": made.program(), "person": "ann"}
    for number in range(21):
        assert verdict(made.command(events.LinkShared, ANN, channel="sms", text=f"t{number}", **of)) == "link_shared"
    assert made.log[-1][2].postings == ()
    assert ann(made).shared == tuple(Shared(at=made.now, channel="sms", text=f"t{n}") for n in range(1, 21))
    assert verdict(made.command(events.LinkShared, ANN, channel="fax", **of)) == "not_found"
    assert verdict(made.command(events.LinkShared, EVE, channel="sms", **of)) == "advocate_not_enrolled"
    assert verdict(made.command(events.LinkShared, OWNER, channel="sms", **of)) == "not_permitted"


def test_that_a_page_was_opened_is_told_of_a_code_of_somebody_and_moves_nothing() -> None:
    """What is nobody's is refused, and neither changes anything."""
    made = world()
    before = {noun: table.copy() for noun, table in made.state.tables.items()}
    for code, said in (("ANN", "viewed"), ("NONE", "unknown_code")):
        assert verdict(made.send(events.LandingViewed, source="landing", code=code, day=1, opened=10)) == said
    assert made.state.tables == before


def test_codes_of_before_get_the_looks_that_are_nobodys() -> None:
    """What somebody has, and what is read as another's already, stays so."""
    made = world()
    made.send(events.AdvocateEnrolled, person="joe", code="john", look="j0hn")
    pairs = (("ANN", "annlook"), ("AMY", "j0hn"), ("AMY", "ANN"), ("NONE", "x"))
    assert verdict(made.send(events.CodesAlike, source="looks", looks=pairs)) == "read"
    looks = {name: made.state.get(Code, name) for _, name in pairs}
    means = {name: it.means for name, it in looks.items() if it is not None}
    assert means == {"annlook": "ANN", "j0hn": "john", "ANN": None}
    [step] = made.log[-1][2].verdicts[0].steps
    assert step.values == {"codes": 1, "of": 4}
