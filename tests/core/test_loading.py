"""What ``needs`` names is all that a decision looks at: golden logs are decided on states that hold nothing else."""

import pytest
from testkit.stories import world
from testkit.world import OWNER
from tests.core.test_golden_logs import LOGS

from goodword.app.write.working_set import Loaded
from goodword.core import entry, events, needs
from goodword.core.entry import Asked
from goodword.core.events import ConversionRecorded, TimerDue
from goodword.core.run import Run, instant
from goodword.core.semantics import TWINS_BY_SLOT
from goodword.core.state import Conversion, NotLoaded, State


def loaded(whole: Run, batch: list[Asked], as_of: int) -> Loaded:
    """Return what is loaded for a batch of what there is, round by round, as the loader does from a database."""
    made = Loaded()
    made.rules = whole.rules
    for noun in needs.ALWAYS:
        for entity in whole.state.all(noun):
            made.state.put(entity)
    for need in needs.rounds(made, [asked.event for asked in batch], batch[0].facts.actor, as_of):
        for noun, keys in need.keys.items():
            for key in keys:
                entity = whole.state.get(noun, key)
                if entity is not None:
                    made.state.put(entity)
            made.state.miss(noun, keys)
        for by, groups in need.groups.items():
            for group in groups:
                for entity in whole.state.of(*by, group):
                    made.state.put(entity)
            made.state.gather(by, groups)
        if need.evidence is not None:
            told = [asked.facts for asked in batch]
            touches = sorted(
                {touch.id: touch for facts in told for touch in facts.touches}.values(), key=lambda t: t.at
            )
            made.hear(need.evidence, touches)
        found = {known for asked in batch for known in asked.facts.known}
        made.recognise(need.pairs, need.equals, found)
    if batch[0].semantics < TWINS_BY_SLOT:
        gather_orders(whole, made, {asked.event.person for asked in batch if type(asked.event) is ConversionRecorded})
    return made


def gather_orders(whole: Run, made: Loaded, people: set[str]) -> None:
    """Add all orders of customers: the first behaviour looks at them, under which nothing new is decided."""
    for person in people - made.state.gathered[Conversion, "person"]:
        for entity in whole.state.of(Conversion, "person", person):
            made.state.put(entity)
    made.state.gather((Conversion, "person"), people)


def batches(log: list[Asked]) -> list[list[Asked]]:
    """Return a log as batches: what came from outside goes together as far as it can, a command and a timer go by themselves."""
    made: list[list[Asked]] = []
    together = False
    for asked in log:
        outside = asked.facts.actor is None and type(asked.event) is not TimerDue
        if outside and together:
            made[-1].append(asked)
        else:
            made.append([asked])
        together = outside
    return made


def part_of(whole: Run, batch: list[Asked]) -> Run:
    """Return a run on what is loaded for a batch."""
    as_of = instant(whole.as_of, batch[0].event.accepted_at)
    return Run(loaded(whole, batch, as_of).state, dict(whole.rules), as_of=whole.as_of)


@pytest.mark.parametrize("log", LOGS, ids=map(str, range(len(LOGS))))
@pytest.mark.parametrize("parted", [True, False])
def test_what_is_loaded_is_all_that_a_decision_looks_at(log: list[bytes], *, parted: bool) -> None:
    """Golden logs are decided on what is loaded for an entry, or a batch, as on the whole workspace: to the same verdicts and rows.

    A batch ends before an event that needs what the batch itself brought, as it does where it is decided for real: a merge, say.
    """
    decided_on_parts([entry.asked(leaf) for leaf in log], parted=parted)


def decided_on_parts(asked: list[Asked], *, parted: bool) -> None:
    """Decide a log on what is loaded for each entry, or batch, and on the whole workspace, and compare."""
    whole = Run(State(complete=True), {})
    for batch in [[one] for one in asked] if parted else batches(asked):
        part = part_of(whole, batch)
        for place, one in enumerate(batch):
            part.semantics = one.semantics
            try:
                decision = part.step(one.event, one.facts)
            except NotLoaded:
                if place == 0:
                    raise
                part = part_of(whole, batch[place:])
                part.semantics = one.semantics
                decision = part.step(one.event, one.facts)
            whole.semantics = one.semantics
            assert decision == whole.step(one.event, one.facts)


@pytest.mark.parametrize("parted", [True, False])
def test_what_is_told_of_an_account_that_was_merged_is_decided_on_what_is_loaded(parted: bool) -> None:
    """Its consent, its issue, and that its suspension is lifted concern who it is by now: their referrals, rewards and codes."""
    made = world()
    made.referred("bob", "ann")
    made.lead("bea")
    made.send(events.PersonMerged, keep="bob", gone="bea")
    made.send(events.ConsentRecorded, person="bea", purpose="referral", outcome="revoked")
    made.send(events.CustomerIssueOpened, person="bea", issue="late")
    made.enrol("anna")
    made.send(events.PersonMerged, keep="ann", gone="anna")
    made.send(events.AdvocateSuspended, person="anna", program=made.program())
    made.lead("ben", code="ANN")
    made.buy("ben")
    made.command(events.SuspensionLifted, OWNER, person="anna", program=made.program(), reason="cleared")
    assert {mark.code for reward in made.rewards() for mark in reward.marks} >= {"consent_unclear", "customer_issue"}
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)
