"""The sources of events, by name. Adding one is a module and a line here."""

from goodword.sources import (
    crm,
    customerio,
    dub,
    firstpromoter,
    growsurf,
    jitsu,
    native_source,
    pipedrive,
    posthog,
    salesforce,
)
from goodword.sources.base import Source
from goodword.sources.billing import chargebee, paddle, polar, recurly, revenuecat, woocommerce
from goodword.sources.hubspot import source as hubspot
from goodword.sources.segment import source as segment
from goodword.sources.shopify import source as shopify
from goodword.sources.stripe import source as stripe

REGISTRY: dict[str, Source] = {
    "native": native_source.SOURCE,
    "segment": segment.SOURCE,
    "stripe": stripe.SOURCE,
    "shopify": shopify.SOURCE,
    "paddle": paddle.SOURCE,
    "woocommerce": woocommerce.SOURCE,
    "chargebee": chargebee.SOURCE,
    "polar": polar.SOURCE,
    "recurly": recurly.SOURCE,
    "revenuecat": revenuecat.SOURCE,
    "hubspot": hubspot.SOURCE,
    "pipedrive": pipedrive.SOURCE,
    "salesforce": salesforce.SOURCE,
    "crm": crm.SOURCE,
    "posthog": posthog.SOURCE,
    "jitsu": jitsu.SOURCE,
    "customerio": customerio.SOURCE,
    "dub": dub.SOURCE,
    "firstpromoter": firstpromoter.SOURCE,
    "growsurf": growsurf.SOURCE,
}


def feed(name: str) -> Source | None:
    """Return the source that events under a name come from: its own, or that of who else sends to it, such as a page."""
    return next(
        (it for it in REGISTRY.values() if name in {it.name, *(one.source for one in it.credential.all())}), None
    )
