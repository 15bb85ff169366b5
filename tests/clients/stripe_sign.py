"""Stripe's library for Python signs what it is given, or reads it: ``sign SECRET TIME``, ``read SECRET HEADER``; the body comes in."""

import sys

import stripe

what, secret, other = sys.argv[1:]
body = sys.stdin.buffer.read().decode()
if what == "sign":
    signature = stripe.WebhookSignature._compute_signature(f"{other}.{body}", secret)
    print(f"t={other},{stripe.WebhookSignature.EXPECTED_SCHEME}={signature}", end="")
else:
    print(stripe.Webhook.construct_event(body, other, secret)["id"], end="")
