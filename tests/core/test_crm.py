"""How sure it is that a record of a CRM is somebody, and that what a person says of it holds."""

from testkit.world import OWNER, World, member

from goodword.core import events
from goodword.core.crm import SURE, Match, Record, match, of_company, ranked
from goodword.core.state import Customer

FIRM = {"domains": frozenset({"cmp_domain"}), "companies": frozenset({"cmp_name"}), "refs": frozenset({"cmr_7"})}
BOB = Record(frozenset({"bob", "hubspot:151"}), frozenset({"bob@firm.example"}), **FIRM)


def by(**record: frozenset[str]) -> tuple[str, str, bool] | None:
    found = match(Record(**record), "per_bob", BOB)
    return None if found is None else (found.by, found.confidence, found.binds)


def test_a_record_is_somebody_by_the_surest_that_is_equal() -> None:
    """What the company calls them and their mailbox are exact; pipeline and company probable, a name possible: these bind nothing."""
    near = frozenset({"hubspot:151"})
    assert by(names=frozenset({"bob"}), near=near, **FIRM) == ("external_id", "exact", True)
    assert by(mails=frozenset({"bob@firm.example"}), **FIRM) == ("mail", "exact", True)
    assert by(near=near, **FIRM) == ("association", "probable", False)
    assert by(**FIRM) == ("company_ref", "probable", False)
    assert by(domains=FIRM["domains"], companies=FIRM["companies"]) == ("domain", "probable", False)
    assert by(companies=FIRM["companies"]) == ("name", "possible", False)
    assert by(names=frozenset({"eve"}), mails=frozenset({"eve@firm.example"}), domains=frozenset({"other"})) is None
    assert by() is None


def test_the_surest_stand_first() -> None:
    found = [Match(f"per_{place}", by, sure) for place, (by, sure) in enumerate(SURE.items())]
    assert ranked(reversed(found)) == found


def test_somebody_belongs_to_a_company_as_their_sender_or_their_mail_says() -> None:
    """What tells nobody from others, such as n/a, is no company."""
    people = [
        Customer(person="a", company="cmr_7", company_as="id", domain="cmp_a", domain_of_mail=True),
        Customer(person="b", company="cmp_b", company_as="name", domain="cmp_c"),
        Customer(person="c", company="cmp_none"),
    ]
    said = {"refs": {"cmr_7"}, "domains": {"cmp_a", "cmp_c"}, "companies": {"cmp_b"}}
    assert of_company(people) == said


def test_a_match_that_was_declined_stays_so_also_for_whom_the_contact_is_merged_into() -> None:
    """Once; of a referral of that program."""
    made, sam = World(), member("sam", "support")
    made.join(OWNER, sam)
    made.publish()
    made.enrol("ann")
    made.lead("bob", code="ANN")
    made.lead("carla")
    [referral] = made.state.get(Customer, "bob").referrals  # type: ignore[union-attr]

    def decline(person: str, of: str = referral) -> str:
        program = made.program()
        verdict = made.command(events.MatchDeclined, sam, program=program, person=person, referral=of).verdicts[0]
        return verdict.refusal or verdict.outcome

    assert decline("bob") == "nothing_to_do", "they came by it"
    assert decline("carla") == "match_declined"
    assert decline("carla") == "nothing_to_do"
    assert decline("carla", "ref_none") == "not_found"
    assert decline("whom only a deal named") == "match_declined"
    made.send(events.PersonMerged, keep="cleo", gone="carla")
    cleo = made.state.get(Customer, "cleo")
    assert cleo is not None
    assert cleo.unlike == (referral,)
    assert decline("carla") == "nothing_to_do"
