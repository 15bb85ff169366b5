"""What is known of a customer beside their referrals: which country counts where a condition asks for one."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import World, advocate, at

from goodword.core import events
from goodword.core.customers import MOST_CONSENTS, MOST_SURVEYS
from goodword.core.state import Consent, Customer

GERMAN = {"conditions": [{"kind": "country", "any_of": ["DE"]}], "counts": {"months": 12}}


@pytest.mark.parametrize(
    "story",
    [
        # the lead's country stands, whatever a conversion names for itself
        """02-01 lead bob code=ANN country=DE
           02-02 buy bob 10.00 EUR invoice=1 country=AT -> refused condition_not_met
           02-03 buy bob 10.00 EUR invoice=2            -> ann 1.00 EUR
           02-04 buy bob 10.00 EUR invoice=3 country=DE -> ann 1.00 EUR""",
        # without it the first conversion that names one says it
        """02-01 lead bob code=ANN
           02-02 buy bob 10.00 EUR invoice=1            -> refused condition_not_met
           02-03 buy bob 10.00 EUR invoice=2 country=DE -> ann 1.00 EUR
           02-04 buy bob 10.00 EUR invoice=3 country=AT -> refused condition_not_met
           02-05 buy bob 10.00 EUR invoice=4            -> ann 1.00 EUR""",
    ],
)
def test_a_later_conversion_names_no_other_country_than_its_own(story: str) -> None:
    """A conversion's country counts for itself; it is the customer's only where none was known. So what names none has the first."""
    made = world(rewards=[advocate(percent="10")], conversion=GERMAN)
    tell(made, story)
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    assert customer.country == "DE"


def test_a_later_lead_names_the_country_anew() -> None:
    """Who becomes known once more has the country that is said then."""
    made = world(rewards=[advocate(percent="10")], conversion=GERMAN)
    tell(
        made,
        """02-01 lead bob code=ANN country=AT
           02-02 buy bob 10.00 EUR invoice=1 -> refused condition_not_met
           02-03 lead bob country=DE
           02-04 buy bob 10.00 EUR invoice=2 -> ann 1.00 EUR""",
    )


def test_what_is_said_of_a_customer_is_set_and_the_rest_stays() -> None:
    """Each event sets what it names; the country counts for conditions from then on."""
    made = world(rewards=[advocate(percent="10")], conversion=GERMAN)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 10.00 EUR invoice=1 -> refused condition_not_met")
    made.send(
        events.CustomerUpdated, person="bob", traits={}, language="de-AT", time_zone="Europe/Vienna", country="DE"
    )
    made.send(events.CustomerUpdated, person="bob", traits={}, company="cmp", language="de")
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    said = customer.language, customer.time_zone, customer.country, customer.company
    assert said == ("de", "Europe/Vienna", "DE", "cmp")
    tell(made, "02-03 buy bob 10.00 EUR invoice=2 -> ann 1.00 EUR")


def _earned() -> World:
    made = world()
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    return made


def test_a_mail_that_a_customer_turns_out_to_have_stops_what_is_open_as_it_comes() -> None:
    """It shows that the friend is who earns; an update without mail or phone asks nobody."""
    made = _earned()
    made.recognise(("mail", "one", "bob", True), ("mail", "one", "ann", True))
    made.send(events.CustomerUpdated, person="bob", traits={})
    assert made.cases() == []
    made.send(events.CustomerUpdated, person="bob", traits={}, keys=("mail",))
    (case,) = made.cases()
    assert [flag.code for flag in case.flags] == ["self_referral"]


def _agreed(made: World, outcome: str, when: str, **more: object) -> str:
    said = made.send(events.ConsentRecorded, person="bob", outcome=outcome, when=at(when), **more).verdicts[0]
    return said.refusal or said.outcome


def test_what_was_said_last_of_a_purpose_holds_in_whatever_order_it_is_told() -> None:
    """By when it was said; each channel for itself."""
    made = _earned()
    _agreed(made, "revoked", "02-04", purpose="news", channel="email")
    _agreed(made, "given", "02-03", purpose="news", channel="email")
    _agreed(made, "given", "02-03", purpose="news")
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    assert {key: said.given for key, said in customer.consents.items()} == {"news:email": False, "news": True}
    assert customer.consents["news"] == Consent(given=True, at=at("02-03"))
    assert made.cases() == []


@pytest.mark.parametrize(
    ("outcome", "more", "flagged"),
    [
        ("revoked", {}, "withdrawn"),
        ("revoked", {"channel": "sms"}, "withdrawn"),
        ("given", {}, None),
        ("given", {"until": at("02-09")}, None),
        ("given", {"until": at("02-03")}, "expired"),
    ],
)
def test_consent_to_be_recommended_that_is_taken_back_or_over_stops_what_is_open(
    outcome: str, more: dict[str, object], flagged: str | None
) -> None:
    """And what is earned later is flagged as it comes; of other purposes nothing is."""
    made = world(rewards=[advocate(percent="10")], conversion={"counts": {"months": 12}})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR invoice=1")
    _agreed(made, "revoked", "02-04", purpose="news")
    assert made.cases() == []
    _agreed(made, outcome, "02-04", purpose="referral", **more)
    told = [flag.evidence for case in made.cases() for flag in case.flags]
    assert told == ([{"consent": flagged}] if flagged else [])
    made.buy("bob", 10_000, at("02-05"), invoice="2")
    later = [flag.evidence for case in made.cases()[1:] for flag in case.flags]
    assert later == ([{"consent": flagged}] if flagged else [])


def test_a_consent_that_is_given_again_flags_nothing_that_comes() -> None:
    """Also where a declared trait says otherwise: what was recorded goes before it."""
    made = world()
    tell(made, "02-01 lead bob code=ANN")
    made.send(events.CustomerUpdated, person="bob", traits={"consent": False})
    _agreed(made, "revoked", "02-02", purpose="referral")
    _agreed(made, "given", "02-03", purpose="referral")
    made.buy("bob", 10_000, at("02-04"))
    assert made.cases() == []


def test_no_more_than_so_many_consents_are_kept_of_one_person() -> None:
    """One more is refused; what is known can be said anew, and that they are not to be recommended is taken in any case."""
    made = _earned()
    for number in range(MOST_CONSENTS):
        assert _agreed(made, "given", "02-03", purpose=f"p{number}") == "recorded"
    assert _agreed(made, "revoked", "02-03", purpose="one-more") == "too_many_consents"
    assert _agreed(made, "revoked", "02-04", purpose="p0") == "recorded"
    assert _agreed(made, "given", "02-04", purpose="referral", channel="sms") == "too_many_consents"
    assert made.cases() == []
    for channel in ("sms", "email"):
        assert _agreed(made, "revoked", "02-05", purpose="referral", channel=channel) == "recorded"
    (case,) = made.cases()
    assert [flag.evidence for flag in case.flags] == [{"consent": "withdrawn"}]
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    assert len(customer.consents) == MOST_CONSENTS + 1


def _answer(made: Any, survey: str, score: int, when: str, person: str = "bob") -> None:
    scale = {} if survey == "nps" else {"low": 0, "high": 100}
    told = made.send(events.SurveyAnswered, when=when, person=person, survey=survey, score=score, **scale)
    assert [it.outcome for it in told.verdicts] == ["recorded"]


def _answers(made: Any, person: str = "bob") -> dict[str, tuple[int, int, int]]:
    customer = made.state.get(Customer, person)
    return {name: (it.score, it.low, it.high) for name, it in customer.answers.items()}


def test_the_answer_to_a_survey_that_was_given_last_holds() -> None:
    """One of before that is told later changes nothing; of one's own surveys the newest are kept, and NPS always."""
    made = _earned()
    _answer(made, "nps", 9, "02-03")
    _answer(made, "nps", 3, "02-02")
    assert _answers(made) == {"nps": (9, 0, 10)}
    _answer(made, "nps", 4, "02-03")
    for number in range(MOST_SURVEYS + 1):
        _answer(made, f"s{number:02}", number, f"02-{number + 1:02}")
    found = _answers(made)
    assert found["nps"] == (4, 0, 10)
    assert "s00" not in found
    assert found["s01"] == (1, 0, 100)
    assert len(found) == MOST_SURVEYS + 1


def test_of_two_accounts_that_are_merged_the_newest_answer_holds() -> None:
    """Whichever account gave it."""
    made = _earned()
    _answer(made, "nps", 9, "02-03")
    _answer(made, "nps", 2, "02-04", "bobby")
    _answer(made, "ours", 80, "02-01", "bobby")
    made.send(events.PersonMerged, keep="bob", gone="bobby")
    assert _answers(made) == {"nps": (2, 0, 10), "ours": (80, 0, 100)}


def test_two_accounts_that_are_merged_agreed_to_what_was_said_last() -> None:
    """Of each purpose; what was taken back at the same instant is taken back."""
    made = _earned()
    for person, outcome, when, purpose in (
        ("bob", "given", "02-03", "a"),
        ("bo", "revoked", "02-04", "a"),
        ("bob", "revoked", "02-03", "b"),
        ("bo", "given", "02-03", "b"),
        ("bo", "given", "02-03", "c"),
    ):
        made.send(events.ConsentRecorded, person=person, purpose=purpose, outcome=outcome, when=at(when))
    made.send(events.CustomerUpdated, person="bo", traits={}, language="fr")
    made.send(events.PersonMerged, keep="bob", gone="bo")
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    assert ({key: said.given for key, said in customer.consents.items()}, customer.language) == (
        {"a": False, "b": False, "c": True},
        "fr",
    )
