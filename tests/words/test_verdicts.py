"""Every code that the core can produce has its sentence, and no sentence says what its reader must not see."""

import ast
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from testkit.stories import tell, world
from testkit.tables import rows, stories
from testkit.world import CLERK, World, at, member

import goodword.core
from goodword.core import cases, disputes, events, holds, ledger, lifecycles, payouts
from goodword.core.decision import Verdict
from goodword.core.refusals import Refusal
from goodword.core.state import Payee, Payout, Reward
from goodword.core.stories import OUTCOMES
from goodword.words import verdicts as words
from goodword.words.catalogue import FOLDER

CORE = Path(goodword.core.__file__).parent


def calls(name: str) -> list[ast.Call]:
    """Every call of a function in the core."""
    trees = [ast.parse(path.read_text()) for path in CORE.rglob("*.py")]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if getattr(call.func, "id", getattr(call.func, "attr", None)) == name]


def texts(node: ast.expr) -> set[str]:
    """The literal texts that an expression may give."""
    return {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}


def said(family: str) -> set[str]:
    """The keys of a family in the English catalogue, without its name."""
    keys = re.findall(r'^msgid "(.+)"$', (FOLDER / "en.po").read_text(), re.MULTILINE)
    return {key.removeprefix(f"{family}.") for key in keys if key.startswith(f"{family}.")}


def test_every_step_has_a_sentence() -> None:
    """The codes of all steps that the core builds are those of the table: none is missing, none is left over."""
    first = [call.args[0] for call in calls("Step")]
    assert all(isinstance(arg, ast.Constant) for arg in first), "a step's code is written out where it is made"
    assert set().union(*map(texts, first)) == set(words.STEPS)


def test_every_refusal_is_one_of_the_list() -> None:
    """What ``refused`` is given literally is a member, and every member is somewhere in the core."""
    literal = set().union(*(texts(call.args[1]) for call in calls("refused")))
    assert literal <= set(Refusal.__members__)
    code = "\n".join(path.read_text() for path in CORE.rglob("*.py") if path.name != "refusals.py")
    assert [name for name in Refusal.__members__ if f'"{name}"' not in code] == []


def test_every_outcome_has_a_sentence() -> None:
    """Literal outcomes, and those that come from the tables of answers and lifecycles."""
    with_amounts = (
        "earned.advocate",
        "earned.advocate.by",
        "earned.advocate.over",
        "earned.friend",
        "earned.friend.by",
        "earned.friend.over",
        "earned.nothing",
        "earned.welcome",
        "adjusted.welcome",
        "adjusted.expected",
        "adjusted.paid",
        "adjusted.more",
        "opened.owed",
        "moved",
        "moved.bear",
        "moved.net",
        "moved.ask_back",
        *("kept_of_more", "kept_of_more.bear", "not_borne", "not_borne.bear"),
        "shared",
        "shared.net",
        "shared.ask_back",
        "nobodys",
        "nobodys.bear",
        "nobodys.net",
        "nobodys.ask_back",
        "restored",
        "rejected",
        "reversed",
        "taken_back",
        "taken_back.bear",
        "taken_back.net",
        "taken_back.ask_back",
        "expired",
        *(f"corrected.{origin}" for origin in ledger.ORIGINS),
        *("sent_twice.net", "sent_twice.ask_back"),
    )
    causes = ("refunded", "amended", "returned", "canceled")
    settled = ("repaid", "repaid.all", "forgiven", "forgiven.all")
    earned = {f"reward.{how}" for how in (*with_amounts, *settled)}
    earned |= {f"credit.{how}" for how in ("delivered.until", "redeemed", "reversed", "taken_back")}
    earned |= {"credit.redeemed_before", "credit.reversed_before", "reward.credit_had_expired"}
    by_code = ("redeemed", "redeemed_before", "reversed", "reversed_before", "taken_back")
    earned |= {"credit.delivered_as_code", "credit.delivered_as_code.until", "reward.credit_expired.code"}
    earned |= {f"credit.{how}.code" for how in by_code}
    earned |= {f"reward.adjusted.{same}{cause}" for cause in causes for same in ("", "same.")}
    pairs = set()
    for call in calls("Verdict"):
        given = {word.arg: word.value for word in call.keywords}
        for about in texts(given["about"]) if "about" in given else ():
            pairs |= {
                (about, outcome) for outcome in texts(given["outcome"]) if outcome not in ("chargeback_", "change_")
            }
    pairs |= {("command", answer) for answer in payouts.ANSWERS} | {
        ("command", outcome) for outcome in (*cases.OUTCOMES, *cases.OF_CONFLICT, *disputes.OUTCOMES, *OUTCOMES)
    }
    pairs |= {("command", to) for to in lifecycles.LIFECYCLES["claim"]["open"]}
    pairs |= {("command", to) for to in ("active", "paused", "ended")} | {
        ("event", to) for to in ("suspended", "active", "left")
    }
    pairs |= {("event", "enrolled"), ("event", "terms_accepted"), ("enrolment", "enrolled")}
    pairs |= {("command", f"pilot_{how}") for how in ("started", "enlarged", "everybody", "again", "stopped")}
    pairs |= {("message", f"message_{what}") for what in ("sent", "refused", "unknown", "withheld")}
    pairs |= {("command", f"message_{what}") for what in ("ordered", "sent", "withheld")}
    pairs |= {("timer", f"message_{what}") for what in ("ordered", "deferred", "withheld")}
    pairs |= {("command", f"payee_{what}") for what in ("asked", "confirmed", "withdrawn")}
    pairs |= {("command", f"feed_{what}") for what in ("silenced", "heard")}
    pairs |= {("refund", f"chargeback_{how}") for how in ("kept", "lost")}
    pairs |= {("command", f"change_{to}") for to in lifecycles.LIFECYCLES["change"]["open"]}
    pairs |= {
        ("timer", outcome)
        for outcome in (
            "nothing_to_do",
            "in_review",
            "case_open",
            "contested",
            "expired",
            "escalated",
            "standing_approved",
            "lapsed",
            "deal_expired",
            "credit_expired",
            "credit_stopped",
            "welcome_approved",
            "offer_expired",
            "offer_bound",
            "drafts_ordered",
            "payee_set",
        )
    }
    pairs |= {("standing", outcome) for outcome in ("approved", "approved.welcome", "noted", "waits")}
    pairs |= {("offer", outcome) for outcome in ("issued", "bound", "freed", "redeemed", "moved", "ended")}
    pairs -= {("reward", "earned"), ("reward", "adjusted"), ("reward", "corrected")}  # told with their amounts
    assert {f"{about}.{outcome}" for about, outcome in pairs} == said("done") - earned


def test_refusals_that_concern_beneficiaries_have_words_of_their_own() -> None:
    """All but those of commands and of wrong deliveries; none is invented."""
    assert said("refused") <= set(Refusal.__members__)
    of_commands = {
        "in_future", "unknown_program", "program_required", "refund_exceeds", "chargeback_unknown", "not_permitted", "not_found",
        "wrong_state", "nothing_to_do", "item_changed", "hold_running", "case_open", "below_payout_minimum", "payee_missing",
        "contested", "routed_elsewhere", "routing_invalid", "standing_invalid", "rules_author",
        "appeal_over", "too_many", "evidence_missing", "evidence_not_opened",
        "exceeds_receivable", "not_due",
        "outside_scope", "owner_scoped", "rewards_open", "own_work", "rail_answers", "same_member", "rules_invalid", "not_forward",
        "over_limit", "second_member_needed", "too_many_consents", "already_protected", "conflict_not_seen",
        "in_past", "credit_left", "tax_form_missing", "tax_form_over", "payee_asked", "payee_refused", "pilot_running", "pilot_invalid",
        "feed_silent", "owner_missing", "not_ready",
    }  # fmt: skip
    assert set(Refusal.__members__) - said("refused") == of_commands


def told() -> World:
    """A history with most kinds of decisions in it."""
    parts, lines = stories(__file__)["Most kinds of decisions"]
    made = world(**parts)
    tell(made, lines)
    for case in made.cases():
        made.command(events.CaseDecided, case=case.id, outcome="cleared", reason="fine")
    made.tick("2024-04-01")
    for person in ("ann", "bob", "bea"):
        made.payee(person)
    made.approve([r for r in made.rewards() if r.amount], actor=member("mia", "approver"))
    made.tick("2024-05-20")
    made.release(made.draft("ann", "bob"))
    return made


def verdicts(made: World) -> list[Verdict]:
    return [verdict for _, _, decision in made.log for verdict in decision.verdicts]


def test_every_verdict_reads() -> None:
    """Each has both sentences and one for each step, in order; all are whole sentences."""
    for verdict in verdicts(told()):
        said = words.sentences(verdict)
        assert [code for code, _ in said.steps] == [step.code for step in verdict.steps]
        for sentence in (said.beneficiary, said.finance, *(sentence for _, sentence in said.steps)):
            assert re.fullmatch(r"[A-Za-z0-9\"'].*[.]", sentence, re.DOTALL), sentence
            assert "None" not in sentence, sentence


def test_the_beneficiary_reads_nothing_about_others_and_no_thresholds() -> None:
    """No id, no person, no figure but one's own amount and date; finance has them."""
    made = told()
    for verdict in verdicts(made):
        said = words.sentences(verdict)
        own = {
            f"{amount / 100:.2f}"
            for amount in (
                verdict.amount or 0,
                *(s.values.get("amount", 0) or 0 for s in verdict.steps if s.code == "was"),
            )
        }
        without_dates = re.sub(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b", "", said.beneficiary)
        assert set(re.findall(r"\d+(?:\.\d+)?", without_dates)) <= own, said.beneficiary
        assert not re.search(r"\b(ann|amy|bob|bea|ben|main|evt_|rwd_|ref_)\b", said.beneficiary)
    earned = next(v for v in verdicts(made) if v.side == "advocate" and v.outcome == "earned")
    finance = words.sentences(earned).finance
    for figure in (
        "12.5 %",
        "100.00 EUR",
        "12.50 EUR",
        "20.00 EUR",
        "30.00 EUR",
        "0 of 1",
        "2024-03-04T00:00:00Z",
        "review_limit",
    ):
        assert figure in finance, finance


def test_a_flagged_reward_reads_like_any_other() -> None:
    """Whoever tries to deceive learns nothing from the sentence."""
    earned = next(v for v in verdicts(told()) if v.side == "advocate" and v.outcome == "earned")
    assert earned.flags
    assert words.sentences(earned).beneficiary == words.sentences(msgspec.structs.replace(earned, flags=())).beneficiary


def test_what_a_beneficiary_reads() -> None:
    """The words of the two ends of a referral, and of a refund."""
    made = world()
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR\n02-03 refund bob-1 40.00")
    by_code = {(v.outcome, v.side): words.sentences(v).beneficiary for v in verdicts(made)}
    assert by_code["earned", "advocate"] == (
        "You earn 10.00 EUR because a friend whom you recommended has ordered. It waits until 3 March 2024, "
        "in case the order is returned. A person decides it by 10 March 2024, and what is approved is paid as the program's "
        "calendar of payouts says. A refund of the order would lower it."
    )
    assert by_code["earned", "friend"].startswith("You earn 5.00 EUR for coming by a recommendation.")
    assert (
        by_code["adjusted", "advocate"]
        == "Your reward is 6.00 EUR instead of 10.00 EUR now, because money was given back for the order."
    )
    assert by_code["adjusted", "friend"] == "Money was given back for the order. Your reward stays 5.00 EUR."


def test_an_explanation_without_referral_is_small() -> None:
    """Most events of a company concern no referral: what is said of them takes at most 200 bytes each."""
    made = world()
    made.click("ANN", "v1")
    made.send(events.CustomerUpdated, person="bob", traits={"plan": "team"})
    made.buy("nobody")
    made.buy("nobody")
    made.refund("nobody-1", 5_000)
    made.refund("other-1", 5_000)
    made.lead("visitor", visitor="v9")
    made.buy("other", visitor="v8")
    sizes = {type(event).__name__: len(msgspec.json.encode(decision.verdicts)) for event, _, decision in made.log[3:]}
    assert max(sizes.values()) <= 200, sizes
    assert len(sizes) == 5


# --- holds ------------------------------------------------------------------------------------------------------------


def waits(made: World, reward: Reward, **more: Any) -> list[str]:
    """What a reward waits for now."""
    payout = made.state.get(Payout, reward.payout) if reward.payout is not None else None
    payee = made.state.get(Payee, reward.beneficiary)
    return holds.of(
        reward,
        as_of=made.now,
        cases=made.cases(status="open"),
        claims=made.claims(),
        payee=payee,
        payout=payout,
        **more,
    )


def test_every_hold_happens_and_ends() -> None:
    """The whole way of one reward shows each hold in turn, each of the four cases besides, and nothing at the end."""
    made = world(payout_minimum={"EUR": 5_000})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    mine = {"beneficiary": "ann"}
    seen = [waits(made, made.reward(**mine))]
    made.tick(made.reward(**mine).hold_until)
    seen.append(waits(made, made.reward(**mine)))
    made.payee("ann")
    seen.append(waits(made, made.reward(**mine)))
    made.approve(made.rewards(**mine), member("mia", EUR=1))
    seen.append(waits(made, made.reward(**mine)))
    made.command(events.RewardsRejected, member("mia", EUR=1), items=made.items(made.rewards(**mine)), reason="x")
    seen.append(waits(made, made.reward(**mine)))
    made.approve(made.rewards(**mine), member("max"))
    seen.append(waits(made, made.reward(**mine)))
    made.tick(made.reward(**mine).due_at or 0)
    seen.append(waits(made, made.reward(**mine)))
    assert made.draft("ann") == []
    assert made.log[-1][2].verdicts[0].refusal == "below_payout_minimum"
    seen.append(waits(made, made.reward(**mine), draft="below_payout_minimum"))
    seen.append(waits(made, made.reward(**mine), draft="tax_form_missing"))
    tell(made, "12-01 lead bea code=ANN\n12-01 buy bea 900.00 EUR")
    made.approved(beneficiary="ann", friend="bea")
    made.tick("2025-03-01")
    (payout,) = made.draft("ann")
    first = made.rewards(**mine)[0].id
    for actor in (member("mia", EUR=1), member("max")):
        seen.append(waits(made, made.reward(id=first)))
        made.release([made.payout(payout.id)], actor)
    made.answer(payout, "processing")
    seen.append(waits(made, made.reward(id=first)))
    made.answer(payout, "unknown")
    seen.append(waits(made, made.reward(id=first)))
    made.answer(payout, "completed")
    assert [*seen, waits(made, made.reward(id=first))] == [
        ["hold_period"], ["payee_missing", "review"], ["review"], ["second_person"],
        ["second_person", "second_rejection"], ["not_due"], ["payout"], ["payout_minimum"],
        ["tax_form", "payout"], ["release"], ["second_release"], ["on_its_way"], ["rail_asked"], [],
    ]  # fmt: skip
    assert {
        code
        for codes in [*seen, bank_hold(), *payee_holds(), *map(case_hold, CASES), *map(claim_hold, ((), ("tch_1",)))]
        for code in codes
    } == set(holds.HOLDS)


CASES = dict(rows(__file__, "Cases"))


def bank_hold() -> list[str]:
    """What a reward waits for whose payout the bank booked after it had refused it."""
    made = world(hold="0d", payouts={"every": "once"})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.approved(beneficiary="ann")
    (payout,) = made.draft("ann")
    made.release([payout])
    for outcome in ("processing", "failed"):
        made.answer(payout, outcome)
    line = events.BankLine(id="bkg_1", said="booked", payout=payout.id, amount=-payout.amount, unit="EUR")
    said = {"file": "0" * 64, "form": "mt940", "statement": "stm_1", "others": 0, "size": 1}
    made.command(events.StatementRead, CLERK, lines=(line,), **said)
    return waits(made, made.reward(beneficiary="ann"))


def payee_holds() -> list[list[str]]:
    """What a reward waits for while a case about the name of its payee is open, and once it was found to be another's."""
    made = world(hold="0d", payouts={"every": "once"})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    (reward,) = made.approved(beneficiary="ann")
    said = {"destination": reward.destination, "answer": "no_match", "provider": "bank", "answered_at": made.now}
    made.command(events.PayeeChecked, CLERK, person="ann", **said)
    seen = [waits(made, made.reward(beneficiary="ann"))]
    (case,) = made.cases()
    made.command(events.CaseDecided, case=case.id, outcome="confirmed", reason="other")
    seen.append(waits(made, made.reward(beneficiary="ann")))
    assert seen == [["payee_asked", "payout"], ["payee_refused", "payout"]]
    return seen


def test_every_case_over_rewards_is_a_hold() -> None:
    """What opens a case with rewards in it has its line; a case without rewards holds nothing."""
    kinds = set().union(
        *(texts(call.args[1]) for call in calls("open_case") if not isinstance(call.args[-1], ast.List))
    )
    kinds |= set().union(*(texts(call.args[2]) for call in calls("case_of")))
    assert {f"case_{kind}" for kind in kinds} == {code for code in holds.HOLDS if code.startswith("case_")}


def case_hold(line: str) -> list[str]:
    made = world(review={} if line else {"over": {"EUR": 1}})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR\n02-02 refund bob-1 10.00 some")
    tell(made, line.replace("; ", "\n"))
    return waits(made, made.reward(beneficiary="ann"))


def claim_hold(evidence: tuple[str, ...]) -> list[str]:
    made = world()
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    fields = {"program": made.program(), "person": "bob", "advocates": (("amy", 1, 1),), "lead_at": made.now}
    made.command(events.ClaimEntered, **fields, reason="mail", evidence=evidence)
    return waits(made, made.reward(beneficiary="ann"))


def test_a_claim_holds() -> None:
    """With evidence it is contested, without it is a request; both are named beside the hold."""
    assert [claim_hold(evidence) for evidence in ((), ("tch_1",))] == [
        ["hold_period", "request"],
        ["hold_period", "contested"],
    ]


@pytest.mark.parametrize("line", CASES)
def test_a_case_holds(line: str) -> None:
    """Whatever opened it, an open case is named beside the hold."""
    assert case_hold(line) == ["hold_period", CASES[line]]


def test_time_of_the_builder() -> None:
    """A date without a year is of 2024, so that the dates above mean what they say."""
    assert at("02-01") == at("2024-02-01T00:00")
