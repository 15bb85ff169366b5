"""Messages: each reason why none is sent alone and in pairs, one a person, topic and trigger, and quiet hours whatever clocks do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.tables import rows
from testkit.world import World, advocate, at, published, rules

from goodword.core import calendar, events, messages
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.rules import Quiet
from goodword.core.state import Letter, Recipient, Reward, Timer

WORKER = Actor(id="worker", kind="system")
TOPICS = ["enrolled", "referral_counted", "reward_approved", "reward_paid", "reward_held", "terms_changed", "tip_share"]
NIGHT, DAY = Quiet(begins="21:00", ends="08:00"), Quiet(begins="09:00", ends="17:00")
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia",
    "America/Sao_Paulo", "Africa/Casablanca",
)  # fmt: skip
TRIGGER = "rwd_01HK153X00HF8T78SRB6NGVC7Q"
HOURS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
TIMES = st.integers(at("2010-01-01"), at("2030-01-01"))


def told(**parts: Any) -> World:
    """A world in which Ann takes part and gets messages."""
    made = World()
    wanted = {"topics": TOPICS, "quiet": {"begins": "21:00", "ends": "08:00"}}
    made.publish(rules(messages=wanted, rewards=[advocate(flat={"EUR": 500})], **parts))
    made.tick("2024-01-05T12:00")
    made.enrol("ann", "ANN")
    made.send(events.ConsentRecorded, person="ann", purpose="messages", outcome="given")
    return made


def due(made: World, topic: str = "reward_paid", person: str = "ann", **more: Any) -> Decision:
    said = {"person": person, "topic": topic, "trigger": TRIGGER, "program": made.program(), "known": True, **more}
    return made.command(events.MessageDue, WORKER, **said)


def draft(made: World) -> dict[str, Any]:
    """Let the program be one that was never launched."""
    made.command(events.ProgramPublished, slug="gated", gated=True, **gated())
    return {"program": made.program("gated")}


def gated() -> dict[str, Any]:
    """The same rules under another name."""
    document = rules(messages={"topics": TOPICS}, rewards=[advocate(flat={"EUR": 500})], program="gated")
    return {name: it for name, it in published(document).items() if name != "slug"}


def never(_: World) -> dict[str, Any]:
    return {"person": "eve"}


def suspended(made: World) -> dict[str, Any]:
    made.send(events.AdvocateSuspended, person="ann")
    return {}


def unnamed(made: World) -> dict[str, Any]:
    made.publish(rules(messages={"topics": ["enrolled"]}, rewards=[advocate(flat={"EUR": 500})]))
    return {}


def first(made: World, topic: str) -> str:
    """The id of a message of a topic that she got before."""
    other = f"{TRIGGER[:-1]}R"
    due(made, topic, trigger=other)
    id_ = messages.id_of("ann", topic, other)
    made.command(events.MessageAnswered, WORKER, message=id_, outcome="sent")
    return id_


def came_back(made: World, topic: str) -> dict[str, Any]:
    made.send(events.MessageBounced, message=first(made, topic), hard=True)
    return {}


def unwanted(made: World, topic: str) -> dict[str, Any]:
    made.send(events.MessageUnsubscribed, message=first(made, topic))
    return {}


def taken_back(made: World) -> dict[str, Any]:
    made.send(events.ConsentRecorded, person="ann", purpose="messages", channel="email", outcome="revoked")
    return {}


def night(made: World) -> dict[str, Any]:
    made.tick("2024-01-05T23:00")
    return {}


#: What is otherwise -> what makes it so, of a world and a topic.
OTHERWISE: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "the program is a draft": lambda made, _: draft(made),
    "she never joined": lambda made, _: never(made),
    "she is suspended": lambda made, _: suspended(made),
    "the topic is not named": lambda made, _: unnamed(made),
    "her mail is not known": lambda _, __: {"known": False},
    "her address is on the list": lambda _, __: {"listed": "bounced"},
    "a mail to her came back": came_back,
    "she wants no more of the topic": unwanted,
    "she took her consent back": lambda made, _: taken_back(made),
    "it is night": lambda made, _: night(made),
}
#: In this order what is otherwise is made so: what needs a message that arrived comes first.
ORDER = [
    "a mail to her came back", "she wants no more of the topic", "the program is a draft", "she never joined", "she is suspended",
    "the topic is not named", "her mail is not known", "her address is on the list", "she took her consent back", "it is night",
]  # fmt: skip
TABLE = rows(__file__, "Reasons")
COLUMN = {"reward_paid": 1, "tip_share": 2}


def became(made: World, topic: str, *otherwise: str) -> str:
    """What became of a message, where this is otherwise: why it is withheld, or its state."""
    given: dict[str, Any] = {}
    for what in sorted(otherwise, key=ORDER.index):
        given |= OTHERWISE[what](made, topic)
    decision = due(made, topic, **given)
    first_ = decision.verdicts[0]
    it = made.state.get(Letter, first_.subject or "")
    assert it is not None
    if first_.refused:
        assert (it.status, it.reason) == ("withheld", first_.refusal)
        assert not decision.jobs
    return it.reason or it.status


@pytest.mark.parametrize("topic", COLUMN)
def test_nothing_otherwise_it_is_sent(topic: str) -> None:
    """Each reason below stands alone: without any the message is ordered, with the job that sends it."""
    made = told()
    decision = due(made, topic)
    assert became(told(), topic) == "ordered"
    assert [(job.kind, job.subject) for job in decision.jobs] == [
        ("message.send", messages.id_of("ann", topic, TRIGGER))
    ]


@pytest.mark.parametrize("topic", COLUMN)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_each_reason_alone(row: list[str], topic: str) -> None:
    """As the table says, of a message that one waits for and of one that nobody does."""
    assert became(told(), topic, row[0]) == (row[COLUMN[topic]] or "ordered")


@pytest.mark.parametrize("topic", COLUMN)
def test_of_two_reasons_the_first_of_the_table_is_told(topic: str) -> None:
    """Every pair."""
    column = COLUMN[topic]
    for one, two in combinations(TABLE, 2):
        expected = next((row[column] for row in (one, two) if row[column]), "ordered")
        assert became(told(), topic, one[0], two[0]) == expected, (one[0], two[0])


@pytest.mark.parametrize("row", rows(__file__, "Quiet hours"), ids=lambda row: f"{row[1]} {row[2]}")
def test_quiet_hours(row: list[str]) -> None:
    """As the table says, also over changes of clocks."""
    quiet = NIGHT if row[0] == "night" else DAY
    assert messages.opens(quiet, calendar.parse(row[2]), row[1]) == calendar.parse(row[3])


@settings(max_examples=400, deadline=None)
@given(HOURS, HOURS, TIMES, st.sampled_from(ZONES))
def test_whatever_clocks_do_a_message_leaves_outside_of_quiet_hours_and_soon_after(
    begins: str, ends: str, now: int, zone: str
) -> None:
    """Never before, never within, at once where it is open; and it waits no longer than the hours and what clocks are put back."""
    quiet = Quiet(begins=begins, ends=ends)
    opens = messages.opens(quiet, now, zone)

    def minute(instant: int) -> int:
        local = calendar.moment(instant).astimezone(calendar.zone(zone))
        return local.hour * 60 + local.minute

    low, high = (int(it[:2]) * 60 + int(it[3:]) for it in (begins, ends))
    inside = {*range(low, high)} if low <= high else {*range(low, 1_440), *range(high)}
    assert opens >= now
    assert minute(opens) not in inside
    assert (opens == now) == (minute(now) not in inside)
    assert opens - now <= len(inside) * calendar.MINUTE + 2 * calendar.HOUR
    assert messages.opens(quiet, opens, zone) == opens


def test_one_message_for_a_person_topic_and_trigger() -> None:
    """Said again, it is refused and nothing is ordered; another topic, and another trigger, is another message."""
    made = told()
    due(made)
    again = due(made)
    assert [verdict.refusal for verdict in again.verdicts] == ["nothing_to_do"]
    assert (again.puts, again.jobs) == ({}, ())
    assert due(made, "enrolled").jobs
    assert due(made, trigger=f"{TRIGGER[:-1]}R").jobs


def test_one_that_waits_is_decided_anew_by_what_holds_then() -> None:
    """It leaves at the end of quiet hours; where she stopped them meanwhile it does not."""
    for stops in (False, True):
        made = told()
        id_ = first(made, "reward_paid")
        made.tick("2024-01-05T22:00")
        due(made)
        it = made.state.get(Letter, messages.id_of("ann", "reward_paid", TRIGGER))
        assert it is not None
        assert (it.status, it.due_at) == ("deferred", calendar.parse("2024-01-06T08:00:00Z"))
        assert [timer.subject for timer in made.state.all(Timer) if timer.kind == messages.TIMER] == [it.id]
        if stops:
            made.send(events.MessageUnsubscribed, message=id_)
        made.tick("2024-01-06T08:00")
        now = made.state.get(Letter, it.id)
        assert now is not None
        assert (now.status, now.reason) == (("withheld", "unsubscribed") if stops else ("ordered", None))


def orders(decision: Decision) -> list[tuple[str, str]]:
    return [(job.payload["topic"], job.subject) for job in decision.jobs if job.kind == messages.DUE]


def test_what_happens_to_an_advocate_orders_their_messages_in_the_commit() -> None:
    """A job each, with what triggered it; of what a friend gets none, and none in a program whose rules name none."""
    for topics, expected in ((TOPICS, True), ([], False)):
        made = World()
        made.publish(rules(messages={"topics": topics}, hold="0d", rewards=[advocate(flat={"EUR": 500})]))
        joined = made.enrol("ann", "ANN")
        made.lead("bob", code="ANN")
        bought = made.buy("bob")
        made.payee("ann")
        approved = made.approve(made.rewards(side="advocate"))
        seen = [orders(it) for it in (joined, bought, approved)]
        whole = [
            [("enrolled", "ann"), ("tip_share", "ann")],
            [("referral_counted", "ann")],
            [("reward_approved", "ann")],
        ]
        assert seen == (whole if expected else [[], [], []])


def test_an_import_sends_nothing() -> None:
    """Who was enrolled long ago and is told of now is not greeted."""
    made = told()
    for person, how in (("eve", {"imported": True}), ("eva", {"source": "import"})):
        decision = made.send(events.AdvocateEnrolled, person=person, code=person.upper(), program=made.program(), **how)
        assert decision.verdicts[0].outcome == "enrolled"
        assert orders(decision) == []


def test_terms_that_change_are_told_and_what_is_shown_is_not() -> None:
    """Other rewards are other terms; other messages are not."""
    made = told()
    same = made.command(
        events.ProgramPublished, **world_published(messages={"topics": TOPICS}, rewards=[advocate(flat={"EUR": 500})])
    )
    other = made.command(
        events.ProgramPublished, **world_published(messages={"topics": TOPICS}, rewards=[advocate(flat={"EUR": 600})])
    )
    assert [job.kind for job in same.jobs] == []
    assert [job.kind for job in other.jobs] == [messages.ALL_DUE]


def world_published(**parts: Any) -> dict[str, Any]:
    return published(rules(**parts))


def test_satisfaction_is_said_once_by_who_was_asked() -> None:
    """1 to 5, by the message that asks, whatever comes later."""
    made = told()
    made.publish(rules(messages={"topics": ["satisfaction"]}, rewards=[advocate(flat={"EUR": 500})]))
    due(made, "satisfaction")
    id_ = messages.id_of("ann", "satisfaction", TRIGGER)
    for score in (0, 6):
        assert made.send(events.SatisfactionAnswered, message=id_, score=score).verdicts[0].refused
    assert not made.send(events.SatisfactionAnswered, message=id_, score=4).verdicts[0].refused
    assert made.send(events.SatisfactionAnswered, message=id_, score=5).verdicts[0].refused
    recipient = made.state.get(Recipient, "ann")
    assert recipient is not None
    assert recipient.score == 4


def test_a_reward_is_there_for_none_of_it() -> None:
    """Messages change nothing but themselves."""
    made = told()
    made.referred()
    before = {it.id: it for it in made.state.all(Reward)}
    first(made, "reward_paid")
    assert {it.id: it for it in made.state.all(Reward)} == before


def test_what_a_person_says_of_one_and_who_is_written_to_again() -> None:
    """Unknown: once more, and it arrived; complained: nothing more, until a member says why it is again."""
    made = told()
    due(made)
    id_ = messages.id_of("ann", "reward_paid", TRIGGER)
    made.command(events.MessageAnswered, WORKER, message=id_, outcome="unknown")
    again = made.command(events.MessageSettled, message=id_, outcome="again")
    assert [(job.kind, job.subject) for job in again.jobs] == [("message.send", id_)]
    assert made.command(events.MessageSettled, message=id_, outcome="leave").verdicts[0].refusal == "wrong_state"
    made.command(events.MessageAnswered, WORKER, message=id_, outcome="sent")
    made.send(events.MessageComplained, message=id_)
    assert became(made, "enrolled") == "mail_suppressed"
    assert made.command(events.MessagesResumed, person="ann", reason="asked").verdicts[0].outcome == "messages_resumed"
    assert made.command(events.MessagesResumed, person="ann", reason="asked").verdicts[0].refusal == "nothing_to_do"
    made.command(events.MessageDue, WORKER, **said_of(made, "reward_held"))
    assert made.log[-1][2].verdicts[0].outcome == "message_ordered"


def said_of(made: World, topic: str) -> dict[str, Any]:
    """What says that a message to Ann is due."""
    return {"person": "ann", "topic": topic, "trigger": TRIGGER, "program": made.program(), "known": True}
