"""Payment details are checked where they are entered: what each rail takes, what it makes of it, and what it says is wrong."""

import pytest
from stdnum import iban as registry

from goodword.outbound.rails import REGISTRY, DetailsError, Rail, RailModeError, checked, for_mode
from goodword.outbound.rails.accounts import bic, iban
from goodword.outbound.rails.details import country

NAME = {"name": "Ann Example"}
IBAN = "DE89370400440532013000"


def _problems(rail: str, details: dict[str, str]) -> dict[str, str]:
    with pytest.raises(DetailsError) as caught:
        checked(REGISTRY[rail].fields, details)
    assert len({one.field for one in caught.value.problems}) == len(caught.value.problems)
    return {one.field: one.expected for one in caught.value.problems}


@pytest.mark.parametrize("rail", REGISTRY.values(), ids=REGISTRY)
def test_every_rail_says_what_its_fields_mean_with_an_example_that_it_takes(rail: type[Rail]) -> None:
    """Names are plain, a meaning is a sentence, and the example of each field passes its own check unchanged."""
    assert len({field.name for field in rail.fields}) == len(rail.fields)
    assert rail.fields or "cash" not in rail.kinds  # credit of our own goes to no details
    for field in rail.fields:
        assert field.name.isidentifier()
        assert field.name.islower()
        assert field.meaning.endswith(".")
        assert field.check(field.example) == field.example


@pytest.mark.parametrize(
    ("details", "kept"),
    [
        (NAME | {"iban": "de89 3704 0044\u00a00532 0130 00"}, NAME | {"iban": IBAN}),
        (NAME | {"iban": IBAN, "bic": "cobadeff"}, NAME | {"iban": IBAN, "bic": "COBADEFF"}),
        (NAME | {"account": " 00012 345 ", "bank": "021000021"}, NAME | {"account": "00012 345", "bank": "021000021"}),
        ({"name": "  Jose\u0301 \n Ruiz ", "iban": IBAN}, {"name": "Jos\u00e9 Ruiz", "iban": IBAN}),
        ({"name": "x" * 70, "iban": IBAN}, {"name": "x" * 70, "iban": IBAN}),
        ({"name": "=cmd()", "iban": IBAN}, {"name": "=cmd()", "iban": IBAN}),
    ],
)
def test_the_bank_file_keeps_details_in_their_canonical_form(details: dict[str, str], kept: dict[str, str]) -> None:
    """Spaces, case and spelling of what means the same are made one, so that the same account is never another destination."""
    assert checked(REGISTRY["bank_file"].fields, details) == kept
    assert checked(REGISTRY["bank_file"].fields, kept) == kept


@pytest.mark.parametrize(
    ("details", "wrong"),
    [
        ({}, {"name": "missing", "iban": "or give account and bank instead"}),
        ({"iban": IBAN}, {"name": "missing"}),
        (NAME | {"account": "12345"}, {"bank": "missing"}),
        (NAME | {"bank": "021000021"}, {"account": "missing"}),
        (NAME | {"bic": "COBADEFF"}, {"iban": "missing"}),
        (NAME | {"ibna": IBAN}, {"ibna": "did you mean iban?", "iban": "missing"}),
        (NAME | {"IBAN": IBAN}, {"IBAN": "did you mean iban?", "iban": "missing"}),
        (NAME | {"iban": IBAN, "zest": "red"}, {"zest": "the fields are name, iban, bic, account, bank"}),
        (NAME | {"iban": IBAN, "account": "12345"}, {"account": "leave it out"}),
        (NAME | {"account": "12345", "bank": "X", "bic": "COBADEFF"}, {"bic": "leave it out"}),
        (NAME | {"iban": IBAN, "bic": "COBA"}, {"bic": "a BIC"}),
        (NAME | {"account": IBAN, "bank": "X"}, {"account": "an IBAN goes into the field iban"}),
        (NAME | {"account": "IBAN: de89-3704-0044-0532-0130-01", "bank": "X"}, {"account": "goes into the field iban"}),
        (NAME | {"account": "-12345", "bank": "X"}, {"account": "begins with a digit or a letter"}),
        (NAME | {"account": "1" * 35, "bank": "X"}, {"account": "at most 34 characters, not 35"}),
        ({"name": "x" * 71, "iban": IBAN}, {"name": "at most 70 characters, not 71"}),
        ({"name": " ", "iban": IBAN}, {"name": "not empty"}),
        ({"name": "Ann\0", "iban": IBAN}, {"name": "control characters"}),
        ({"name": "\u202egnp.exe", "iban": IBAN}, {"name": "control characters"}),
        (
            {"nmae": "Ann", "iban": "DE89370400440532013001", "bic": "1"},
            {"nmae": "did you mean name?", "name": "missing", "iban": "check digits", "bic": "a BIC"},
        ),
    ],
)
def test_the_bank_file_names_all_that_is_wrong_at_once(details: dict[str, str], wrong: dict[str, str]) -> None:
    """Unknown, missing, wrong and superfluous fields are each named with what was expected, and no others."""
    found = _problems("bank_file", details)
    assert found.keys() == wrong.keys()
    for field, text in wrong.items():
        assert text in found[field], found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DE89370400440532013001", "check digits"),
        ("DE98370400440532013000", "check digits"),
        ("DE8937040044053201300", "length and form"),
        ("DE00 NOT AN IBAN", "two letters"),
        ("", "two letters"),
        ("89370400440532013000", "two letters"),
        ("\u0414E89370400440532013000", "two letters"),
    ],
)
def test_what_is_no_iban_is_told_so(text: str, said: str) -> None:
    """A wrong digit, two that changed places, one that is missing, another alphabet: each is an error that says what is expected."""
    with pytest.raises(ValueError, match=said):
        iban(text)


def test_the_form_of_an_iban_is_that_of_its_country() -> None:
    """With right check digits all the same: another length, letters for digits, a country without IBANs are refused."""
    for start, rest, said in (
        ("DE", "37040044053201300", "form of IBANs of DE"),
        ("DE", "3704004405320130000", "form of IBANs of DE"),
        ("DE", "37040044053201300A", "form of IBANs of DE"),
        ("US", "370400440532013000", "US is no country"),
    ):
        digits = registry.calc_check_digits(f"{start}00{rest}")
        with pytest.raises(ValueError, match=said):
            iban(f"{start}{digits}{rest}")


def test_check_digits_have_one_spelling() -> None:
    """Digits below 02 or above 98 leave the same rest as right ones and are still wrong."""
    for n in range(1_000):
        rest = f"{n:018}"
        right = registry.calc_check_digits(f"DE00{rest}")
        assert iban(f"DE{right}{rest}") == f"DE{right}{rest}"
        for other in {f"{int(right) + 97:02}", f"{int(right) - 97:02}"}:
            if len(other) == 2 and other.isdigit():
                with pytest.raises(ValueError, match="check digits"):
                    iban(f"DE{other}{rest}")
                return
    pytest.fail("no number with a second spelling was tried")


@pytest.mark.parametrize("text", ["COBADEF", "COBADEFFX", "C0BADEFF", "COBAZZFF", "COBADEFFXXXX", ""])
def test_what_is_no_bic_is_told_so(text: str) -> None:
    """Eight or eleven characters with a country in the middle, or an error."""
    with pytest.raises(ValueError, match="a BIC"):
        bic(text)


@pytest.mark.parametrize(("text", "is_"), [("UK", "GB"), ("el", "GR"), ("XX", "ISO 3166"), ("D", "DE"), ("ÄÖ", "DE")])
def test_what_is_no_country_is_told_so(text: str, is_: str) -> None:
    """A message with a country that there is not has the form of one, and a bank refuses all of it."""
    assert country(" gb ") == "GB"
    with pytest.raises(ValueError, match=is_):
        country(text)


def test_the_sandbox_takes_a_script_and_a_name() -> None:
    """Both may be left out; another script, and whatever only a bank needs, is an error."""
    fields = REGISTRY["sandbox"].fields
    for details in ({}, {"script": "late"}, {"script": "fail", "name": "Ann"}):
        assert checked(fields, details) == details
    assert _problems("sandbox", {"script": "sucseed", "iban": IBAN}).keys() == {"script", "iban"}


def test_a_rail_names_the_modes_that_it_works_in() -> None:
    """The sandbox rail pays nobody and works in no live workspace; the error names what does."""
    assert for_mode(REGISTRY, "sandbox", "sandbox") is REGISTRY["sandbox"]
    assert for_mode(REGISTRY, "bank_file", "live") is REGISTRY["bank_file"]
    with pytest.raises(RailModeError, match="take one of bank_file") as caught:
        for_mode(REGISTRY, "sandbox", "live")
    assert caught.value.code == "rail_not_live"
