"""What people say and see, function by function, by somebody who is limited to one of two programs that are alike."""

from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace
from testkit import rule_documents, sent
from testkit.tables import rows
from tests.api.conftest import Api
from tests.app.test_rooms import USE_CASES

from goodword.api.bodies import MemberBody
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import NotPermittedError, Principal, action_of
from goodword.app.proof.audit import verify
from goodword.app.proof.preview import Order
from goodword.app.say.agreements import Agreed
from goodword.app.say.cases import Shown
from goodword.app.say.conversions import Figures
from goodword.app.say.corrections import Arrived, Corrected
from goodword.app.say.deals import Answer
from goodword.app.say.programs import Wanted
from goodword.app.say.said import Why
from goodword.app.say.schedules import Days
from goodword.app.see.agreements import Made
from goodword.app.write.commands import StoppedError
from goodword.core import access
from goodword.core.entry import Entry
from goodword.core.events import Item
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Conversion
from goodword.store import entities
from goodword.store.api_keys import api_key_hash

PROGRAMS = {
    "main": ("ann", "bob", "ben", "DE02120300000000202051"),
    "other": ("abi", "eve", "eda", "DE02500105170137075030"),
}
RULES = rule_documents.text("limited")
Part = SimpleNamespace


def _launch(it: Part) -> Wanted:
    sources = {"trigger": "native", "billing": "native"}
    return Wanted(program=it.program, owner="x", **sources, hours=48, evidence="", measures=(), every=30, looks="x")


def _function(name: str) -> Any:
    """Return the function of ``see`` that is named."""
    room, _, function = name.partition(".")
    return getattr(getattr(see, room), function)


#: list -> what of the reader's own program it must show
LISTS = {_function(name): shown for name, shown in rows(__file__, "Lists")}
#: read of one thing, how it is asked for, what it is called, and how nothing is called
SINGLES = [(_function(name), *more) for name, *more in rows(__file__, "Single things")]
#: command -> what it is told, of the other program's
COMMANDS: dict[Any, Callable[[Part], tuple[Any, ...]]] = {
    say.approvals.approve: lambda it: (_items(it.reward), "0" * 64),
    say.approvals.withdraw: lambda it: (_items(it.reward), "x", None, uuid4().hex),
    say.rewards.reject: lambda it: (_items(it.reward), Why("x"), uuid4().hex),
    say.rewards.hold: lambda it: (_items(it.reward), Why("x"), uuid4().hex),
    say.rewards.snooze: lambda it: (it.reward, None, Why("x"), uuid4().hex),
    say.rewards.restore: lambda it: (_items(it.reward), "0" * 64, Why("x"), uuid4().hex),
    say.rewards.settle: lambda it: (_items(it.reward), "0" * 64, "forgiven", None, Why("x"), uuid4().hex),
    say.corrections.enter: lambda it: (_correction(it), "x", uuid4().hex),
    say.corrections.arrived: lambda it: (Arrived(it.payout, 1, "EUR"), "x", uuid4().hex),
    say.conversions.amend: lambda it: (it.conversion, Figures(5_000, "EUR"), Why("x"), uuid4().hex),
    say.advocates.lift: lambda it: (it.program, it.advocate, Why("x"), uuid4().hex),
    say.cases.decide: lambda it: (it.case, "cleared", Why("x", "seen"), uuid4().hex),
    say.cases.appeal: lambda it: (it.case, "x", "seen", uuid4().hex),
    say.cases.assign: lambda it: (it.case, None, None, uuid4().hex),
    say.cases.comment: lambda it: (it.case, "seen", uuid4().hex),
    say.cases.snooze: lambda it: (it.case, None, "x", None, uuid4().hex),
    say.deals.decide: lambda it: (it.registration, Answer(outcome="accepted"), None, uuid4().hex),
    say.deals.write: lambda it: (it.registration, "sales", "seen", uuid4().hex),
    say.deals.withdraw: lambda it: (it.registration, None, uuid4().hex),
    say.agreements.make: lambda it: (Agreed(advocate=it.advocate, program=it.program), None, uuid4().hex),
    say.agreements.end: lambda it: (it.advocate, it.program, None, None, uuid4().hex),
    say.claims.enter: lambda it: (it.program, it.friend, [(it.advocate, Fraction(1))], 0, "x", None, (), uuid4().hex),
    say.claims.comment: lambda it: (it.claim, "seen", uuid4().hex),
    say.claims.take: lambda it: (it.claim, uuid4().hex),
    say.claims.appeal: lambda it: (it.claim, "x", None, uuid4().hex),
    say.claims.decide: lambda it: (it.claim, "lost", "x", None, uuid4().hex),
    say.looking.reward: lambda it: (it.reward, 5, uuid4().hex),
    say.looking.case: lambda it: (it.case, 5, uuid4().hex),
    say.looking.claim: lambda it: (it.claim, 5, uuid4().hex),
    say.looking.exported: lambda it: (it.reward, uuid4().hex),
    say.looking.downloaded: lambda it: (it.payout, uuid4().hex),
    say.payouts.release: lambda it: (_items(it.payout), "0" * 64),
    say.payouts.cancel: lambda it: (it.payout, "x"),
    say.payouts.answer: lambda it: (it.payout, "sent"),
    say.schedules.keep: lambda it: (
        Days(rail="bank_file", unit="EUR", every="day", hour=8, program=it.program),
        None,
    ),
    say.programs.launch: lambda it: (_launch(it),),
    say.programs.move: lambda it: (it.program, "paused"),
    say.programs.publish: lambda it: (RULES.replace("main", it.slug).encode(), "rules.yaml"),
}
#: commands that are said of several things at once, all of them or none -> what they are told
TOGETHER: dict[Any, Callable[[Part], tuple[Any, ...]]] = {
    say.cases.decide_each: lambda it: ([Shown(it.case)], "cleared", Why("x", "seen"), uuid4().hex),
    say.cases.assign_each: lambda it: ([Shown(it.case)], None, uuid4().hex),
    say.cases.snooze_each: lambda it: ([Shown(it.case)], None, Why("x"), uuid4().hex),
}
#: What shows nothing of any program.
OF_NONE = (
    *(see.workspaces.get, see.hosts.every, see.clock.now, see.rails.every, see.members.owner),
    *(see.members.mail, see.sessions.mine, see.account.mine, see.account.mail, see.workspaces.mine),
    see.live.position,
    *(see.routing.whole, see.rails.usable),
    see.texts.every,
    *(see.debtors.whole, see.taxes.whole),
)
#: What concerns oneself alone, in whatever programs: tests/console/test_door.py.
OWN = (
    *(say.sessions.end, say.sessions.end_others, say.account.set_password, say.account.set_mail, say.members.prove),
    *(see.deals.own, say.deals.bring),  # of a partner: tests/portal/test_deal_forms.py
    *(say.account.start_factor, say.account.turn_factor_on, say.account.turn_factor_off),
)
#: What has a test of its own below.
APART = (
    see.live.behind,  # tests/console/test_live.py; it tells what position does
    see.live.others,  # likewise
    see.claims.near,  # tests/console/test_claims.py; of the programs that page shows
    see.launching.troubles,  # tests/api/test_launching.py
    see.programs.budgets,  # tests/console/test_home.py
    see.programs.joins,  # tests/portal/test_joining.py; of the programs that every shows
    see.forms.every,  # tests/portal/test_deal_forms.py
    *(see.texts.one, see.texts.preview),  # tests/api/test_message_texts.py; they are of no program
    *(see.routing.figures, see.routing.overdue),  # tests/api/test_routing.py
    *(see.stocks.whole, see.stocks.of_payout, say.looking.codes),  # tests/api/test_codes.py
    say.stocks.upload,  # likewise
    *(say.changes.decide, say.changes.answer),  # tests/api/test_standing.py
    see.codes.behind,  # tests/api/test_own_codes.py
    *(see.statements.of_payout, see.statements.newest),  # tests/api/test_reconciliations.py
    *(see.handovers.newest, see.handovers.get),  # tests/api/test_bank_files.py
    *(say.handovers.hand_out, say.handovers.register),  # likewise; what it gathers is limited by payouts.bank_file
    *(see.standing.whole, see.standing.soon),  # tests/api/test_standing.py
    *(see.pilots.beginning, see.pilots.report, see.pilots.failures, see.pilots.due),  # tests/api/test_pilots.py
    *(say.pilots.start, say.pilots.decide),  # likewise
    *(say.standing.ask, say.standing.stop),  # likewise
    *(see.waiting.mine, see.waiting.alarms),  # tests/api/test_staff_mail.py
    *(see.taxes.of_year, see.taxes.awaited, see.taxes.asked, see.taxes.of_person),  # tests/api/test_taxes.py
    *(see.disputes.inbox, see.disputes.of_case, see.disputes.of_claim),  # tests/console/test_inbox.py
    *(see.taxes.statement, see.papers.statement),  # likewise
    see.offers.of_customer,  # tests/api/test_offers.py
    see.matches.one,  # tests/api/test_crm_matches.py; it tells what page does
    say.matches.confirm,  # likewise
    say.matches.decline,  # likewise
    *(
        see.exports.rewards,
        see.exports.referrals,
        see.exports.conversions,
        see.exports.figures,
    ),  # tests/api/test_exports.py
    see.rewards.queue_list,
    see.queue.ids,
    see.picked.changed,  # it tells what picked.get does
    see.picked.items,  # likewise
    see.payouts.each,  # it tells what payouts.to_release does
    see.reports.agreement,
    see.cases.precision,
    *(see.measures.over, see.measures.events),
    see.reports.overview,
    see.reports.queue,
    see.previews.of_rules,
    see.people.names,
    see.people.search,
    see.advocates.codes_of,
    *(see.sharing.kit, see.sharing.picture, say.sharing.change),  # tests/api/test_sharing.py
    say.codes.name,
    say.people.unmask,
    say.cases.preview,
    say.claims.preview,
    say.deals.preview,
    *(say.corrections.preview, say.corrections.preview_arrived),  # tests/api/test_corrections.py
    say.payouts.draft,
    say.payouts.preview,
    *(say.payouts.coming, say.payouts.draft_lot, say.schedules.stop),  # tests/api/test_schedules.py
    *(see.schedules.every, see.schedules.get),  # likewise
    *(see.messages.waiting, see.messages.get, see.messages.reach),  # tests/api/test_messages.py
)
WHOLE = [use_case for use_case in USE_CASES if action_of(use_case) in access.WHOLE]


def _items(id_: str) -> tuple[Item, ...]:
    return (Item(id=id_, amount=1, unit="EUR"),)


def _correction(it: Part) -> Corrected:
    return Corrected(program=it.program, person=it.advocate, origin="goodwill", amount=100, currency="EUR")


def test_every_function_of_say_and_see_stands_in_a_table() -> None:
    """A new one must say what somebody gets of it who is limited to programs."""
    told = [*LISTS, *(one[0] for one in SINGLES), *COMMANDS, *TOGETHER, *OF_NONE, *OWN, *APART]
    assert {*told, *WHOLE} == {*USE_CASES}
    assert not {*told} & {*WHOLE}


@pytest.mark.parametrize("use_case", WHOLE, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_what_concerns_the_whole_workspace_is_refused_to_who_is_limited(use_case: Any) -> None:
    """Whatever their roles; nothing is looked at, and where a role would allow it the sentence says why."""
    nothing: Any = None
    actor = Actor(id="mem_1", kind="member", roles=tuple(access.ROLES), programs=("prg_1",))
    with pytest.raises(NotPermittedError, match="concerns the whole workspace, and you are limited to programs"):
        use_case(Principal("mk", nothing, actor), nothing)


def _story(api: Api) -> dict[str, Part]:
    """In each of two programs: an advocate and their code, friends, rewards, a case, a claim, a payout at the bank, a member."""
    found = {}
    for slug in PROGRAMS:
        api.say("owner", "/v1/programs", {"document": RULES.replace("main", slug)})
    programs = {one["slug"]: one for one in api.get("/v1/programs")["items"]}
    for slug, (who, friend, other, iban) in PROGRAMS.items():
        events = [sent.enrolled(f"enrol-{who}", who, who.upper(), program=slug)]
        for buyer, amount in ((friend, 20_000), (other, 90_000)):  # the second order is looked at closely
            events.append(sent.lead(f"lead-{buyer}", buyer, code=who.upper()))
            events.append(sent.purchase(f"order-{buyer}", buyer, f"inv-{buyer}", amount))
        told = {"type": "deal.reported", "id": f"deal-{who}", "deal_id": f"crm.{who}", "status": "open"}
        api.send(*events, told | {"customer_external_id": f"buyer-{who}", "contact_external_ids": [friend, other]})
        api.payee(who, "bank_file", name=f"Name of {who}", iban=iban)
        it = Part(slug=slug, program=programs[slug]["id"], rules=programs[slug]["versions"][-1]["rules"], iban=iban)
        it.external, it.advocate, it.friend = who, api.person(who), api.person(friend)
        rewards = api.get("/v1/rewards", beneficiary=it.advocate)["items"]
        [clear] = [one for one in rewards if not one["cases"]]
        it.reward, it.conversion = clear["id"], clear["conversion"]
        [it.case] = [case for one in rewards for case in one["cases"]]
        it.referral = clear["referral"]
        claim = {"program": it.program, "person": it.friend, "advocates": [{"person": it.advocate}], "reason": "x"}
        said = api.say("owner", "/v1/claims", {**claim, "lead_at": "2026-03-02T09:00:00Z"})
        it.claim = said["verdicts"][0]["subject"]
        deal = {"company": {"name": f"Company of {who}"}, "contact": {"email": f"{who}@{who}.example"}}
        said = api.say("owner", "/v1/deals", {"advocate_external_id": who, "program": slug, **deal})
        it.registration = said["verdicts"][0]["subject"]
        said = api.say("owner", "/v1/agreements", {"advocate": who, "program": slug, "accounts": [f"Rival of {who}"]})
        it.agreement = said["verdicts"][0]["subject"]
        frozen = api.get("/v1/approvals", id=[it.reward])
        assert api.say("owner", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"
        member = {"email": f"{slug}@shop.example", "programs": [slug]}
        roles = ["program_manager", "approver", "payer", "operations", "support", "developer", "auditor"]
        added = api.say("owner", "/v1/members", {**member, "roles": roles})
        it.member, api.keys[slug] = added["id"], added["key"]
        api.confirm()
        found[slug] = it
    api.move("2026-06-01T00:00:00Z")
    for slug in found:  # who drafts is the first of two to release
        api.say(slug, "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    for it in found.values():
        [payout] = api.get("/v1/payouts", beneficiary=it.advocate)["items"]
        it.payout = payout["id"]
    api.say("owner", "/v1/payouts/release", api.get("/v1/payouts/release", id=[it.payout for it in found.values()]))
    api.until(lambda: len(api.get("/v1/payouts", status="processing")["items"]) == 2)
    return found


def _secrets(it: Part) -> set[str]:
    """All by which anything of a program could be known."""
    return {str(value) for value in vars(it).values()} - {it.slug} | {
        f"Name of {it.external}",
        f"Rival of {it.external}",
        f"{it.slug}@shop.example",
    }


def test_who_is_limited_gets_nothing_of_another_program(api: Api) -> None:
    """Lists are filtered, single things of another program are not there, commands about them are refused; their own all go on."""
    nothing = Part(
        program="prg_none", slug="none", advocate="per_x", friend="per_y", reward="rwd_none", payout="pay_none", case="cas_none",
        claim="clm_none", conversion="inv:none", registration="reg_none",
    )  # fmt: skip

    def asked(use_case: Any, who: Principal, directory: Directory, by: str, it: str) -> Any:
        """Ask a read for a thing: by its name alone, in a list, or as a filter."""
        alone = {"it": it, "[it]": [it]}
        return use_case(who, directory, alone[by]) if by in alone else use_case(who, directory, **{by: it})

    story = _story(api)
    mine, theirs = story["main"], story["other"]
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    who = api.run(directory.principal(api_key_hash(api.keys["main"])))
    roles = ("program_manager", "approver", "payer")
    made = api.run(
        say.members.set_member(owner, directory, "both@shop.example", roles, None, programs=("main", "other"))
    )
    both = api.run(directory.principal(api_key_hash(made.key)))
    assert both.programs == tuple(sorted([mine.program, theirs.program]))
    for use_case, name in LISTS.items():
        shown, to_owner, to_both = (str(api.run(use_case(one, directory))) for one in (who, owner, both))
        assert getattr(mine, name) in shown, use_case
        assert getattr(theirs, name) in to_owner, use_case
        assert getattr(theirs, name) in to_both, use_case
        assert [secret for secret in _secrets(theirs) if secret in shown] == [], use_case
    for (name, of_mine), (_, of_theirs) in zip(
        *(rows(__file__, "Filters", **vars(it)) for it in (mine, theirs)), strict=True
    ):
        page = _function(name)
        assert api.run(page(owner, directory, **of_theirs)).items, name
        assert not api.run(page(who, directory, **of_theirs)).items, name
        own = api.run(page(owner, directory, **of_mine)).items
        assert api.run(page(who, directory, **of_mine)).items == own, name
    for use_case, by, name, none in SINGLES:
        assert api.run(asked(use_case, who, directory, by, getattr(mine, name))), use_case
        assert api.run(asked(use_case, owner, directory, by, getattr(theirs, name))), use_case
        told = []
        for it in (getattr(theirs, name), none):
            with pytest.raises(UnknownError) as unknown:
                api.run(asked(use_case, who, directory, by, it))
            told.append(str(unknown.value).replace(it, "it"))
        assert told[0] == told[1], use_case
    for command, told_of in COMMANDS.items():
        for it in (theirs, nothing):
            entry: Entry = api.run(command(who, directory, *told_of(it)))
            assert [verdict.refusal for verdict in entry.verdicts] == ["outside_scope"], command
    for command, told_of in TOGETHER.items():
        for it in (theirs, nothing):
            with pytest.raises(StoppedError) as stopped:
                api.run(command(who, directory, *told_of(it)))
            refusals = [verdict.refusal for entry in stopped.value.entries for verdict in entry.verdicts]
            assert refusals == ["outside_scope"], command
    for use_case in OF_NONE:
        shown = str(api.run(use_case(who, directory)))
        assert [secret for secret in _secrets(theirs) if secret in shown] == [], use_case


def test_a_list_of_programs_in_pages_is_the_list_of_the_owner_without_the_others(api: Api) -> None:
    """One by one, in the order of all, whichever programs they are."""

    def programs_of(one: Any) -> set[str]:
        it = getattr(one, "registration", getattr(one, "advocate", one))
        it = it.agreement if isinstance(it, Made) else it
        return {*it.programs} if hasattr(it, "programs") else {it.program}

    story = _story(api)
    mine, theirs = story["main"], story["other"]
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    both = replace(
        owner, actor=replace(owner.actor, roles=("approver", "payer"), programs=(mine.program, theirs.program))
    )
    looked = 0
    for who, programs in (
        (replace(both, actor=replace(both.actor, programs=(theirs.program,))), {theirs.program}),
        (both, None),
    ):
        for page in (
            see.advocates.page,
            see.agreements.page,
            see.cases.page,
            see.claims.page,
            see.deals.page,
            see.payouts.page,
            see.referrals.page,
            see.rewards.page,
        ):
            whole = [
                one for one in api.run(page(owner, directory)).items if programs is None or programs_of(one) <= programs
            ]
            found, after = [], ""
            while (got := api.run(page(who, directory, limit=1, after=after))).after is not None:
                found += got.items
                after = got.after
            assert found == whole, page
            looked += len(found)
    assert looked > 12


def test_figures_are_those_of_the_programs_that_somebody_is_limited_to(api: Api) -> None:
    """The overview is that of their program, and what waits is what waits for them."""
    story = _story(api)
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    who = api.run(directory.principal(api_key_hash(api.keys["main"])))
    of_one = api.run(see.reports.overview(owner, directory, program=story["main"].program))
    seen = api.run(see.reports.overview(who, directory))
    whole = api.run(see.reports.overview(owner, directory))
    assert (
        of_one.queue
        == whole.queue
        == {
            "rewards_in_review": 2,
            "payouts_awaiting_release": 0,
            "cases_open": 2,
            "persons_waiting": 0,
            "messages_waiting": 0,
        }
    )
    assert seen == replace(
        of_one,
        program=None,
        queue={
            "rewards_in_review": 1,
            "payouts_awaiting_release": 0,
            "cases_open": 1,
            "persons_waiting": 0,
            "messages_waiting": 0,
        },
    )
    assert api.run(see.reports.queue(who, directory)) == seen.queue
    days = "2026-03-01", "2026-07-01"
    own = api.run(see.measures.over(owner, directory, *days, story["main"].program))
    assert api.run(see.measures.over(who, directory, *days)) == replace(own, program=None)
    assert own.measures != api.run(see.measures.over(owner, directory, *days)).measures
    measured = [api.run(see.measures.events(one, directory)).items for one in (owner, who)]
    assert measured[1] == [it for it in measured[0] if it.program == story["main"].program] != []
    for part in story.values():  # one of each program, decided by its own reward
        item = api.run(see.rewards.to_approve(owner, directory, [part.reward]))
        assert api.run(say.rewards.reject(owner, directory, item.items, Why("terms"), uuid4().hex)).verdicts
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    agreed = [{one.program for one in api.run(see.reports.agreement(one, directory))} for one in (owner, who)]
    assert agreed == [{*PROGRAMS}, {"main"}]
    totals = [api.run(see.queue.totals(one, directory, held="in_review")) for one in (owner, who)]
    counted, held = [one.counts["in_review"] for one in totals], [(one.held or {})["EUR"] for one in totals]
    assert held[0] == 2 * held[1] > 0
    everything, own = (api.run(see.queue.ids(one, directory)) for one in (owner, who))
    assert len(everything) == 2 * len(own) > 0
    assert {*own} < {*everything}
    assert counted == [2, 1]
    assert seen.totals
    assert seen.totals != whole.totals


def test_what_flags_were_worth_is_counted_in_the_programs_that_somebody_sees(api: Api) -> None:
    """Each sees the answers of their own programs, the owner those of all; an answer on appeal takes the first one's place."""
    story = _story(api)
    directory = api.goodword.directory

    def counted(name: str) -> dict[str, int]:
        who = api.run(directory.principal(api_key_hash(api.keys[name])))
        [found] = [one for one in api.run(see.cases.precision(who, directory)) if one.code == "review_limit"]
        return {worth: getattr(found, worth) for worth in ("confirmed", "useful", "false_alarm")}

    for slug, worth in (("main", "useful"), ("other", "false_alarm")):
        answer = {"outcome": "cleared", "reason": "looked", "worth": worth}
        api.say(slug, f"/v1/cases/{story[slug].case}/decision", answer)
    assert counted("main") == {"confirmed": 0, "useful": 1, "false_alarm": 0}
    assert counted("other") == {"confirmed": 0, "useful": 0, "false_alarm": 1}
    assert counted("owner") == {"confirmed": 0, "useful": 1, "false_alarm": 1}
    api.say("main", f"/v1/cases/{story['main'].case}/appeal", {"reason": "mistake"})
    answer = {"outcome": "confirmed", "reason": "returned", "worth": "confirmed"}
    api.say("owner", f"/v1/cases/{story['main'].case}/decision", answer)
    assert counted("main") == {"confirmed": 1, "useful": 0, "false_alarm": 0}
    assert counted("other") == {"confirmed": 0, "useful": 0, "false_alarm": 1}
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()


def test_a_draft_for_all_names_nobody_of_another_program(api: Api) -> None:
    """Neither its event nor its verdicts; a beneficiary of another program who is named is answered as nobody is."""
    story = _story(api)
    mine, theirs = story["main"], story["other"]
    directory = api.goodword.directory
    for it in story.values():  # they came back: owed, approved anew, and due
        for outcome in ("sent", "completed", "returned"):
            api.say(it.slug, f"/v1/payouts/{it.payout}/answer", {"outcome": outcome})
        api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=[it.reward]))
    who = api.run(directory.principal(api_key_hash(api.keys["main"])))
    entry = api.run(say.payouts.draft(who, directory, "bank_file", "EUR", (theirs.advocate, "per_none")))
    assert [verdict.refusal for verdict in entry.verdicts] == ["nothing_to_do"] * 2
    preview = api.run(say.payouts.preview(who, directory, "bank_file", "EUR"))
    assert [line.verdict.outcome for line in preview.lines] == ["drafted"]
    assert (mine.advocate in str(preview), theirs.advocate in str(preview)) == (True, False)
    entry = api.run(say.payouts.draft(who, directory, "bank_file", "EUR", None))
    assert [verdict.outcome for verdict in entry.verdicts] == ["drafted"]
    assert (mine.advocate in str(entry.event), theirs.advocate in str(entry)) == (True, False)


def test_codes_of_another_program_have_no_text_for_who_is_limited(api: Api) -> None:
    """Of those that are asked for, the texts of their own are given, and their own are counted."""
    story = _story(api)
    directory = api.goodword.directory
    who = api.run(directory.principal(api_key_hash(api.keys["main"])))

    async def texts() -> dict[str, str]:
        async with directory.reading() as conn:
            advocates = await entities.every(conn, api.ws, Advocate)
            assert await entities.every(conn, api.ws, Conversion)
        assert len(advocates) == 2
        return await say.codes.name(who, directory, [code for one in advocates for code in one.codes])

    assert [*api.run(texts()).values()] == [story["main"].external.upper()]
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    assert [api.run(see.advocates.codes_of(one, directory, most=2)) for one in (who, owner)] == [1, 2]
    for whose in (story["main"].advocate, story["other"].advocate):
        found = [api.run(see.advocates.codes_of(one, directory, person=whose, most=2)) for one in (who, owner)]
        assert found == [int(whose == story["main"].advocate), 1]


def test_a_preview_is_of_the_file_that_is_sent_and_of_no_program(api: Api) -> None:
    """Who is limited gets what the owner gets, even under the slug of another program, and nothing of that one."""
    theirs = _story(api)["other"]
    directory = api.goodword.directory
    order = Order(amount=20_000, currency="EUR")
    found = []
    for key in ("owner", "main"):
        who = api.run(directory.principal(api_key_hash(api.keys[key])))
        document = RULES.replace("main", theirs.slug).encode()
        found.append(api.run(see.previews.of_rules(who, directory, document, "rules.yaml", order)))
    assert found[0] == found[1]
    assert [secret for secret in _secrets(theirs) - {theirs.rules} if secret in str(found[1])] == []


def test_over_http_another_programs_things_are_not_there(api: Api) -> None:
    """A list lacks them, one of them is a 404 as nothing is, a command about it a 403 with its code, the log a 403."""
    theirs = _story(api)["other"]
    assert theirs.reward not in api.call("main", "GET", "/v1/rewards").text
    for path in (f"/v1/rewards/{theirs.reward}", "/v1/rewards/rwd_none"):
        answer = api.call("main", "GET", path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no reward in this workspace.")
    body = {"items": [{"id": theirs.reward, "amount": 1, "unit": "EUR"}], "reason": "x"}
    assert api.refused("main", "/v1/rewards/rejections", body) == (403, "outside_scope")
    answer = api.call("main", "GET", f"/v1/explanations/{theirs.reward}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert "limited to programs" in answer.json()["detail"]
    wrong = {"email": "x@shop.example", "roles": ["owner"], "programs": ["main"]}
    assert api.refused("owner", "/v1/members", wrong) == (422, "owner_scoped")
    assert api.refused("owner", "/v1/members", {**wrong, "roles": ["payer"], "programs": ["none"]}) == (
        404,
        "unknown_program",
    )
    members = {one["email"]: one["programs"] for one in api.get("/v1/members")["items"]}
    assert members["other@shop.example"] == [theirs.program]
    assert members["olga@shop.example"] == []


def test_the_api_takes_every_role_that_there_is() -> None:
    """What a body may say is what the table of roles has."""
    for role in access.ROLES:
        assert MemberBody(email="a@shop.example", roles=[role]).roles == [role]
    with pytest.raises(ValueError, match="roles"):
        MemberBody.model_validate({"email": "a@shop.example", "roles": ["king"]})


def test_nobody_of_another_program_is_found_by_anything(api: Api) -> None:
    """Neither by id, outside name, code nor invoice; who is of their own is, and the owner finds both."""
    story = _story(api)
    mine, theirs = story["main"], story["other"]
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    who = api.run(directory.principal(api_key_hash(api.keys["main"])))

    def found(reader: Principal, asked: str) -> set[str]:
        return {it.person.id for it in api.run(see.people.search(reader, directory, asked)).found}

    both = [mine.advocate, theirs.advocate, mine.program]
    assert api.run(see.people.names(who, directory, both)) == {mine.advocate: mine.external}
    assert len(api.run(see.people.names(owner, directory, both))) == 2
    api.until(lambda: theirs.advocate in found(owner, theirs.external[:3]))
    for it in (mine, theirs):
        for asked, person in (
            (it.advocate, it.advocate),
            (it.external, it.advocate),
            (it.external.upper(), it.advocate),
            (it.external[:3], it.advocate),
            (it.conversion.removeprefix("inv:"), it.friend),
        ):
            assert person in found(owner, asked), asked
            assert (person in found(who, asked)) == (it is mine), asked
