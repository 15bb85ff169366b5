"""A customer is bound in one program; another program's claim is a case for a person."""

from testkit.world import World


def test_another_programs_claim_opens_one_case() -> None:
    """The binding stands, a claim is open, and a case names the flag; a repeat of the claim opens no second case."""
    # Ann recommends in the main program, which brings bob first, and cid in the second.
    ws = World()
    ws.publish()
    ws.publish(program="second")
    ws.enrol("ann", "MAIN", program=ws.program())
    ws.enrol("cid", "SECOND", program=ws.program("second"))
    ws.lead("bob", code="MAIN")
    for _ in range(2):
        decision = ws.lead("bob", code="SECOND")
        refused = [v.refusal for v in decision.verdicts if v.program == ws.program("second")]
        assert refused == ["already_bound"]
    cases = ws.cases(kind="duplicate_claim")
    assert [flag.code for case in cases for flag in case.flags] == ["duplicate_claim"]
    assert [claim.kind for claim in ws.claims()] == ["other_program"]
