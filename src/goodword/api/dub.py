"""What Dub's clients read, as they read it: customers, commissions, partners and links; nothing is changed here.

They read strictly: every field of an object is there, a list is a bare one, its next page is asked for by the last id of it or by its
number, and an error has the one code of its status. Lists go the oldest first, whatever order is asked for. A filter that is not
known is refused, for who asked for some must not be given all. Must not know: the database, how a client is recognised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from starlette.routing import Route

from goodword.api.auth import directory_of, recognise
from goodword.api.errors import ProblemError
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import NotPermittedError, Principal
from goodword.app.see.advocates import Advocate
from goodword.app.see.paging import Page
from goodword.app.see.parties import Parties
from goodword.app.write.process import TRANSIENT
from goodword.core import calendar
from goodword.core.state import Referral
from goodword.sources import dub
from goodword.sources.base import Reply
from goodword.sources.split import is_id

Query = Mapping[str, str]
Json = dict[str, Any]

_MOST: Final = 100  # of a page, as at Dub
_FAR: Final = 50  # pages of what is asked for by number: for each those before it are read
_READ: Final = 500
_COUNTED: Final = 100_000  # partners whose links are counted
#: What orders a list, or says more of it than is said here: taken, and nothing comes of it.
_ORDER: Final = frozenset(
    {"sortBy", "sortOrder", "pageSize", "startingAfter", "page", "includeExpandedFields", "withTags", "showArchived"}
)
#: Our status of a reward, of an advocate -> Dub's.
_COMMISSIONS: Final = {
    "pending": "pending",
    "in_review": "pending",
    "approved": "processed",
    "processing": "processed",
    "paid": "paid",
    "rejected": "canceled",
    "expired": "canceled",
    "reversed": "refunded",
}
_PARTNERS: Final = {"active": "approved", "suspended": "banned", "left": "deactivated", "merged": "archived"}


class _Asked:
    """What a request asks for. Raises InvalidError for a filter that is not served."""

    def __init__(self, query: Query, *served: str) -> None:
        said = {name: value for name, value in query.items() if value != ""}
        wrong = [name for name in said if name not in _ORDER and name not in served]
        if wrong:
            raise InvalidError(
                f"{', '.join(wrong)}: not served here. There are {', '.join(sorted((*served, *_ORDER)))}."
            )
        self._said = said
        self.limit = self._number("pageSize", _MOST, _MOST)
        self.after = said.get("startingAfter", "")

    def get(self, name: str) -> str | None:
        """Return a filter; None: there is none."""
        return self._said.get(name)

    @property
    def page(self) -> int:
        """The number of a page, from 1. Raises InvalidError."""
        return self._number("page", 1, _FAR)

    def _number(self, name: str, otherwise: int, most: int) -> int:
        said = self._said.get(name, str(otherwise))
        if not said.isdecimal() or not 1 <= int(said[:9]) <= most:
            raise InvalidError(f"{name} is a number from 1 to {most}.")
        return int(said)


async def _customers(who: Principal, directory: Directory, query: Query) -> list[Json]:
    """Whom somebody brought: a customer is a referral, so that one who was brought to two programs is one of each."""
    asked = _Asked(query, "externalId")
    try:
        found = await see.referrals.page(
            who, directory, friend=asked.get("externalId"), after=asked.after, limit=asked.limit
        )
    except UnknownError:
        return []
    return await _named(who, directory, found.items)


async def _customer(who: Principal, directory: Directory, query: Query, id_: str) -> Json:
    """Return one, by its id or, after ``ext_``, by the name that the company gave. Raises UnknownError."""
    _Asked(query)
    if is_id(id_, "ref"):
        record = await see.referrals.get(who, directory, id_)
        return (await _named(who, directory, [record.bond.referral]))[0]
    found = await see.referrals.page(who, directory, friend=id_.removeprefix("ext_"), limit=1)
    if not found.items:
        raise UnknownError("customer whom somebody brought")
    return (await _named(who, directory, found.items))[0]


async def _named(who: Principal, directory: Directory, found: Any) -> list[Json]:
    names = await see.people.names(who, directory, {it.friend for it in found})
    return [_of_referral(it, names.get(it.friend)) for it in found]


def _of_referral(referral: Referral, name: str | None) -> Json:
    return {
        **_of_customer(referral.id, name or referral.friend, referral.lead_at),
        "programId": referral.program,
        "link": None,
        "partner": None,
        "discount": None,
    }


def _of_customer(id_: str, name: str, at: int) -> Json:
    """A customer. What is personal is read by ``/v1/people`` with a reason, and by nobody else."""
    nothing = dict.fromkeys(("name", "email", "avatar", "stripeCustomerId", "country", "firstSaleAt"))
    return {"id": id_, "externalId": name, "createdAt": calendar.text(at), **nothing, "subscriptionCanceledAt": None}


async def _commissions(who: Principal, directory: Directory, query: Query) -> list[Json]:
    """What advocates earn in money; what friends get and what is counted in points are none."""
    asked = _Asked(query, "partnerId", "invoiceId", "status", "type", "interval")
    if asked.get("interval") not in (None, "all"):
        raise InvalidError("interval: not served here but for all.")
    status, type_ = asked.get("status"), asked.get("type")
    if status is not None and status not in _COMMISSIONS.values():
        raise InvalidError(f"status is one of {', '.join(dict.fromkeys(_COMMISSIONS.values()))}.")

    def counts(it: Parties) -> bool:
        is_one = it.reward.side == "advocate" and it.reward.kind != "points" and it.reward.id > asked.after
        return is_one and status in (None, _status(it)) and type_ in (None, _type(it))

    partner = asked.get("partnerId")
    if (invoice := asked.get("invoiceId")) is not None:
        try:
            of = (await see.conversions.get(who, directory, invoice)).rewards
        except UnknownError:
            return []
        return [_of_reward(it) for it in of if counts(it) and partner in (None, it.beneficiary.id)][: asked.limit]

    async def read(ours: str | None, after: str) -> Page[Parties]:
        limit = min(_READ, 2 * asked.limit)  # of a recommendation both may earn
        return await see.parties.page(who, directory, status=ours, beneficiary=partner, after=after, limit=limit)

    mine: list[str | None] = [None]
    if status is not None:
        mine = [ours for ours, theirs in _COMMISSIONS.items() if theirs == status]
    found = [it for ours in mine for it in await _gather(partial(read, ours), counts, asked)]
    return [_of_reward(it) for it in sorted(found, key=lambda it: it.reward.id)[: asked.limit]]


async def _gather(
    read: Callable[[str], Awaitable[Page[Parties]]], counts: Callable[[Parties], bool], asked: _Asked
) -> list[Parties]:
    """Return so many of those that count, whatever stands between them: a page without any would be taken for the last."""
    found, after = list[Parties](), asked.after
    while len(found) < asked.limit:
        piece = await read(after)
        found += [it for it in piece.items if counts(it)]
        if piece.after is None:
            break
        after = piece.after
    return found[: asked.limit]


def _status(it: Parties) -> str:
    return _COMMISSIONS[it.reward.status]


def _type(it: Parties) -> str:
    return "sale" if it.paid is not None else "custom"


def _of_reward(it: Parties) -> Json:
    reward = it.reward
    changed = max(at for at in (reward.earned_at, reward.reviewed_at, reward.approved_at) if at is not None)
    partner = {"id": it.beneficiary.id, "name": it.beneficiary.name or it.beneficiary.id}
    return {
        "id": reward.id,
        "type": _type(it),
        "amount": it.paid if it.paid is not None and it.currency == reward.unit else 0,
        "earnings": reward.amount,
        "currency": reward.unit.lower(),
        "status": _status(it),
        "invoiceId": it.invoice,
        "description": None,
        "quantity": 1,
        "metadata": None,
        "createdAt": calendar.text(reward.earned_at),
        "updatedAt": calendar.text(changed),
        "paidAt": None,
        "userId": None,
        "partner": {**partner, **dict.fromkeys(("email", "image", "payoutsEnabledAt", "country", "groupId"))},
        "customer": _of_customer(
            reward.referral,
            it.friend.name or it.friend.id,
            reward.earned_at if it.brought_at is None else it.brought_at,
        ),
    }


async def _partners(who: Principal, directory: Directory, query: Query) -> list[Json]:
    """Advocates, asked for by the number of a page: those before it are read too, so that there is a last that is served."""
    asked = _Asked(query, "tenantId")
    after, items = "", list[Advocate]()
    for at in range(asked.page):
        try:
            piece = await see.advocates.page(
                who, directory, person=asked.get("tenantId"), after=after, limit=asked.limit
            )
        except UnknownError:
            return []
        items = list(piece.items) if at + 1 == asked.page else []
        if piece.after is None:
            break
        after = piece.after
    return [_of_advocate(it) for it in items]


def _of_advocate(it: Advocate) -> Json:
    joined, known = calendar.text(it.advocate.enrolled_at), it.advocate
    links = [dub.short_link(link.code, link.url) for link in it.links]
    return dub.partner(known.person, known.program, it.external_id, joined, _PARTNERS[known.status], links)


async def _links(who: Principal, directory: Directory, query: Query) -> list[Json]:
    """The links of all advocates, which are their codes, asked for by the number of a page or after one of them."""
    asked = _Asked(query, "tenantId")
    tenant = asked.get("tenantId")
    if not asked.after:
        first = (asked.page - 1) * asked.limit
        return (await _behind(who, directory, tenant, "", first + asked.limit))[first:]
    holder = await _holder(who, directory, asked.after, tenant)
    if holder is None:
        return []
    own = _of_links(holder)
    rest = own[next(at for at, it in enumerate(own) if _is(it, asked.after)) + 1 :]
    more = await _behind(who, directory, tenant, holder.advocate.id, asked.limit - len(rest))
    return [*rest, *more][: asked.limit]


async def _count(who: Principal, directory: Directory, query: Query) -> int:
    """How many there are."""
    try:
        person = _Asked(query, "tenantId").get("tenantId")
        found = await see.advocates.codes_of(who, directory, person=person, most=_COUNTED)
    except UnknownError:
        return 0
    if found is None:
        raise InvalidError(f"There are more than {_COUNTED} partners: GET /v1/advocates has all of their links.")
    return found


async def _behind(who: Principal, directory: Directory, tenant: str | None, after: str, most: int) -> list[Json]:
    """Return so many links at most, of the advocates behind one of them."""
    found = list[Json]()
    while len(found) < most:
        try:
            piece = await see.advocates.page(
                who, directory, person=tenant, after=after, limit=min(_READ, most - len(found))
            )
        except UnknownError:
            break
        found += [link for it in piece.items for link in _of_links(it)]
        if piece.after is None:
            break
        after = piece.after
    return found[: max(most, 0)]


async def _holder(who: Principal, directory: Directory, code: str, tenant: str | None = None) -> Advocate | None:
    """Return the advocate whose link it is; None: there is none."""
    persons = [tenant]
    if tenant is None:
        persons = [it.person.id for it in (await see.people.search(who, directory, code)).found if "code" in it.by]
    for person in persons:
        try:
            piece = await see.advocates.page(who, directory, person=person, limit=_MOST)
        except UnknownError:
            continue
        for it in piece.items:
            if any(_is(link, code) for link in _of_links(it)):
                return it
    return None


def _is(link: Json, code: str) -> bool:
    key: str = link["key"]
    return key.upper() == code.upper()


def _of_links(it: Advocate) -> list[Json]:
    at, known = calendar.text(it.advocate.enrolled_at), it.advocate
    return [dub.link(link.code, link.url, known.program, known.person, it.external_id, at) for link in it.links]


async def _link(who: Principal, directory: Directory, query: Query) -> Json:
    """Return a link by its code, which is its id and its key; its domain is not looked at. Raises UnknownError."""
    asked = _Asked(query, "key", "linkId", "domain")
    code = asked.get("linkId") or asked.get("key") or ""
    if not code:
        raise InvalidError("Say which link it is: its key or linkId.")
    holder = await _holder(who, directory, code)
    if holder is None:
        raise UnknownError("link with this key")
    return next(link for link in _of_links(holder) if _is(link, code))


async def _partner_links(who: Principal, directory: Directory, query: Query) -> list[Json]:
    """The links of one partner."""
    asked = _Asked(query, "partnerId", "tenantId")
    named = asked.get("partnerId") or asked.get("tenantId")
    if named is None:
        raise InvalidError("Say whose links: partnerId or tenantId.")
    piece = await see.advocates.page(who, directory, person=named, limit=_READ)
    return [dub.short_link(link.code, link.url) for it in piece.items for link in it.links]


Read = Callable[[Principal, Directory, Query], Awaitable[Any]]


async def _answered(request: Request, read: Read) -> Response:
    directory = directory_of(request)
    try:
        who = await recognise(directory, request.scope)
        return Response(msgspec.json.encode(await read(who, directory, request.query_params)), 200, None, dub.JSON)
    except ProblemError as error:
        return _error(error.status, str(error))
    except NotPermittedError as error:
        return _error(403, str(error))
    except UnknownError as error:
        return _error(404, str(error))
    except InvalidError as error:
        return _error(422, str(error))
    except TRANSIENT:
        return _error(429, "The database is away. Try again.", {b"retry-after": b"5"})


def _error(status: int, message: str, headers: Mapping[bytes, bytes] | None = None) -> Response:
    said: Reply = dub.failure(status, message, headers)
    return Response(
        said.body, said.status, {name.decode(): value.decode() for name, value in said.headers.items()}, dub.JSON
    )


def _route(path: str, read: Read) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _answered(request, read)

    return Route(path, endpoint, methods=["GET"], include_in_schema=False)


async def _one_customer(request: Request) -> Response:
    id_ = str(request.path_params["id"])
    return await _answered(request, lambda who, directory, query: _customer(who, directory, query, id_))


async def _no_such_call(request: Request) -> Response:
    async def read(_: Principal, __: Directory, ___: Query) -> Any:
        raise ProblemError(404, "not_served", dub.not_here(request.url.path))

    return await _answered(request, read)


#: What is read is not in the published document: it is Dub's to describe.
ROUTES: Final = (
    _route("/customers", _customers),
    Route("/customers/{id}", _one_customer, methods=["GET"], include_in_schema=False),
    _route("/commissions", _commissions),
    _route("/partners", _partners),
    _route("/partners/links", _partner_links),
    _route("/links", _links),
    _route("/links/count", _count),
    _route("/links/info", _link),
    *(
        Route(f"/{noun}{more}", _no_such_call, methods=["GET"], include_in_schema=False)
        for noun in ("customers", "commissions", "partners", "links", "track")
        for more in ("", "/{rest:path}")
    ),
)
