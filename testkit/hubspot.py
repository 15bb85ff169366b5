"""What HubSpot sends and answers, after its webhooks API and its CRM objects API of 2026-09, with values of our own; its signatures.

Shapes: developers.hubspot.com, "Webhooks" (private apps, ``object.*`` and the older names), "Read an object", seen 2026-11.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

SECRET = "7c1d5f0e-3b52-4d8e-9a41-" + "0e6f" * 3
KEY = "pat-eu1-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#: 2026-03-03T10:01:00Z in milliseconds.
AT = 1_772_532_060_000


def notice(type_: str, object_: int, at: int = AT, **more: Any) -> dict[str, Any]:
    """Return a notice: one property of one object was changed."""
    return {
        "eventId": 100_000 + object_,
        "subscriptionId": 3_301,
        "portalId": 24_681_357,
        "appId": 1_122_334,
        "occurredAt": at,
        "subscriptionType": type_,
        "attemptNumber": 0,
        "objectId": object_,
        "changeSource": "CRM_UI",
        "sourceId": "userId:5",
        **more,
    }


def contact(
    id_: int = 151, companies: Sequence[int] = (), updated: str = "2026-03-03T10:01:00.120Z", **more: str | None
) -> dict[str, Any]:
    """Return a contact, as ``GET /crm/objects/2026-09/contacts/{id}`` answers."""
    properties: dict[str, Any] = {
        "createdate": "2026-03-01T08:00:00.000Z",
        "hs_object_id": str(id_),
        "lastmodifieddate": updated,
        "email": f"bob{id_}@firm.example",
        "firstname": "Bob",
        "lastname": "Binder",
        "phone": "+43 660 1234567",
        "mobilephone": None,
        "company": "Firm & Sons",
        "hs_language": "de-at",
        "hs_country_region_code": "AT",
        "country": "Austria",
        "goodword_code": None,
        "referral_code": None,
        "goodword_customer": None,
        **more,
    }
    return {
        "id": str(id_),
        "properties": properties,
        "propertiesWithHistory": {
            "goodword_code": [
                {"value": properties["goodword_code"], "timestamp": "2026-03-02T09:30:00.000Z", "sourceType": "FORM"}
            ]
            if properties["goodword_code"]
            else []
        },
        "createdAt": "2026-03-01T08:00:00.000Z",
        "updatedAt": updated,
        "archived": False,
        **_associated(companies=(companies, "contact_to_company")),
    }


def company(
    id_: int = 77, updated: str = "2026-03-02T11:00:00.000Z", contacts: Sequence[int] = (), **more: str | None
) -> dict[str, Any]:
    """Return a company likewise."""
    properties = {"name": "Firm & Sons", "domain": "firm.example", "hs_object_id": str(id_), **more}
    return {
        "id": str(id_),
        "properties": properties,
        "createdAt": "2026-02-01T08:00:00.000Z",
        "updatedAt": updated,
        "archived": False,
        **_associated(contacts=(contacts, "company_to_contact")),
    }


def deal(
    id_: int = 501,
    contacts: Sequence[int] = (151,),
    companies: Sequence[int] = (),
    updated: str = "2026-03-04T12:00:00.000Z",
    **more: str | None,
) -> dict[str, Any]:
    """Return a deal likewise."""
    properties = {
        "hs_object_id": str(id_),
        "amount": "11900.50",
        "deal_currency_code": "EUR",
        "dealstage": "qualifiedtobuy",
        "hs_is_closed": "false",
        "hs_is_closed_won": "false",
        "closedate": "2026-03-31T00:00:00.000Z",
        "createdate": "2026-03-02T08:00:00.000Z",
        "goodword_code": None,
        "referral_code": None,
        "goodword_registration": None,
        **more,
    }
    return {
        "id": str(id_),
        "properties": properties,
        "createdAt": "2026-03-02T08:00:00.000Z",
        "updatedAt": updated,
        "archived": False,
        **_associated(contacts=(contacts, "deal_to_contact"), companies=(companies, "deal_to_company")),
    }


def _associated(**of: tuple[Sequence[int], str]) -> dict[str, Any]:
    """Return associations: HubSpot names the first of a kind once more as the primary one, and leaves out a kind that has none."""
    found = {
        noun: {
            "results": [{"id": str(id_), "type": type_} for id_ in ids]
            + [{"id": str(ids[0]), "type": f"{type_}_unlabeled"}]
        }
        for noun, (ids, type_) in of.items()
        if ids
    }
    return {"associations": found} if found else {}


def body(said: Any) -> bytes:
    """Return what is sent."""
    return json.dumps(said).encode()


def headers(
    body: bytes, url: str, *, version: str = "v3", secret: str = SECRET, at: int | None = None, method: str = "POST"
) -> Mapping[str, str]:
    """Return the headers of a request that is signed in one of three ways. ``at``: milliseconds."""
    stamp = str(int(time.time() * 1_000) if at is None else at)
    if version == "v3":
        signed = method.encode() + url.encode() + body + stamp.encode()
        made = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
        return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": stamp}
    base = secret.encode() + (method.encode() + url.encode() if version == "v2" else b"") + body
    return {"x-hubspot-signature": hashlib.sha256(base).hexdigest(), "x-hubspot-signature-version": version}
