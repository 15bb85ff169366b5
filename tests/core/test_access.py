"""The table of who may do what, said a second time: by role, what it does and what it is not shown."""

import pytest
from testkit.tables import rows

from goodword.core import access
from goodword.core.facts import Actor

#: role -> what it does besides reading, and what it does not read
ROLES = {role: [{*cell.split(", ")} - {""} for cell in cells] for role, *cells in rows(__file__, "Roles")}


@pytest.mark.parametrize("role", [*access.ROLES, "king", ""])
@pytest.mark.parametrize("action", [*access.ACTIONS, "reward.invent"])
def test_a_role_does_what_its_line_says_and_nothing_else(role: str, action: str) -> None:
    """Every role and every action; a role or an action that there is not is nobody's."""
    does, lacks = ROLES.get(role, (set(), {*access.READS}))
    expected = action in does or action in {*access.READS} - lacks
    assert access.allowed(Actor(id="mem_1", kind="member", roles=(role,)), action) == expected


def test_the_lines_name_what_there_is() -> None:
    """Each role has a line, and no line names an action that is gone."""
    assert set(ROLES) == set(access.ROLES)
    assert set().union(*(does | lacks for does, lacks in ROLES.values())) <= {*access.ACTIONS}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"owner"}))
def test_no_role_but_the_owners_pays_by_what_it_made(role: str) -> None:
    """Who approves does not release, who publishes rules does neither, and nobody else gives rights."""
    may = access.ROLES[role]
    assert not {"reward.approve", "payout.release"} <= may
    assert "program.publish" not in may or not may & {"reward.approve", "payout.release"}
    assert not may & {"member.manage", "key.manage"}


@pytest.mark.parametrize("action", [*access.ACTIONS, "reward.invent"])
@pytest.mark.parametrize(
    ("kind", "id_", "may"),
    [
        ("key", "sk:key_1", access.KEYS["sk"]),
        ("key", "wk:key_1", access.KEYS["wk"]),
        ("key", "pk:key_1", {"event.send"}),
        ("key", "pk:key:1", {"event.send"}),
        ("key", "xk:key_1", set()),
        ("key", "key_1", set()),
        ("system", "worker", {"payout.draft", "payout.cancel", "payout.answer", "feed.watch"}),
        ("operator", "operator", access.OPERATOR),
        ("person", "per_1", {"own.accept", "own.deals", "own.register", "own.rewards", "deal.note"}),
        ("king", "sk:key_1", set()),
    ],
)
def test_who_is_no_member_does_what_their_kind_may(kind: str, id_: str, may: set[str], action: str) -> None:
    """A key is known by what its id begins with; a kind that there is not may do nothing."""
    assert access.allowed(Actor(id=id_, kind=kind), action) == (action in may)


def test_the_holder_of_the_database_looks_and_keeps_it_going() -> None:
    """All reads of all rooms, the actions by which an installation goes on, and confirming members and the first key of one."""
    assert set(access.READS) < access.OPERATOR
    assert access.OPERATOR - set(access.READS) == {
        *(
            "event.import",
            "event.retry",
            "log.verify",
            "installation.manage",
            "change.decide",
            "change.answer",
            "key.manage",
        ),
    }
