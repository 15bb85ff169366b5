"""Links to partners' own forms in the log: that one was made or ended stands there; and what a partner may say is about their own."""

from msgspec.structs import replace
from testkit.stories import world
from testkit.world import CLERK, OWNER, member, verdict

from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Registration

SALES = member("sam", "program_manager")


def test_a_form_is_made_for_an_advocate_and_ended() -> None:
    """Whoever registers deals for partners makes one; who is no advocate of the program gets none."""
    made = world()
    partner = next(iter(made.state.all(Advocate)))
    said = {"form": "frm_1", "program": partner.program, "until": made.now, "digest": "x"}
    done = made.command(events.FormMade, SALES, person=partner.person, **said)
    assert (verdict(done), done.verdicts[0].subject) == ("form_made", "frm_1")
    assert verdict(made.command(events.FormMade, SALES, person="nobody", **said)) == "advocate_not_enrolled"
    assert verdict(made.command(events.FormMade, CLERK, person=partner.person, **said)) == "not_permitted"
    assert verdict(made.command(events.FormEnded, SALES, form="frm_1", ended_at=made.now)) == "form_ended"
    limited = replace(SALES, programs=(partner.program,))
    assert verdict(made.command(events.FormMade, limited, person=partner.person, **said)) == "not_permitted"


def test_a_partner_writes_about_deals_of_their_own_alone_and_says_nothing_else() -> None:
    """As themselves, whatever side is said; another's deal is none that there is."""
    made = world()
    partner = next(iter(made.state.all(Advocate)))
    made.send(events.DealRegistered, person="carl", advocate=partner.person, company="acme", program=partner.program)
    [deal] = made.state.all(Registration)
    own, other = (Actor(id=id_, kind="person", programs=(partner.program,)) for id_ in (partner.person, "eve"))
    message = {"registration": deal.id, "side": "sales", "note": "x"}
    assert verdict(made.command(events.DealNoted, own, **message)) == "deal_noted"
    assert verdict(made.command(events.DealNoted, other, **message)) == "not_found"
    outside = Actor(id=partner.person, kind="person", programs=("another",))
    assert verdict(made.command(events.DealNoted, outside, **message)) == "outside_scope"
    [kept] = made.state.all(Registration)
    assert [(one.side, one.by) for one in kept.messages] == [("partner", partner.person)]
    for kind in (events.DealAccepted, events.DealWithdrawn):
        assert verdict(made.command(kind, own, registration=deal.id)) == "not_permitted"
    assert verdict(made.command(events.MemberSet, own, member="one", roles=("owner",))) == "not_permitted"
    assert verdict(made.command(events.DealDeclined, OWNER, registration=deal.id, reason="no_fit")) == "deal_declined"
