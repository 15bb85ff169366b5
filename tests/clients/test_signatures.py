"""The vendors' own libraries: what Stripe's and HubSpot's sign is taken by ours, and what our tests sign by them and by Shopify's."""

import json
import shutil
import subprocess
import time

import pytest
from testkit import billing, hubspot, shopify, stripe
from testkit.stripe import SECRET, VERSIONS, Story, signed
from tests.conftest import ROOT

from goodword.core import calendar
from goodword.sources.base import Request, Signature
from goodword.sources.hubspot import signature as hubspot_signature
from goodword.sources.registry import REGISTRY
from goodword.sources.shopify import signature
from goodword.sources.stripe.signature import TOLERANCE, check
from goodword.sources.stripe.source import SOURCE

HERE = ROOT / "tests" / "clients"
BUILT = ROOT / "build" / "clients"
OTHER = "whsec_" + "Z9y8" * 8


@pytest.fixture(params=["python", "node"])
def library(request: pytest.FixtureRequest, installed: None) -> str:  # noqa: ARG001 - they are there
    """Give each library in turn."""
    if request.param == "node" and not shutil.which("node"):
        pytest.skip("node is not there: Stripe's library for it was not run")
    return str(request.param)


def run(library: str, what: str, secret: str, other: str, body: bytes) -> subprocess.CompletedProcess[bytes]:
    """Let a library sign or read."""
    if library == "python":
        command, folder = [BUILT / "python" / "bin" / "python", HERE / "stripe_sign.py"], HERE
    else:
        command, folder = ["node", HERE / "stripe_sign.mjs"], BUILT / "node"
    return subprocess.run(
        [*map(str, command), what, secret, other], input=body, capture_output=True, check=False, timeout=60, cwd=folder
    )


def ours(body: bytes, header: str, now: int) -> str | None:
    """Return what our own verifier says, with two secrets held."""
    request = Request("", lambda name: header if name == b"stripe-signature" else "", body, now * calendar.SECOND)
    return check(request, [OTHER.encode(), SECRET.encode()], request.now)


def test_what_stripes_library_signs_is_taken_and_nothing_else(library: str) -> None:
    """In time; not later, not ahead, not with another secret, not with another body. What it signed is read as the event it is."""
    now = int(time.time())
    body = stripe.body(Story(1, VERSIONS[-1]).told()[3])
    done = run(library, "sign", SECRET, str(now), body)
    assert done.returncode == 0, done.stderr
    header = done.stdout.decode()
    assert ours(body, header, now) is None
    assert ours(body, header, now + TOLERANCE) is None
    assert ours(body, header, now + TOLERANCE + 1) == "signature_stale"
    assert ours(body, header, now - TOLERANCE - 1) == "signature_stale"
    assert ours(body + b"\n", header, now) == "signature_wrong"
    forged = run(library, "sign", SECRET[:-1] + "x", str(now), body).stdout.decode()
    assert ours(body, forged, now) == "signature_wrong"
    both = header + "," + forged.partition(",")[2]
    assert ours(body, both, now) is None
    assert SOURCE.read(Request("", lambda _: header, body, now * calendar.SECOND))


def test_what_our_tests_sign_is_read_by_stripes_library(library: str) -> None:
    """So that the tests of the source stand for Stripe; a body that was changed is refused by it too."""
    now = int(time.time())
    said = Story(1, VERSIONS[-1]).customer
    done = run(library, "read", SECRET, signed(stripe.body(said), now, OTHER, SECRET), stripe.body(said))
    assert (done.returncode, done.stdout.decode()) == (0, said["id"]), done.stderr
    assert run(library, "read", SECRET, signed(b"{}", now, SECRET), stripe.body(said)).returncode != 0


@pytest.mark.parametrize("family", ["x-shopify", "shopify"])
def test_what_our_tests_sign_is_valid_for_shopifys_library(installed: None, family: str) -> None:  # noqa: ARG001 - it is there
    """In both families of headers, with the topic that it reads; a body that was changed is not, for it and for ours."""
    if not shutil.which("node"):
        pytest.skip("node is not there: Shopify's library was not run")
    said = shopify.Story(1).told()[1]
    body = shopify.body(said)
    headers = shopify.headers(body, said.topic, family=family)
    for sent, valid in ((body, True), (body + b" ", False)):
        command = ["node", str(HERE / "shopify_read.mjs"), shopify.SECRET, json.dumps(headers)]
        done = subprocess.run(command, input=sent, capture_output=True, check=False, timeout=60, cwd=BUILT / "node")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout.decode().strip().splitlines()[-1])
        assert (found["valid"], found.get("topic", "").lower().replace("_", "/")) == (
            valid,
            said.topic if valid else "",
        ), found
        request = Request("", lambda name: headers.get(name.decode(), ""), sent, 0)
        assert (signature.check(request, [shopify.SECRET.encode()], 0) is None) is valid


@pytest.mark.parametrize("system", ["paddle", "polar"])
def test_what_our_tests_sign_is_valid_for_the_libraries_of_billing_systems(installed: None, system: str) -> None:  # noqa: ARG001
    """Paddle's verifier and Polar's reader take it, as ours does; a body that was changed is taken by nobody."""
    if not shutil.which("node"):
        pytest.skip("node is not there: the libraries of billing systems were not run")
    credential = REGISTRY[system].credential
    assert isinstance(credential, Signature)
    now, secret = int(time.time()), billing.SECRETS[system]
    for topic, said in billing.STORIES[system]():
        body = billing.body(said)
        headers = billing.headers(system, body, now, topic)
        for sent, valid in ((body, True), (body + b" ", False)):
            command = ["node", str(HERE / "billing_read.mjs"), system, secret, json.dumps(headers), str(now)]
            done = subprocess.run(command, input=sent, capture_output=True, check=False, timeout=60, cwd=BUILT / "node")
            assert done.returncode == 0, done.stderr
            found = json.loads(done.stdout)
            assert (found["valid"], found["type"]) == (valid, topic if valid else None), found
            request = Request("", lambda name, head=headers: head.get(name.decode(), ""), sent, 0)  # type: ignore[misc]
            assert (credential.check(request, [secret.encode()], now * calendar.SECOND) is None) is valid


def hubspots(library: str, body: bytes, *said: str) -> str:
    """Let a library of HubSpot's sign or check; returns what it says."""
    if library == "python":
        command, folder = [BUILT / "python" / "bin" / "python", HERE / "hubspot_sign.py"], HERE
    else:
        command, folder = ["node", HERE / "hubspot_sign.mjs"], BUILT / "node"
    whole = [*map(str, command), *said]
    done = subprocess.run(whole, input=body, capture_output=True, check=False, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_what_hubspots_library_signs_is_taken_and_what_our_tests_sign_is_valid_for_it(
    library: str, version: str
) -> None:
    """In each of its three versions, over letters of any script; a body, an address or a secret that was changed is refused by both."""
    url, now = "https://goodword.acme.example/hooks/hubspot/wsp_1?deals=conversions", int(time.time() * 1_000)
    body = json.dumps(
        [hubspot.notice("contact.propertyChange", 151, now, propertyValue="Übelhör 🙂")], ensure_ascii=False
    ).encode()
    theirs = hubspots(library, body, "sign", version, hubspot.SECRET, url, str(now))
    names = {"v3": "x-hubspot-signature-v3"}.get(version, "x-hubspot-signature")
    headers = {names: theirs, "x-hubspot-signature-version": version, "x-hubspot-request-timestamp": str(now)}

    def ours(sent: bytes, at: str, secret: str) -> str | None:
        request = Request("", lambda name: headers.get(name.decode(), ""), sent, now * 1_000, url=at)
        return hubspot_signature.check(request, [secret.encode()], request.now)

    assert ours(body, url, hubspot.SECRET) is None
    assert ours(body + b" ", url, hubspot.SECRET) == "signature_wrong"
    assert ours(body, url, "x" * 36) == "signature_wrong"
    assert ours(body, url + "&x=1", hubspot.SECRET) == (None if version == "v1" else "signature_wrong")
    made = hubspot.headers(body, url, version=version, at=now)[names]
    assert made == theirs
    said = ("check", version, hubspot.SECRET, url, str(now), made)
    assert hubspots(library, body, *said) == "True"
    assert hubspots(library, body + b" ", *said) == "False"
