"""The sources of events, by name. Adding one is a module and a line here."""

from goodword.sources import crm, customerio, jitsu, native_source, pipedrive, posthog
from goodword.sources.base import Source
from goodword.sources.hubspot import source as hubspot
from goodword.sources.segment import source as segment
from goodword.sources.shopify import source as shopify
from goodword.sources.stripe import source as stripe

REGISTRY: dict[str, Source] = {
    "native": native_source.SOURCE,
    "segment": segment.SOURCE,
    "stripe": stripe.SOURCE,
    "shopify": shopify.SOURCE,
    "hubspot": hubspot.SOURCE,
    "pipedrive": pipedrive.SOURCE,
    "salesforce": crm.SALESFORCE,
    "crm": crm.SOURCE,
    "posthog": posthog.SOURCE,
    "jitsu": jitsu.SOURCE,
    "customerio": customerio.SOURCE,
}
