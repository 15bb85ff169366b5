"""How a record of a CRM is written to: which request each takes, and what its answer means. Addresses are ours, ids are checked.

Of an answer nothing is kept but codes and names of fields: a CRM repeats what was written to it.
Must not know: what is written, when, by whose key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec

#: What is said of a record, by what it is called here.
FIELDS: Final = ("source", "referrer", "referral_state", "deal_state")

_CODE = re.compile("[A-Za-z0-9_.-]{1,80}")
_BEARER = re.compile("[!-~]{10,4000}")
_KEPT: Final = 300
_NO_REST: Final = 10  # seconds, where a CRM that is busy does not say how long


class Asked(NamedTuple):
    """A request. ``path``: behind the address of the CRM."""

    method: str
    path: str
    body: bytes


class Crm(NamedTuple):
    """A CRM. ``fields``: what fields are called there as a rule; ``site``: of one whose API is at the company's own host, how that is.

    ``entry``: what is asked first, for a key, where the key itself opens nothing but a token.

    ``record``: what an id of its records looks like; ``asked(noun, id, values)``: how one is written to; ``told``: codes and names of
    an answer that refuses.
    """

    headers: Callable[[str], Mapping[str, str]]
    fields: Mapping[str, str]
    record: re.Pattern[str]
    asked: Callable[[str, str, Mapping[str, str]], Asked]
    told: Callable[[Any], list[Any]]
    site: re.Pattern[str] | None = None
    entry: Callable[[str], Asked] | None = None


class Outcome(NamedTuple):
    """What an answer means. ``state``: written, waiting or refused; ``rest``: seconds for which nothing may be written."""

    state: str
    answer: str
    rest: int = 0
    key_refused: bool = False


def outcome(crm: Crm, status: int, body: bytes, after: int | None) -> Outcome:
    """Return what an answer means: only what somebody has to put right there is refused, all else is tried again."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome("written", "")
    text = _told(crm, body)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Outcome("waiting", text, max(1, after or _NO_REST))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Outcome("waiting", text, key_refused=True)
    again = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT
    if again or status < HTTPStatus.BAD_REQUEST:  # a redirect is not followed
        return Outcome("waiting", text, after or 0)
    return Outcome("refused", text)


def _told(crm: Crm, body: bytes) -> str:
    try:
        found = crm.told(msgspec.json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError, TypeError):
        return ""
    words = [it for it in found if isinstance(it, str) and _CODE.fullmatch(it)]
    return " ".join(dict.fromkeys(words))[:_KEPT]


def entered(crm: Crm, status: int, body: bytes, after: int | None) -> tuple[str | None, Outcome]:
    """Return the token that an entry was answered with, None: none, and what that means: who is not let in has a wrong key."""
    became = outcome(crm, status, body, after)
    found = _token(body) if became.state == "written" else None
    if found is None and became.state != "waiting":
        became = Outcome("waiting", became.answer, key_refused=True)
    return found, became


def _token(body: bytes) -> str | None:
    try:
        found = msgspec.json.decode(body, type=dict[str, Any]).get("access_token")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, str) and _BEARER.fullmatch(found) else None


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def _hubspot(noun: str, record: str, values: Mapping[str, str]) -> Asked:
    return Asked("PATCH", f"/crm/objects/2026-09/{noun}/{record}", msgspec.json.encode({"properties": values}))


def _hubspot_told(said: Any) -> list[Any]:
    found = [said.get("category")]
    for error in said.get("errors") or []:
        named = (error.get("context") or {}).get("propertyName") or [error.get("in")]
        found += [error.get("code"), *named]
    return found


def _pipedrive(noun: str, record: str, values: Mapping[str, str]) -> Asked:
    path = "persons" if noun == "contacts" else "deals"
    return Asked("PATCH", f"/api/v2/{path}/{record}", msgspec.json.encode({"custom_fields": values}))


#: Beginning of an id of Salesforce's -> what it is an id of.
_OBJECTS: Final = {"003": "Contact", "00Q": "Lead", "006": "Opportunity"}


def _salesforce(_: str, record: str, values: Mapping[str, str]) -> Asked:
    path = f"/services/data/v65.0/sobjects/{_OBJECTS[record[:3]]}/{record}"
    return Asked("PATCH", path, msgspec.json.encode(values))


def _salesforce_told(said: Any) -> list[Any]:
    found: list[Any] = []
    for error in said:
        found += [error.get("errorCode"), *(error.get("fields") or [])]
    return found


def _salesforce_entry(key: str) -> Asked:
    id_, _, secret = key.partition(":")
    asked = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret}
    return Asked("POST", "/services/oauth2/token", urlencode(asked).encode())


CRMS: Final[Mapping[str, Crm]] = {
    "hubspot": Crm(
        headers=_bearer,
        fields={name: f"goodword_{name}" for name in FIELDS},
        record=re.compile("[0-9]{1,20}"),
        asked=_hubspot,
        told=_hubspot_told,
    ),
    "pipedrive": Crm(
        headers=lambda key: {"x-api-token": key},
        fields={},  # each account has names of its own
        record=re.compile("[1-9][0-9]{0,17}"),
        asked=_pipedrive,
        told=lambda said: [said.get("code"), said.get("error_code")],
    ),
    "salesforce": Crm(
        headers=_bearer,
        fields={name: f"Goodword_{name.title()}__c" for name in FIELDS},
        record=re.compile("(?:003|00Q|006)[A-Za-z0-9]{12}"),
        asked=_salesforce,
        told=_salesforce_told,
        site=re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?(?:\.sandbox)?\.my\.salesforce\.com"),
        entry=_salesforce_entry,
    ),
}
