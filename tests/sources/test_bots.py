"""Who follows a link: a person or a program."""

import pytest
from testkit.tables import rows

from goodword.sources.bots import is_bot


@pytest.mark.parametrize(("what", "agent", "who"), rows(__file__, "Agents"))
def test_an_agent_is_a_person_s_or_a_program_s(what: str, agent: str, who: str) -> None:
    """B17: previews, crawlers and scanners that say so are bots; browsers, also those inside of apps, are people."""
    assert ("bot" if is_bot(agent) else "person") == who, what


def test_what_stands_behind_a_thousand_characters_is_not_looked_at() -> None:
    """However long an agent is, the look at it is bounded."""
    assert is_bot("x" * 900 + " Googlebot/2.1")
    assert not is_bot("x" * 1_000 + " Googlebot/2.1")
