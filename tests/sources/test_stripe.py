"""Stripe's signature and events: who signed is known, each object becomes the same events whatever tells of it, and no unit is lost."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from testkit import stripe
from testkit.stripe import AT, SECRET, VERSIONS, Story, signed
from tests.conftest import ROOT

from goodword.core import calendar
from goodword.core.money import CURRENCIES
from goodword.sources.base import ByPayment, Paid, Problem, RefusedError, Request, Unfetched
from goodword.sources.stripe import amounts
from goodword.sources.stripe.mapping import TYPES
from goodword.sources.stripe.signature import check, is_secret
from goodword.sources.stripe.source import SOURCE
from goodword.sources.stripe.table import FIELDS

NOW = calendar.parse("2026-11-27T12:00:00Z")
SECONDS = NOW // calendar.SECOND
OTHER = "whsec_" + "Z9y8" * 8


def request(body: bytes, header: str = "", *, live: bool = False) -> Request:
    return Request("/hooks/stripe/wsp", lambda name: header if name == b"stripe-signature" else "", body, NOW, live)


def made(said: Any, *, live: bool = False) -> Any:
    """Return what an event becomes: what it says of payments, and its events as their fields; or what is wrong."""
    [item] = SOURCE.read(request(stripe.body(said), live=live))
    mapped = item if isinstance(item, Problem) else SOURCE.map(item)
    return mapped if isinstance(mapped, Problem) else [shown(one) for one in mapped]


def shown(one: Any) -> Any:
    if isinstance(one, Paid):
        return one
    if isinstance(one, ByPayment):
        return {**_plain(one.wire), "invoice_id": None, "payment": one.payment}
    return _plain(one)


def _plain(wire: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(wire))
    return found


def told(kind: str, object_: Any, version: str | None = VERSIONS[-1], at: int = AT) -> Any:
    return made(stripe.event("evt_1", kind, version, object_, at))


def joined(events: Iterable[Any]) -> dict[str, Any]:
    """Return by id what a story becomes, each event under the invoice that its payment paid, as the intake joins them."""
    mapped = [one for said in events for one in made(said)]
    paid = {one.payment: one.invoice for one in mapped if isinstance(one, Paid)}
    found: dict[str, Any] = {}
    for one in mapped:
        if isinstance(one, Paid):
            continue
        if payment := one.pop("payment", None):
            one["invoice_id"] = paid[payment]
        assert found.setdefault(one["id"], one) == one, "one id, and two contents"
    return found


# --- the signature ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "secrets", "said"),
    [
        (signed(b"{}", SECONDS, SECRET), [SECRET], None),
        (signed(b"{}", SECONDS, OTHER, SECRET), [SECRET], None),
        (signed(b"{}", SECONDS, SECRET), [OTHER, SECRET], None),
        (signed(b"{}", SECONDS - 300, SECRET), [SECRET], None),
        (signed(b"{}", SECONDS + 300, SECRET), [SECRET], None),
        (signed(b"{}", SECONDS, SECRET).replace(",", ", "), [SECRET], None),
        (signed(b"{}", SECONDS - 301, SECRET), [SECRET], "signature_stale"),
        (signed(b"{}", SECONDS + 301, SECRET), [SECRET], "signature_stale"),
        (signed(b"{}", SECONDS - 301, OTHER), [SECRET], "signature_wrong"),
        (signed(b"{} ", SECONDS, SECRET), [SECRET], "signature_wrong"),
        (signed(b"{}", SECONDS, OTHER), [SECRET], "signature_wrong"),
        (signed(b"{}", SECONDS, SECRET).replace(f"t={SECONDS}", f"t={SECONDS + 1}"), [SECRET], "signature_wrong"),
        (signed(b"{}", SECONDS, SECRET).replace("v1=", "v0="), [SECRET], "signature_malformed"),
        (signed(b"{}", SECONDS, SECRET).replace("t=", "t=-"), [SECRET], "signature_malformed"),
        (signed(b"{}", SECONDS, SECRET).replace(str(SECONDS), "٣"), [SECRET], "signature_malformed"),
        (signed(b"{}", SECONDS, *[OTHER] * 101), [SECRET], "signature_malformed"),
        ("t,v1", [SECRET], "signature_malformed"),
        ("", [SECRET], "signature_missing"),
    ],
)
def test_a_signature_is_one_of_several_by_one_of_several_secrets(
    header: str, secrets: list[str], said: str | None
) -> None:
    """Any of those of the header, by any that is held; 300 seconds either way; of what was not signed it is not said how old it is."""
    assert check(request(b"{}", header), [secret.encode() for secret in secrets], NOW) == said


def test_a_secret_is_one_of_an_endpoint() -> None:
    """A key of Stripe's API, or one that was cut, is none."""
    assert [
        text for text in (SECRET, "whsec_", "sk_live_" + "a" * 40, SECRET + " ", SECRET + "\n", "") if is_secret(text)
    ] == [SECRET]


# --- what an event becomes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_purchase_is_the_same_in_every_version(version: str) -> None:
    """What was charged with its parts and lines, two refunds, a dispute and its end, each once, whatever told of them."""
    story = Story(1, version)
    found = joined(story.told())
    assert found.pop("cus_1.lead") | {"occurred_at": ""} == {
        "type": "lead.created",
        "id": "cus_1.lead",
        "occurred_at": "",
        "customer_external_id": "cus_1",
        "link_code": "ANN",
        "customer_email": "bob1@mail.example",
    }
    known = found.pop("evt_1_customer")
    assert (known["email"], known["traits"]) == ("bob1@mail.example", {"gw_code": "ANN"})
    paid = found.pop("in_1.paid")
    assert found.pop("in_1.open") == {
        **paid, "id": "in_1.open", "status": "open", "occurred_at": "2026-03-03T09:00:55Z"
    }  # fmt: skip
    assert paid == {
        "type": "conversion.recorded",
        "id": "in_1.paid",
        "occurred_at": "2026-03-03T09:01:00Z",
        "customer_external_id": "cus_1",
        "customer_email": "bob1@mail.example",
        "invoice_id": "in_1",
        "amount": 11_900,
        "currency": "EUR",
        "tax": 1_900,
        "shipping": 1_000,
        "discount": 1_000,
        "lines": [{"id": "il_1", "product": "prod_shoes", "amount": 9_000, "quantity": 2}],
    }
    assert {(one["id"], one["type"], one["invoice_id"], one.get("amount")) for one in found.values()} == {
        ("re_1_1", "conversion.refunded", "in_1", 3_000),
        ("re_1_2", "conversion.refunded", "in_1", 2_000),
        ("dp_1.opened", "chargeback.opened", "in_1", 2_500),
        ("dp_1.lost", "chargeback.closed", "in_1", None),
    }


def test_every_field_that_is_read_has_its_treatment() -> None:
    """The table is the one of the docs, and each field of it has a name there."""
    text = (ROOT / "docs" / "howto" / "stripe.md").read_text()
    for path, treatment in FIELDS.items():
        name = path.rpartition(".")[2]
        assert f"`{name}`" in text, f"docs/howto/stripe.md does not name {path} ({treatment.how})"
    for kind in TYPES:
        assert f"`{kind}`" in text or kind.rpartition(".")[2] in text, f"docs/howto/stripe.md does not name {kind}"


@pytest.mark.parametrize("currency", ["eur", "jpy", "kwd", "mga", "isk", "ugx"])
def test_amounts_are_minor_units_of_iso_4217(currency: str) -> None:
    """Stripe's own units are others for the ariary, the króna and the shilling; a part of one of ours is refused."""
    places = {"eur": 1, "jpy": 1, "kwd": 1, "mga": 100, "isk": 0.01, "ugx": 0.01}[currency]
    refund = {**Story(1, VERSIONS[-1]).refund(1, 5_000), "currency": currency}
    [found] = told("refund.created", refund)
    assert (found["amount"], found["currency"]) == (5_000 * places, currency.upper())
    if places < 1:
        assert told("refund.created", {**refund, "amount": 5_001}) == Problem("invalid_value", "amount", "evt_1")
    assert all(amounts.minor(100, one) in (1, 100, 10_000) for one in CURRENCIES)


def session(**more: Any) -> dict[str, Any]:
    details = {"email": "bob@mail.example", "name": "Bob", "phone": None, "address": {"country": "DE"}}
    return {
        "id": "cs_1", "object": "checkout.session", "created": AT - 60, "mode": "payment", "payment_status": "paid",
        "customer": None, "customer_details": details, "invoice": None, "payment_intent": "pi_9", "amount_total": 11_900,
        "currency": "eur", "client_reference_id": None, "metadata": {}, "shipping_cost": None,
        "total_details": {"amount_tax": 1_900, "amount_shipping": 1_000, "amount_discount": 0}, **more,
    }  # fmt: skip


def test_a_session_is_a_lead_of_when_it_began_and_a_purchase_where_no_invoice_tells_of_it() -> None:
    """By its payment, so that what goes back finds it; who has no customer is somebody of their own."""
    lead, paid, bought = told("checkout.session.completed", session(client_reference_id="gw_click_tch_01"))
    assert (lead["click_id"], lead["occurred_at"], lead["customer_external_id"], lead["country"]) == (
        "tch_01", "2026-03-03T08:59:00Z", "guest:cs_1", "DE"
    )  # fmt: skip
    assert paid == Paid("pi_9", "pi_9")
    assert (bought["invoice_id"], bought["amount"], bought["tax"], bought["shipping"]) == ("pi_9", 11_900, 1_900, 1_000)
    assert bought["customer_external_id"] == "guest:cs_1"
    assert [
        one["type"] for one in told("checkout.session.completed", session(invoice="in_1", metadata={"gw_code": "ANN"}))
    ] == ["lead.created"]
    assert told("checkout.session.completed", session(invoice="in_1", client_reference_id="user-42")) == []
    assert (
        told("checkout.session.completed", session(invoice_creation={"enabled": True})) == []
    )  # made after it is paid


def test_what_is_paid_later_is_open_until_then() -> None:
    """A session that ends before its money came, and the event that tells that it did, or did not."""
    _, later = told("checkout.session.completed", session(payment_status="unpaid"))
    _, paid = told("checkout.session.async_payment_succeeded", session(), at=AT + 90)
    assert (later["status"], later["id"], paid.get("status", "paid"), paid["id"]) == (
        "open",
        "cs_1.open",
        "paid",
        "cs_1.paid",
    )
    assert told("checkout.session.async_payment_failed", session(payment_status="unpaid")) == []


def test_who_it_is_may_be_said_by_the_company() -> None:
    """With gw_customer in the metadata a customer is the company's own, and Stripe's is said to be the same, once."""
    same, updated = told(
        "customer.updated", {"id": "cus_1", "object": "customer", "created": AT, "metadata": {"gw_customer": "user-42"}}
    )
    assert (same["type"], same["keep_external_id"], same["gone_external_id"]) == ("person.merged", "user-42", "cus_1")
    assert updated["customer_external_id"] == "user-42"
    subscription = {"id": "sub_1", "object": "subscription", "created": AT, "customer": "cus_1", "status": "active"}
    marked = {**subscription, "metadata": {"gw_customer": "user-42", "gw_click": "tch_1"}}
    lead, status = told("customer.subscription.created", marked)
    assert (lead["click_id"], lead["customer_external_id"]) == ("tch_1", "user-42")
    assert (status["traits"], status["customer_external_id"]) == ({"subscription_status": "active"}, "user-42")
    for version, place in ((VERSIONS[1], "subscription_details"), (VERSIONS[2], "parent")):
        details = {"metadata": marked["metadata"]}
        invoice = Story(1, version).invoice() | {
            place: {"subscription_details": details} if place == "parent" else details
        }
        bought = next(one for one in told("invoice.paid", invoice, version) if not isinstance(one, Paid))
        assert (bought["customer_external_id"], bought["click_id"]) == ("user-42", "tch_1")


def test_users_who_buy_as_one_customer_of_stripe_s_stay_apart() -> None:
    """A session says of itself alone whose it is: what it tells is about them, and nobody is merged."""
    for user in ("user-1", "user-2"):
        marks = {"gw_customer": user, "gw_code": "ANN"}
        lead, _, bought = told("checkout.session.completed", session(customer="cus_1", metadata=marks))
        assert (lead["type"], lead["customer_external_id"]) == ("lead.created", user)
        assert (bought["type"], bought["customer_external_id"]) == ("conversion.recorded", user)
        subscription = {"id": "sub_1", "object": "subscription", "created": AT, "customer": "cus_1", "status": "active"}
        found = told("customer.subscription.updated", {**subscription, "metadata": marks})
        assert {one["customer_external_id"] for one in found} == {user}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_invoice_that_a_balance_paid_wholly_stays_open(version: str) -> None:
    """As it was when it was finalized, so that it is a repeat; what was paid in part counts, and so does a debt that was paid too."""
    invoice = Story(1, version).invoice()

    def bought(kind: str, **more: int) -> Any:
        [one] = [one for one in told(kind, {**invoice, **more}, version) if not isinstance(one, Paid)]
        return one

    given = bought("invoice.paid", amount_paid=0, starting_balance=-20_000)
    assert (given["id"], given["status"]) == ("in_1.open", "open")
    assert given == bought("invoice.finalized", amount_paid=0, starting_balance=-20_000)
    for paid, balance in ((1_900, -10_000), (21_900, 10_000), (0, 0)):
        assert bought("invoice.paid", amount_paid=paid, starting_balance=balance)["id"] == "in_1.paid"


def test_a_refund_that_fails_counts_no_more_in_whatever_order() -> None:
    """What says that it failed tells of the refund too, under the id that it has anyway."""
    story = Story(1, VERSIONS[-1])
    first, back = told("refund.failed", story.refund(1, 3_000, "failed"))
    assert [first] == told("refund.created", story.refund(1, 3_000, "pending"))
    assert (back["type"], back["refund_id"], back["payment"]) == ("refund.returned", "re_1_1", "pi_1")


def credit(version: str, **more: Any) -> Any:
    note = {
        "id": "cn_1",
        "object": "credit_note",
        "invoice": "in_1",
        "currency": "eur",
        "created": AT,
        "status": "issued",
    }
    taxes = {"total_taxes" if version >= "2025-03-31" else "tax_amounts": [{"amount": 190}]}
    return told("credit_note.created", {**note, "total": 1_190, **taxes, **more}, version)


def test_a_credit_note_counts_for_what_was_not_refunded() -> None:
    """One without a refund lowers the invoice with its tax; one with refunds by the rest; one that is void no more."""
    for version in VERSIONS:
        [whole] = credit(version)
        assert (whole["refund_id"], whole["amount"], whole["tax"], whole["invoice_id"]) == ("cn_1", 1_190, 190, "in_1")
        assert [one["type"] for one in credit(version, status="void")] == ["conversion.refunded", "refund.returned"]
    assert credit(VERSIONS[-1], refunds=[{"refund": "re_1", "amount_refunded": 1_190}]) == []
    [rest] = credit(VERSIONS[-1], refunds=[{"refund": "re_1", "amount_refunded": 1_000}])
    assert (rest["amount"], rest.get("tax")) == (190, None)
    assert credit(VERSIONS[0], refund="re_1") == []
    [beside] = credit(VERSIONS[0], refund="re_1", out_of_band_amount=90)
    assert beside["amount"] == 90
    for version in VERSIONS[:2]:  # how much of it is which part is not said
        mixed = credit(version, refund="re_1", customer_balance_transaction="cbtxn_1")
        assert mixed == Problem("invalid_value", "amount", "evt_1")
        [filled] = credit(version, customer_balance_transaction="cbtxn_1")
        assert filled["amount"] == 1_190


@pytest.mark.parametrize(
    ("kind", "status", "types", "outcome"),
    [
        ("created", "warning_needs_response", [], None),
        ("closed", "warning_closed", [], None),
        ("created", "needs_response", ["opened"], None),
        ("updated", "under_review", ["opened"], None),
        ("updated", "appeal_needs_response", ["opened"], None),
        ("updated", "something_new", ["opened"], None),
        ("closed", "something_new", ["opened"], None),
        ("closed", "won", ["opened", "closed"], "kept"),
        ("closed", "lost", ["opened", "closed"], "lost"),
        ("closed", "prevented", ["opened", "closed"], "kept"),
        ("funds_reinstated", "under_review", ["opened", "closed"], "kept"),
    ],
)
def test_a_dispute_opens_a_case_whatever_its_status(
    kind: str, status: str, types: list[str], outcome: str | None
) -> None:
    """An inquiry is none yet; what nobody has heard of is looked at by a person, and never ends anything by itself."""
    found = told(f"charge.dispute.{kind}", Story(1, VERSIONS[-1]).dispute(status))
    assert [one["type"].removeprefix("chargeback.") for one in found] == types
    assert (found[-1].get("outcome") if found else None) == outcome


def test_an_invoice_says_by_what_it_was_paid_where_its_version_does() -> None:
    """Charge and intent of old ones, the list of basil; a charge that is old names its invoice, and endive says it apart."""
    assert [one for one in told("invoice.paid", Story(1, VERSIONS[0]).invoice(), VERSIONS[0]) if isinstance(one, Paid)] == [
        Paid("pi_1", "in_1"), Paid("ch_1", "in_1")
    ]  # fmt: skip
    paid = {"payment": {"type": "charge", "charge": "ch_7"}}
    basil = Story(1, VERSIONS[2]).invoice() | {"payments": stripe.listed(paid)}
    assert told("invoice.paid", basil, VERSIONS[2])[0] == Paid("ch_7", "in_1")
    assert not any(isinstance(one, Paid) for one in told("invoice.paid", basil, VERSIONS[3]))
    record = {
        "object": "invoice_payment",
        "invoice": "in_1",
        "payment": {"type": "payment_record", "payment_record": "pr_1"},
    }
    assert told("invoice_payment.paid", record) == [Paid("pr_1", "in_1")]


def test_lines_are_left_out_where_they_do_not_sum_to_the_goods() -> None:
    """A page of many lines, a line without a product; tax that is inside of amounts is none of the goods."""
    invoice = Story(1, VERSIONS[-1]).invoice()
    [line] = invoice["lines"]["data"]
    assert "lines" not in told("invoice.paid", invoice | {"lines": stripe.listed(line, {**line, "id": "il_2"})})[0]
    assert "lines" not in told("invoice.paid", invoice | {"lines": stripe.listed({**line, "pricing": None})})[0]
    inside = {**line, "amount": 11_900, "taxes": [{"amount": 1_900, "tax_behavior": "inclusive"}]}
    [found] = told("invoice.paid", invoice | {"lines": stripe.listed(inside)})
    assert [one["amount"] for one in found["lines"]] == [9_000]


@pytest.mark.parametrize(
    ("kind", "object_", "code", "field"),
    [
        ("invoice.paid", Story(1, VERSIONS[-1]).invoice() | {"currency": "xqq"}, "unknown_currency", "currency"),
        ("invoice.paid", Story(1, VERSIONS[-1]).invoice() | {"total": 119.0}, "invalid_value", "amount"),
        ("invoice.paid", Story(1, VERSIONS[-1]).invoice() | {"total": 100}, "parts_exceed_amount", "tax"),
        ("invoice.paid", Story(1, VERSIONS[-1]).invoice() | {"id": None}, "missing_field", "id"),
        (
            "refund.created",
            {"id": "re_1", "object": "refund", "amount": 5, "currency": "eur"},
            "missing_field",
            "invoice_id",
        ),
        ("refund.created", Story(1, VERSIONS[-1]).refund(1, 0), "out_of_range", "amount"),
    ],
)
def test_what_is_wrong_with_an_object_is_named(kind: str, object_: Any, code: str, field: str) -> None:
    """By the field of the native event, under the id of Stripe's."""
    assert told(kind, object_) == Problem(code, field, "evt_1")


def test_what_means_nothing_here_is_nothing() -> None:
    """Other types, a credit to the customer, a cumulative sum without its refunds."""
    assert told("payout.paid", {"id": "po_1", "object": "payout"}) == []
    assert told("invoice.paid", Story(1, VERSIONS[-1]).invoice() | {"total": -100}) == []
    assert told("charge.refunded", Story(1, VERSIONS[-1]).charge(3_000)) == []


def test_a_test_is_none_in_a_live_workspace() -> None:
    """What is of the test mode counts in a sandbox alone; live events count in both, as far as they go."""
    story = Story(1, VERSIONS[-1])
    assert made(story.customer, live=True) == Problem("test_mode", id="evt_1_customer")
    assert made(Story(1, VERSIONS[-1], live=True).customer, live=True) == made(story.customer)
    assert made(stripe.thin(story.customer), live=True) == Problem("test_mode", id="evt_1_customer_thin")


def fetched(said: Any, object_: Any) -> Any:
    """Return what a thin event becomes with its object, and from where that is fetched."""
    [item] = SOURCE.read(request(stripe.body(said)))
    [waits] = SOURCE.map(item)  # type: ignore[misc]
    assert isinstance(waits, Unfetched)
    assert SOURCE.fetch is not None
    kept = msgspec.json.decode(msgspec.json.encode(waits.said))  # as a job holds it
    mapped = SOURCE.map(SOURCE.fetch.whole(kept, json.dumps(object_).encode()))
    return SOURCE.fetch.path(kept), mapped if isinstance(mapped, Problem) else [shown(one) for one in mapped]


def test_a_thin_event_becomes_what_its_snapshot_becomes() -> None:
    """For every event of the story, once its object is fetched; the object is where our table says, not where the event does."""
    for said in Story(1, VERSIONS[-1]).told():
        object_ = said["data"]["object"]
        path, events = fetched(stripe.thin(said), object_)
        assert path.startswith("/v1/")
        assert path.endswith("/" + object_["id"])
        assert "elsewhere" not in path
        expected = [
            {**one, "id": f"{one['id']}_thin"} if isinstance(one, dict) and one["id"] == said["id"] else one
            for one in made(said)
        ]
        assert events == expected, said["type"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"related_object": {"id": "../../v1/payouts", "type": "customer"}}, ("thin_event", None)),
        ({"related_object": {"id": "cus_1?expand=x", "type": "customer"}}, ("thin_event", None)),
        ({"related_object": {"id": "cus_1\n", "type": "customer"}}, ("thin_event", None)),
        ({"related_object": {"id": 7, "type": "customer"}}, ("thin_event", None)),
        ({"related_object": {"id": "cus_1", "type": "account"}}, ("thin_event", None)),
        ({"related_object": {"id": "cus_1", "type": ["customer"]}}, ("thin_event", None)),
        ({"related_object": None}, ("thin_event", None)),
        ({"created": "yesterday"}, ("invalid_value", "occurred_at")),
        ({"created": "2026-11-18T10:00:00"}, ("invalid_value", "occurred_at")),
        ({"created": 7}, ("invalid_value", "occurred_at")),
        ({"context": "acct_7"}, ("other_account", None)),
    ],
)
def test_a_thin_event_that_cannot_be_fetched_for_is_refused(changed: Any, problem: Any) -> None:
    """No path is made of what is no id, nothing is asked for in the name of another account."""
    said = {**stripe.thin(Story(1, VERSIONS[-1]).customer), **changed}
    assert made(said) == Problem(*problem, id=said["id"])


def test_a_thin_event_that_means_nothing_is_nothing() -> None:
    """As of a snapshot: what this account does elsewhere is no mistake of who sends it."""
    thin = stripe.thin(Story(1, VERSIONS[-1]).customer)
    for kind in ("v1.payout.paid", "v2.core.account.created", "customer.created"):
        assert made({**thin, "type": kind, "related_object": None}) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"object": "customer", "id": "cus_2"}', b"<html>", b"[" * 99])
def test_what_is_not_the_object_that_was_asked_for_is_not_read(body: bytes) -> None:
    """Whatever answered: it is asked again."""
    [item] = SOURCE.read(request(stripe.body(stripe.thin(Story(1, VERSIONS[-1]).customer))))
    assert SOURCE.fetch is not None
    with pytest.raises((ValueError, msgspec.MsgspecError)):
        SOURCE.fetch.whole(item._asdict(), body)


def test_an_event_of_another_merchant_counts_for_nothing() -> None:
    """A platform hears of the accounts on it: they are told by their name."""
    story = Story(1, VERSIONS[-1])
    assert made({**story.customer, "account": "acct_7"}) == Problem("other_account", id="evt_1_customer")
    assert made({**story.customer, "account": None}) == made(story.customer)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"id": 1}', b"nonsense", b'{"a":' * 40 + b"1" + b"}" * 40, b"\xff"]
)
def test_what_is_no_event_is_refused_whole(body: bytes) -> None:
    """So that Stripe sends it again, should it have been cut on its way."""
    with pytest.raises(RefusedError) as refused:
        SOURCE.read(request(body))
    assert refused.value.status == 400


def test_no_object_however_it_is_broken_raises() -> None:
    """Each event of the story, with each of its fields in turn replaced by something that it never is."""
    for version, junk in itertools.product(VERSIONS, [None, 7, "x", "", [], {}, [7], True, -1, {"id": 3}, "\0"]):
        for said in Story(1, version).told():
            for field in said["data"]["object"]:
                if field != "object":
                    broken = json.loads(json.dumps(said))
                    broken["data"]["object"][field] = junk
                    made(broken)


OFFER = "off_01M8ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_welcome_offer_is_named_by_metadata_or_by_the_coupon_that_is_called_by_it(version: str) -> None:
    """Of a session, and of an invoice, as an id or the whole object."""
    story = Story(1, version)
    for more in (
        {"metadata": {"gw_offer": OFFER}},
        {"discounts": [{"coupon": OFFER, "promotion_code": None}]},
        {"discounts": [{"coupon": {"id": OFFER.lower()}}]},
    ):
        [*_, found] = told("checkout.session.completed", session(**more), version)
        assert found["offer_id"] == OFFER
    invoice = story.invoice()
    for more in ({"metadata": {"gw_offer": OFFER}}, {"discount": {"coupon": {"id": OFFER}}}, {"discounts": ["di_1"]}):
        [*_, found] = told("invoice.paid", {**invoice, **more}, version)
        assert found.get("offer_id") == (None if "discounts" in more else OFFER)
