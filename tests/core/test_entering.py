"""A person enters where they are paid themselves: other details wait for their word by mail, and then a day, beside those that hold."""

from typing import Any

import pytest
from testkit.world import CLERK, OWNER, SERVER, World, advocate, member, rules, verdict

from goodword.core import calendar, disputes, events, payees
from goodword.core.facts import Actor
from goodword.core.state import Payee, Recipient, Timer

PAT, EVE = Actor(id="per_pat", kind="person"), Actor(id="per_eve", kind="person")
APPROVER = member("approver", "approver")
DAY = calendar.DAY


def house(*, paid: bool = True) -> World:
    """Pat is owed 6.00 EUR, which is approved; ``paid``: the company's server entered where it goes."""
    made = World()
    made.join(OWNER, CLERK, APPROVER)
    made.publish(rules(rewards=[advocate(percent="100")], hold="0d", payouts={"every": "once"}))
    made.enrol("per_pat", code="PAT")
    made.enrol("per_eve", code="EVE")
    if paid:
        made.payee("per_pat", "old")
    made.lead("per_bob", code="PAT")
    made.buy("per_bob", 600)
    if paid:
        made.approve(made.rewards(friend="per_bob"))
    return made


def enter(made: World, to: str = "new", actor: Actor = PAT, person: str = "per_pat") -> str:
    """Return what became of details that somebody entered."""
    return verdict(
        made.command(events.PayeeSet, actor, person=person, rail="bank_file", destination=to, account=f"acc {to}")
    )


def answer(
    made: World, outcome: str = "confirmed", to: str = "new", actor: Actor = PAT, person: str = "per_pat"
) -> str:
    """Return what became of a word about them."""
    return verdict(made.command(events.PayeeAnswered, actor, person=person, destination=to, outcome=outcome))


def of(made: World) -> Payee:
    """Where Pat is paid."""
    found = made.state.get(Payee, "per_pat")
    assert found is not None
    return found


def drafted(made: World) -> list[str | None]:
    """Where a draft of this moment would go."""
    return [it.destination for it in made.draft("per_pat")]


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_other_details_hold_a_day_after_they_were_confirmed_and_not_a_moment_before(late: int) -> None:
    """At the last microsecond of the day the money goes where it did; an instant later to the new ones, and is approved anew."""
    made = house()
    assert enter(made) == "payee_asked"
    made.tick(made.now + DAY // 2)
    assert answer(made) == "payee_confirmed"
    due = made.now + DAY
    assert of(made).entering is not None
    assert of(made).entering.due_at == due  # type: ignore[union-attr]
    made.tick(due + late)
    if late < 0:
        assert (of(made).destination, drafted(made)) == ("old", ["old"])
        return
    now = of(made)
    assert (now.destination, now.account, now.replaced, now.entering, now.changed_at) == (
        "new",
        "acc new",
        "old",
        None,
        made.now,
    )
    assert [act.member for act in now.acts] == ["per_pat"]
    [reward] = made.rewards(friend="per_bob")
    assert reward.status == "in_review"
    assert "payee_changed" in [flag.code for flag in reward.marks]
    made.approve(made.rewards(friend="per_bob"))
    assert drafted(made) == ["new"]


def test_what_nobody_confirms_never_holds() -> None:
    """Whoever has the session and not the mailbox changes nothing, however long they wait; after a day the mail confirms no more."""
    made = house()
    enter(made)
    made.tick(made.now + DAY - 1)
    at = made.now
    assert answer(made) == "payee_confirmed"
    again = house()
    enter(again)
    again.tick(at + 1)
    assert answer(again) == "not_found"
    again.tick(at + 40 * DAY)
    assert of(again).destination == "old"
    assert not [it for it in again.state.all(Timer) if it.kind == payees.TIMER]


@pytest.mark.parametrize(("confirmed", "left"), [(False, 0), (True, DAY - 1), (True, DAY // 2)])
def test_a_change_can_be_taken_back_until_it_holds(confirmed: bool, left: int) -> None:
    """Before it is confirmed, and up to the last moment of the day; nothing of it remains, and nothing holds at its instant."""
    made = house()
    enter(made)
    if confirmed:
        answer(made)
    made.tick(made.now + left)
    assert answer(made, "withdrawn") == "payee_withdrawn"
    assert answer(made) == answer(made, "withdrawn") == "not_found"
    made.tick(made.now + 2 * DAY)
    assert (of(made).destination, of(made).entering, drafted(made)) == ("old", None, ["old"])


def test_the_first_details_hold_at_once_and_the_same_again_take_a_change_back() -> None:
    """Nothing stood there that could be taken away; who enters what holds already says that it is to stay."""
    made = house(paid=False)
    assert enter(made, "first") == "payee_set"
    assert of(made).destination == "first"
    assert enter(made, "other") == "payee_asked"
    assert enter(made, "first") == "payee_set"
    assert (of(made).destination, of(made).entering) == ("first", None)


@pytest.mark.parametrize("to", ["old", "new", "third"])
def test_what_staff_or_a_server_enter_holds_at_once_and_ends_what_waits(to: str) -> None:
    """They have eyes of their own; the instant at which the person's would have held passes, and theirs stay."""
    made = house()
    enter(made)
    answer(made)
    assert enter(made, to, SERVER) == "payee_set"
    made.tick(made.now + 2 * DAY)
    assert (of(made).destination, of(made).entering) == (to, None)


def test_only_the_last_that_was_entered_can_hold() -> None:
    """A second change takes the place of the first, whose link and instant say nothing any more."""
    made = house()
    enter(made, "new")
    answer(made, to="new")
    made.tick(made.now + DAY // 2)
    enter(made, "newer")
    assert answer(made, to="new") == "not_found"
    made.tick(made.now + DAY)
    assert of(made).destination == "old"
    enter(made, "newer")
    answer(made, to="newer")
    assert answer(made, to="newer") == "nothing_to_do"
    made.tick(made.now + DAY)
    assert of(made).destination == "newer"


def test_nobody_enters_or_confirms_what_is_anothers() -> None:
    """Another person, and who came by a link to a form, are told what they are told of what never was; members do not confirm it."""
    made = house()
    form = Actor(id="per_pat", kind="person", programs=(made.program(),))
    assert enter(made, "theirs", EVE) == "not_found"
    assert enter(made, "theirs", form) == "not_permitted"
    enter(made)
    for outcome in ("confirmed", "withdrawn"):
        assert answer(made, outcome, actor=EVE) == "not_found"
        assert answer(made, outcome, actor=form) == "not_permitted"
    assert answer(made, to="theirs") == "not_found"
    said = {"person": "per_pat", "jurisdiction": "us", "form": "w9", "digest": "d", "signed": "2026-01-01"}
    assert verdict(made.command(events.TaxFormGiven, EVE, **said)) == "not_found"
    assert verdict(made.command(events.TaxFormGiven, PAT, **said)) == "tax_form_given"
    assert of(made).destination == "old"


def test_a_person_enters_so_much_a_day() -> None:
    """As much as they say of anything: whoever has a session fills no mailbox."""
    made = house()
    said = [enter(made, f"d{n}") for n in range(disputes.MOST_A_DAY + 1)]
    assert said == ["payee_asked"] * disputes.MOST_A_DAY + ["too_many"]
    made.tick(made.now + DAY)
    assert enter(made) == "payee_asked"


def test_a_mail_is_ordered_for_each_word_and_names_what_it_is_about() -> None:
    """One that asks, one that tells when it holds; of what is taken back, or entered by others, nobody is mailed."""
    made = house()
    mailed = []
    for say in (enter, answer, lambda it: answer(it, "withdrawn")):
        say(made)
        mailed.append([it.payload for it in made.log[-1][2].jobs if it.kind == payees.MAIL])
    about = [[{"what": what, "destination": "new"}] for what in ("confirm", "notice")]
    assert mailed == [*about, []]
    enter(made, "x", SERVER)
    assert not [it for it in made.log[-1][2].jobs if it.kind == payees.MAIL]


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_is_merged_into_another_takes_no_change_along(confirmed: bool) -> None:
    """Their money goes where the account that goes on is paid; the instant passes and changes nothing of either."""
    made = house()
    enter(made)
    if confirmed:
        answer(made)
    made.command(events.PersonMerged, OWNER, keep="per_eve", gone="per_pat")
    assert of(made).entering is None
    made.tick(made.now + 2 * DAY)
    assert of(made).destination == "old"
    assert made.state.get(Payee, "per_eve") is None


def test_a_person_chooses_what_they_are_mailed_and_undoes_no_bounce() -> None:
    """Topics, or nothing at all, and back; that an address is not there stays, whatever they choose; another's is not theirs."""
    made = house()

    def choose(actor: Actor = PAT, **said: Any) -> str:
        return verdict(made.command(events.MessagesChosen, actor, person="per_pat", **said))

    assert choose() == "nothing_to_do"
    assert choose(off=("tip_share", "satisfaction", "tip_share")) == "messages_chosen"
    assert choose(off=("satisfaction", "tip_share")) == "nothing_to_do"
    assert choose(none=True) == "messages_chosen"
    assert made.state.get(Recipient, "per_pat") == Recipient(person="per_pat", stopped="unsubscribed")
    assert choose(off=("satisfaction",)) == "messages_chosen"
    assert made.state.get(Recipient, "per_pat") == Recipient(person="per_pat", off=("satisfaction",))
    assert choose(EVE, none=True) == "not_found"
    assert choose(OWNER, none=True) == "not_permitted"
