"""Pilots: for whom a program runs first, what of a touch's time decides, and who says that it is for more."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import World, at, member
from tests.core.test_launching import ANNA, PAUL, launch
from tests.core.test_launching import drafted as draft_of
from tests.core.test_launching import it as program_of

from goodword.core import calendar, events, ids, pilots, rules
from goodword.core.state import Claim, Pilot, Program, Referral, Who

STORIES = stories(__file__)
MIA, MAX = member("mia", "owner"), member("max", "program_manager")
SHARE = st.fractions(0, 1, max_denominator=1_000_000)
#: Ids as they are given to people: random.
PERSON = st.binary(min_size=16, max_size=16).map(lambda it: ids.encode("per", it))


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    parts, story = STORIES[name]
    made = world(**parts)
    tell(made, story)
    assert not [claim for claim in made.state.all(Claim) if claim.status == "open" and "claims nothing" in name]


def _pilot(share: Fraction = Fraction(0), id_: str = "plt_1") -> Pilot:
    return Pilot(id=id_, who=Who(share=share.as_integer_ratio()), begins=0, ends=1, by="mia", evt="e")


@given(PERSON, SHARE, SHARE)
def test_a_larger_share_keeps_who_was_in(person: str, one: Fraction, other: Fraction) -> None:
    """Whoever is in a share is in each larger one; all are in the whole, nobody in none, and the answer is the same each time."""
    small, large = sorted((one, other))
    assert pilots.has(_pilot(small), person, "link") <= pilots.has(_pilot(large), person, "link")
    assert pilots.has(_pilot(one), person, "link") == pilots.has(_pilot(one), person, "code")
    assert 0 <= pilots.draw("plt_1", person) < 1
    assert pilots.has(_pilot(Fraction(1)), person, "link")
    assert not pilots.has(_pilot(), person, "link")


def test_a_share_is_that_share_of_all() -> None:
    """Of 20,000 people so many are in as the fraction says, within four standard deviations; another pilot draws others."""
    people = [ids.derived("per", f"evt_{n}", "person") for n in range(20_000)]
    for share in (Fraction(1, 100), Fraction(1, 8), Fraction(2, 3)):
        found = sum(pilots.has(_pilot(share), person, "link") for person in people)
        spread = float(len(people) * share * (1 - share)) ** 0.5
        assert abs(found - float(len(people) * share)) < 4 * spread
    both = sum(
        pilots.has(_pilot(Fraction(1, 2)), one, "link") and pilots.has(_pilot(Fraction(1, 2), "plt_2"), one, "link")
        for one in people
    )
    assert abs(both - 5_000) < 4 * (20_000 * 3 / 16) ** 0.5


_STEP = st.tuples(
    st.sampled_from(["click", "lead", "code", "start", "enlarged", "everybody", "again", "stopped", "active", "wait"]),
    st.integers(0, 11),
    st.integers(0, 11),
)


@given(st.lists(_STEP, max_size=25))
@example(
    [
        ("start", 0, 3),
        ("click", 1, 0),
        ("lead", 0, 0),
        ("wait", 11, 0),
        ("enlarged", 0, 9),
        ("click", 1, 1),
        ("lead", 1, 1),
    ]
)
def test_nobody_outside_is_bound_while_it_runs_and_who_is_bound_stays(steps: list[tuple[str, int, int]]) -> None:
    """Whatever comes in whatever order: a referral's touch was in the pilot that held then, and no referral moves or ends by it."""
    made = World()
    made.publish()
    advocates = [f"a{n}" for n in range(6)]
    for person in advocates:
        made.enrol(person)
    before: dict[str, Referral] = {}
    for what, a, b in steps:
        _step(made, advocates, what, a, b)
        [program] = made.state.all(Program)
        for referral in (it for it in made.state.all(Referral) if it.id not in before):
            assert referral.touch_at is not None
            way = "code" if referral.typed else "link"
            assert not pilots.outside(program, referral.shares[0].person, way, referral.touch_at)
        assert before.items() <= {it.id: it for it in made.state.all(Referral)}.items()
        before = {it.id: it for it in made.state.all(Referral)}


def _step(made: World, advocates: list[str], what: str, a: int, b: int) -> None:
    code, late = advocates[a % 6].upper(), made.now - (b % 4) * calendar.DAY
    [program] = made.state.all(Program)
    share = (1 + b % 11, 12)
    if what == "click":
        made.click(code, f"v{b}", late)
    elif what == "lead":
        made.lead(f"f{a}", late, visitor=f"v{b}")
    elif what == "code":
        made.lead(f"f{b}", late, code=code)
    elif what == "start":
        made.command(events.PilotStarted, MIA, program=program.id, share=share)
    elif what == "active":
        made.command(events.ProgramMoved, program=program.id, to="active")
    elif what == "wait":
        made.tick(made.now + a * 10 * calendar.DAY)
    elif program.pilots:
        cycle = program.pilots[-1]
        said = {"pilot": cycle.id, "ends": cycle.ends, "outcome": what, "report": "ab", "through": 1}
        more = {"share": share} if what == "enlarged" else {}
        made.command(events.PilotDecided, (MIA, MAX)[a % 2], program=program.id, **said, **more)


def _decide(made: World, outcome: str = "everybody", by: object = MAX, **more: object) -> str:
    [program] = made.state.all(Program)
    cycle = program.pilots[-1]
    said = {"pilot": cycle.id, "ends": cycle.ends, "outcome": outcome, "report": "ab", "through": 1, **more}
    first = made.command(events.PilotDecided, by, program=program.id, **said).verdicts[0]  # type: ignore[arg-type]
    return first.refusal or first.outcome


def _due(start: str = "02-01") -> World:
    made = world()
    tell(made, f"{start} pilot main ann -> pilot_started")
    made.tick(at("05-01"))
    return made


def test_who_said_who_is_in_does_not_say_that_more_are() -> None:
    """That takes another person; who enlarged it does not enlarge it again; another cycle, and a stop, anybody says."""
    assert _decide(_due(), "everybody", MIA) == "same_member"
    assert _decide(_due(), "enlarged", MIA, persons=("ann", "amy")) == "same_member"
    assert _decide(_due(), "stopped", MIA) == "paused"
    made = _due()
    assert _decide(made, "again", MIA) == "pilot_again"
    made.tick(at("09-01"))
    assert _decide(made, "enlarged", MIA, persons=("ann", "amy")) == "same_member"
    assert _decide(made, "enlarged", MAX, persons=("ann", "amy")) == "pilot_enlarged"
    made.tick(at("12-01"))
    assert _decide(made, "everybody", MAX) == "same_member"
    assert _decide(made, "everybody", MIA) == "pilot_everybody"


def test_what_was_seen_must_be_what_is() -> None:
    """Without a report, after it changed, and of another cycle nothing is decided but a stop."""
    assert _decide(_due(), report=None) == "pilot_invalid"
    assert _decide(_due(), now="cd") == "item_changed"
    assert _decide(_due(), ends=1) == "wrong_state"
    assert _decide(_due(), pilot="plt_other") == "wrong_state"
    assert _decide(_due(), "stopped", report=None, through=None) == "paused"
    made = _due()
    assert _decide(made) == "pilot_everybody"
    assert _decide(made) == "wrong_state"


@pytest.mark.parametrize(
    ("parts", "begins", "ends"),
    [
        ({}, "2024-02-01", "2024-04-15"),
        ({}, "2024-01-01T00:00", "2024-02-15"),
        ({"hold": "0d"}, "2024-02-29T23:00", "2024-03-15"),
        ({"hold": "0d", "payouts": {"every": "month", "net": 0}}, "2024-01-31T12:00", "2024-02-29T12:00"),
        ({"hold": "7d", "payouts": {"every": "week"}}, "2024-02-01", "2024-02-12"),
        ({"hold": "10d", "payouts": {"every": "once"}}, "2024-01-21", "2024-02-29"),
        ({"timezone": "Europe/Berlin"}, "2024-02-01", "2024-04-14T22:00"),
    ],
)
def test_a_cycle_ends_when_its_first_order_can_be_paid(parts: dict[str, object], begins: str, ends: str) -> None:
    """Held, approved and due by the calendar of payouts, in the program's zone; a month after the hold where all is due at once."""
    made = World()
    made.publish(**parts)
    [program] = made.state.all(Program)
    its = made.versions[program.newest or ""].means
    assert isinstance(its, rules.Rules)
    found = pilots.cycle_ends(its, at(begins))
    assert calendar.text(found) == calendar.text(at(ends))
    assert found > at(begins)


def test_the_cycle_of_a_draft_begins_with_its_launch() -> None:
    """A pilot that was begun before is nobody's chance to decide by an empty report: its cycle is a whole one from the launch on."""
    made = draft_of(PAUL, ANNA)
    made.enrol("ann")
    made.command(events.PilotStarted, PAUL, program=made.program(), persons=("ann",))
    [before] = program_of(made).pilots
    made.tick(before.ends + calendar.DAY)
    assert launch(made).verdicts[0].outcome == "launched"
    [pilot] = program_of(made).pilots
    means = made.versions[program_of(made).newest or ""].means
    assert isinstance(means, rules.Rules)
    assert (pilot.begins, pilot.ends) == (made.now, pilots.cycle_ends(means, made.now))
    assert (pilot.id, pilot.who, pilot.by, pilot.evt) == (before.id, before.who, before.by, before.evt)
    assert _decide(made, "again") == "pilot_running"
    made.tick(pilot.ends)
    launch(made, heard={"stripe": made.now, "shop": made.now})
    assert program_of(made).pilots == (pilot,), "what is said anew of a live program begins nothing anew"
    assert _decide(made, "again") == "pilot_again"


def test_who_is_named_stays_in_when_they_are_merged() -> None:
    """Their codes go on under another id, which is in from then on, also for what is told late; it can be enlarged by that id."""
    made = world()
    tell(made, "02-01 pilot main ann -> pilot_started")
    made.enrol("kim")
    made.send(events.PersonMerged, keep="kim", gone="ann")
    assert made.lead("bob", code="ANN").verdicts[0].outcome == "attributed"
    [program] = made.state.all(Program)
    assert program.pilots[-1].who.persons == ("kim",)
    made.tick(at("05-01"))
    assert _decide(made, "enlarged", MAX, persons=("amy", "kim")) == "pilot_enlarged"
    made.tick(at("09-01"))
    made.send(events.PersonMerged, keep="kim", gone="amy")
    [program] = made.state.all(Program)
    assert [cycle.who.persons for cycle in program.pilots] == [("kim",), ("kim",)]
    assert made.lead("eve", code="AMY").verdicts[0].outcome == "attributed"


def test_who_was_merged_before_is_named_as_whom_they_are_now() -> None:
    """Whoever names them by their old id, or is a moment later than the merge, lets in who goes on with their codes."""
    made = world()
    made.enrol("kim")
    made.send(events.PersonMerged, keep="kim", gone="ann")
    tell(made, "02-01 pilot main ann -> pilot_started")
    assert made.lead("bob", code="ANN").verdicts[0].outcome == "attributed"
    made.tick(at("05-01"))
    assert _decide(made, "enlarged", MAX, persons=("amy", "ann", "kim")) == "pilot_enlarged"
    [program] = made.state.all(Program)
    assert program.pilots[-1].who.persons == ("amy", "kim")
