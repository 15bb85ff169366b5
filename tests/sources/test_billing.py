"""Webhooks of billing systems: one story told by each comes to the same money; who is not them is refused; a test earns nothing."""

import contextlib
import copy
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from testkit import billing

from goodword.core import calendar
from goodword.sources import native
from goodword.sources.base import ByPayment, Problem, Request, Signature, Source, Unfetched
from goodword.sources.billing.signatures import TOLERANCE
from goodword.sources.registry import REGISTRY

AT = 1_772_528_400
TIMED = ("paddle", "polar", "recurly")


def request(
    system: str, said: Any, topic: str = "", at: int = AT, *secrets: str, live: bool = False, **more: str
) -> Request:
    """Return a delivery as it comes."""
    body = said if isinstance(said, bytes) else billing.body(said)
    headers = {
        **billing.headers(system, body, at, topic, *secrets),
        **{k.replace("_", "-"): v for k, v in more.items()},
    }
    return Request("", lambda name: headers.get(name.decode(), ""), body, at * calendar.SECOND, live)


def checked(source: Source, it: Request, *secrets: str, now: int = AT) -> str | None:
    """Return why a delivery is refused."""
    credential = source.credential
    assert isinstance(credential, Signature)
    return credential.check(it, [one.encode() for one in secrets], now * calendar.SECOND)


def events(
    system: str, said: Any, topic: str, *, live: bool = False, objects: Mapping[str, Any] | None = None
) -> list[Any]:
    """Return what a delivery becomes; what it only names is fetched, if it is among the story's objects, or others."""
    source = REGISTRY[system]
    at = billing.OBJECTS[system]() if objects is None and system in billing.OBJECTS else objects or {}
    found: list[Any] = []
    items = list(source.read(request(system, said, topic, live=live)))
    for item in items:
        made = item if isinstance(item, Problem) else source.map(item)
        for one in [made] if isinstance(made, Problem) else made:
            path = source.fetch.path(one.said) if isinstance(one, Unfetched) and source.fetch else ""
            if source.fetch and path in at:
                items.append(source.fetch.whole(one.said, billing.body(at[path])))
            else:
                found.append(one)
    return found


@pytest.mark.parametrize("system", billing.STORIES)
def test_one_story_comes_to_the_same_money(system: str) -> None:
    """An open order is nothing yet; the paid one is one event, however often it is told, with its parts; a refund is what it takes."""
    told = [events(system, said, topic) for topic, said in billing.STORIES[system]()]
    flat = [one.wire if isinstance(one, ByPayment) else one for it in told for one in it]
    orders = {event.id: event for event in flat if isinstance(event, native.ConversionRecorded)}
    [order] = orders.values()
    assert all(event == order for event in flat if isinstance(event, native.ConversionRecorded))
    assert (order.amount, order.currency, order.tax, order.shipping) == (12_000, "EUR", 2_000, 0)
    same = {one.gone_external_id: one.keep_external_id for one in flat if isinstance(one, native.PersonMerged)}
    led = [one for one in (order, *flat) if isinstance(one, native.ConversionRecorded | native.LeadCreated)]
    clicks = {same.get(one.customer_external_id, one.customer_external_id): one.click_id for one in led if one.click_id}
    assert clicks == {"bob": "click-1"}
    assert sum(line.amount for line in order.lines) == 10_000
    assert order.occurred_at is not None
    assert order.occurred_at.isoformat() == "2026-03-03T09:00:00+00:00"
    refunds = [event for event in flat if isinstance(event, native.ConversionRefunded)]
    if system == "revenuecat":  # nobody is paid back by not going on
        assert refunds == []
        assert len(flat) == 1
        return
    refund = refunds[0]
    assert all(event == refund for event in refunds)
    assert (refund.invoice_id, refund.amount, refund.currency) == (order.invoice_id, 3_000, "EUR")
    assert refund.tax in (0, 500)


@pytest.mark.parametrize("system", billing.STORIES)
def test_who_is_not_them_is_refused(system: str) -> None:
    """Nothing shown, another secret, another body; any held secret counts; a stale time is refused, both ways, where one is signed."""
    source, own = REGISTRY[system], billing.SECRETS[system]
    topic, said = billing.STORIES[system]()[1]
    it = request(system, said, topic)
    assert checked(source, it, own) is None
    assert checked(source, it, own[:-1] + "x", own) is None
    assert checked(source, it, own[:-1] + "x") == "signature_wrong"
    assert checked(source, it._replace(header=lambda _: ""), own) == "signature_missing"
    credential = source.credential
    assert isinstance(credential, Signature)
    assert credential.secret(own)
    assert not credential.secret("short")
    if system not in ("chargebee", "revenuecat"):  # those two sign nothing
        assert checked(source, it._replace(body=it.body + b" "), own) == "signature_wrong"
    if system in TIMED:
        for off, wrong in ((TOLERANCE, None), (TOLERANCE + 1, "signature_stale"), (-TOLERANCE - 1, "signature_stale")):
            assert checked(source, it, own, now=AT + off) == wrong


def test_paddle_signs_with_several_in_any_order() -> None:
    """While a secret takes another's place there are two h1, and either may be ours; a header of another form is none."""
    topic, said = billing.STORIES["paddle"]()[1]
    own, other = billing.SECRETS["paddle"], "pdl_ntfset_other_own_secret_1234"
    source = REGISTRY["paddle"]
    for order in itertools.permutations((own, other)):
        assert checked(source, request("paddle", said, topic, AT, *order), own) is None
    for header in ("h1=00", "ts=x;h1=" + "0" * 64, f"ts={AT}", f"ts={AT};ts={AT};h1=" + "0" * 64, "é"):
        assert checked(source, request("paddle", said, paddle_signature=header), own) == "signature_malformed"


def test_recurly_signs_with_several_in_milliseconds() -> None:
    """Any of them may be ours; seconds, or no signature, are of another form."""
    topic, said = billing.STORIES["recurly"]()[1]
    own, other = billing.SECRETS["recurly"], "f" * 64
    source = REGISTRY["recurly"]
    for order in itertools.permutations((own, other)):
        assert checked(source, request("recurly", said, topic, AT, *order), own) is None
    for header in (f"{AT}," + "0" * 64, f"{AT}000", f"{AT}000,x", "x", "é"):
        assert checked(source, request("recurly", said, recurly_signature=header), own) == "signature_malformed"


def test_polars_secret_is_read_as_text_and_as_a_key() -> None:
    """Its letters are the key, as its own library has them; the secret of Standard Webhooks is base64 behind whsec_."""
    source = REGISTRY["polar"]
    _, said = billing.STORIES["polar"]()[1]
    body = billing.body(said)
    text = "whsec_b3duc2VjcmV0b2ZvdXJ0ZXN0cw=="
    signed = billing.headers("polar", body, AT, "", "ownsecretofourtests")
    it = request("polar", body, webhook_signature=signed["webhook-signature"])
    assert checked(source, it, text) is None
    assert checked(source, request("polar", body), billing.SECRETS["polar"]) is None


@pytest.mark.parametrize(
    ("system", "change"),
    [
        ("paddle", {"notification_id": "ntfsimevt_01own"}),
        ("woocommerce", {"meta_data": [{"key": "_wcpay_mode", "value": "test"}]}),
        ("chargebee", {"content": {"transaction": {"gateway": "chargebee"}}}),
        ("revenuecat", {"event": {"environment": "SANDBOX"}}),
    ],
)
def test_a_test_earns_nothing_in_a_live_workspace(system: str, change: dict[str, Any]) -> None:
    """As far as a delivery says that it is one; in a sandbox it is read like any other."""
    topic, said = billing.STORIES[system]()[1]
    tested = _merged(copy.deepcopy(dict(said)), change)
    [refused] = events(system, tested, topic, live=True)
    assert isinstance(refused, Problem)
    assert refused.code == "test_mode"
    assert native.ConversionRecorded in map(type, events(system, tested, topic))


def _merged(said: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    for name, value in change.items():
        said[name] = (
            _merged(said[name], value) if isinstance(value, dict) and isinstance(said.get(name), dict) else value
        )
    return said


def test_a_ping_of_woocommerce_is_answered_and_nothing_of_it_kept() -> None:
    """It comes unsigned when a webhook is saved, and any answer but 200 leaves the webhook off."""
    source = REGISTRY["woocommerce"]
    ping = request("woocommerce", b"webhook_id=12")._replace(header=lambda _: "")
    assert checked(source, ping, billing.SECRETS["woocommerce"]) is None
    assert source.read(ping) == ()
    assert checked(source, ping._replace(body=b"webhook_id=12&x=1"), "a" * 16) == "signature_missing"


def priced(said: dict[str, Any], price: float | None) -> dict[str, Any]:
    """Return a delivery of RevenueCat's with another price."""
    return {**said, "event": {**said["event"], "price_in_purchased_currency": price}}


def test_what_goes_back_and_comes_again() -> None:
    """Chargebacks and their end at Paddle, a refund that was taken back, one that waits; an order canceled; a purchase paid back."""
    _, said = billing.STORIES["paddle"]()[2]
    kinds = []
    for change in (
        {"status": "pending_approval"},
        {"status": "rejected"},
        {"status": "reversed"},
        {"action": "chargeback"},
        {"action": "chargeback_reverse"},
        {"action": "credit"},
    ):
        made = events("paddle", {**said, "data": {**said["data"], **change}}, "adjustment.updated")
        kinds.append([getattr(event, "outcome", None) or type(event).__name__ for event in made])
    assert kinds == [
        ["Problem"], [], ["ConversionRefunded", "RefundReturned"], ["ChargebackOpened", "lost"], ["kept"], [],
    ]  # fmt: skip
    topic, order = billing.STORIES["woocommerce"]()[1]
    names = [type(event).__name__ for event in events("woocommerce", {**order, "status": "cancelled"}, topic)]
    assert names == ["ConversionRecorded", "ConversionCanceled"]
    _, bought = billing.STORIES["revenuecat"]()[2]
    back = {**bought, "event": {**bought["event"], "cancel_reason": "CUSTOMER_SUPPORT"}}
    [refunded] = events("revenuecat", priced(back, -30.0), "CANCELLATION")
    assert (refunded.invoice_id, refunded.amount, refunded.tax) == ("170000869511114", 3_000, 500)
    [canceled] = events("revenuecat", priced(back, None), "CANCELLATION")
    assert (canceled.invoice_id, type(canceled)) == ("170000869511114", native.ConversionCanceled)
    [kept] = events("revenuecat", {"event": {**back["event"], "type": "REFUND_REVERSED"}}, "REFUND_REVERSED")
    assert (type(kept), kept.refund_id) == (native.RefundReturned, refunded.refund_id)
    _, refund = billing.STORIES["polar"]()[2]
    [returned] = events("polar", {**refund, "data": {**refund["data"], "status": "failed"}}, "refund.updated")
    assert isinstance(returned, native.RefundReturned)


@pytest.mark.parametrize("system", billing.STORIES)
def test_what_is_wrong_is_told_and_nothing_raises(system: str) -> None:
    """Each part of a delivery left out, or of another kind, is a problem or nothing, and never our mistake."""
    for topic, said in billing.STORIES[system]():
        for path in _paths(said):
            for value in (None, "", "x", -1, [], {}, True, "9" * 40):
                broken = json.loads(json.dumps(said))
                at = broken
                for part in path[:-1]:
                    at = at[part]
                at[path[-1]] = value
                events(system, broken, topic)


@pytest.mark.parametrize("system", billing.OBJECTS)
def test_what_is_wrong_with_what_was_fetched_is_told_and_nothing_raises(system: str) -> None:
    """Likewise; what is not the object that was asked for is not read at all."""
    for place, whole in billing.OBJECTS[system]().items():
        for path in _paths(whole):
            for value in (None, "", "x", -1, [], {}, True, "9" * 40):
                at = json.loads(json.dumps(billing.OBJECTS[system]()))
                broken = at[place]
                for part in path[:-1]:
                    broken = broken[part]
                broken[path[-1]] = value
                for topic, said in billing.STORIES[system]():
                    with (
                        contextlib.suppress(ValueError) if path in (("id",), ("object",)) else contextlib.nullcontext()
                    ):
                        events(system, said, topic, objects=at)


def _paths(said: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    names = list(said) if isinstance(said, dict) else range(len(said)) if isinstance(said, list) else []
    return [found for name in names for found in ((*at, name), *_paths(said[name], (*at, name)))]
