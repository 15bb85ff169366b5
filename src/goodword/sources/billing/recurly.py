"""The source ``recurly``: ``POST /hooks/recurly/{workspace}``: what Recurly's endpoints send as JSON.

After docs.recurly.com (signature verification; payment, charge invoice and credit invoice notifications) and the verifier of Recurly's
library for Ruby, read on 2026-11-29; recurly 4.81.0 of npm has none. Such a notification names an object and tells nothing of it, no
money and no customer, so each is taken and refused as ``thin_event``: staff see that they come. Nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from goodword.sources.billing import signatures
from goodword.sources.billing.base import Made, System, Telling, source
from goodword.sources.fields import CHECKED, IGNORED, Treatment
from goodword.sources.told import WrongError

FIELDS: Final[Mapping[str, Treatment]] = {
    "id": IGNORED,
    "uuid": IGNORED,
    "site_id": IGNORED,
    "event_time": IGNORED,
    "account_code": IGNORED,
    "object_type": CHECKED,
    "event_type": CHECKED,
}
#: What would be a purchase or a refund.
TOPICS: Final = ("charge_invoice.paid", "credit_invoice.closed", "payment.succeeded", "payment.refunded")


def _thin(_: Telling) -> Iterator[Made]:
    """Nothing can be made of it."""
    raise WrongError("thin_event", "data")


SOURCE = source(
    System(
        name="recurly",
        check=signatures.recurly,
        secret=signatures.is_text,
        topic=lambda _, body: f"{body.get('object_type')}.{body.get('event_type')}",
        makes=dict.fromkeys(TOPICS, ("notification", _thin)),
        fields=FIELDS,
        test=lambda _: False,
    )
)
