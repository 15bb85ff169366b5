"""What a state knows: in one that is not complete, what was not loaded is never taken for what is not there."""

import pytest
from testkit.world import at

from goodword.core.state import Balance, Claim, Entity, Member, NotLoaded, Reward, State, Timer

TIMER = Timer(id="tmr_1", due_at=at("03-01"), kind="hold_over", subject="rwd_1")
MEMBER = Member(id="mem_1", roles=("owner",))


def test_what_is_there_is_found() -> None:
    """An entity is found by its key, in a state that is complete and in one that is not."""
    for complete in (True, False):
        state = State(complete=complete)
        state.put(TIMER)
        assert state.get(Timer, "tmr_1") is TIMER
        assert state.knows(Timer, "tmr_1")


def test_what_a_complete_state_lacks_does_not_exist() -> None:
    """Nothing needs to be loaded into a complete state."""
    state = State(complete=True)
    assert state.get(Timer, "tmr_1") is None
    assert state.of(Reward, "unsettled_with", "per_ann") == []
    assert state.knows(Timer, "tmr_1")


def test_what_was_not_loaded_is_not_taken_for_missing() -> None:
    """A lookup of what nobody loaded raises, and says what it was."""
    state = State(complete=False)
    assert not state.knows(Timer, "tmr_1")
    with pytest.raises(NotLoaded, match=r"^Timer tmr_1$"):
        state.get(Timer, "tmr_1")
    with pytest.raises(NotLoaded, match=r"^Reward by unsettled_with of per_ann$"):
        state.of(Reward, "unsettled_with", "per_ann")


def test_what_was_looked_for_and_not_found_does_not_exist() -> None:
    """Once a key was looked for, or a group gathered, its absence is an answer; for that key, group and noun alone."""
    state = State(complete=False)
    state.put(TIMER)
    state.miss(Timer, ["tmr_1", "tmr_2"])
    state.gather((Reward, "unsettled_with"), ["per_ann"])
    assert state.get(Timer, "tmr_1") is TIMER
    assert state.get(Timer, "tmr_2") is None
    assert state.knows(Timer, "tmr_2")
    assert state.of(Reward, "unsettled_with", "per_ann") == []
    assert not state.knows(Timer, "tmr_3")
    assert not state.knows(Member, "tmr_2")
    for noun, by, group in (
        (Reward, "unsettled_with", "per_amy"),
        (Reward, "open_in", "per_ann"),
        (Claim, "friend", "per_ann"),
    ):
        with pytest.raises(NotLoaded):
            state.of(noun, by, group)


def test_a_timer_that_fired_does_not_exist() -> None:
    """A timer that was taken away is known to be gone, also where the state is not complete."""
    for complete in (True, False):
        state = State(complete=complete)
        state.put(TIMER)
        state.end("tmr_1")
        assert state.get(Timer, "tmr_1") is None
        assert state.absent[Timer] == (set() if complete else {"tmr_1"})


def test_a_balance_is_kept_as_a_number_by_account() -> None:
    """A balance that is set is found by its account and listed as the entity that it was; no table holds it."""
    state = State(complete=True)
    balance = Balance(program="prg_1", account="payable", owner="per_ann", unit="EUR", amount=1250)
    state.put(balance)
    assert state.balances == {("prg_1", "payable", "per_ann", "EUR"): 1250}
    assert list(state.all(Balance)) == [balance]
    assert not state.tables[Balance]


@pytest.mark.parametrize(
    ("noun", "key"),
    [
        (Timer, "tmr_1"),
        (Member, "mem_1"),
        (Balance, ("prg_1", "payable", "per_ann", "EUR")),
    ],
)
def test_the_key_of_an_entity_is_its_fields_in_order(noun: type[Entity], key: object) -> None:
    """One field is the key by itself; several are a tuple, in the order in which the noun names them."""
    entities: dict[type[Entity], Entity] = {
        Timer: TIMER,
        Member: MEMBER,
        Balance: Balance(program="prg_1", account="payable", owner="per_ann", unit="EUR", amount=1),
    }
    assert entities[noun].key == key
