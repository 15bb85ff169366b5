"""Members and keys: who may do what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import ProblemError, not_found
from goodword.app.directory import Principal
from goodword.app.say import members
from goodword.core import calendar

router = APIRouter()


@router.get("/v1/members", operation_id="list_members", tags=["members"])
async def list_members(house: House, who: Principal = needs("read")) -> models.Page[models.Member]:
    """All members with roles and limits."""
    found = await members.every(house, who.workspace)
    items = [models.Member(id=one.id, email=mail, roles=list(one.roles), limits=one.limits) for one, mail in found]
    return models.Page(items=items)


@router.post("/v1/members", operation_id="set_member", tags=["members"])
async def set_member(
    body: bodies.MemberBody, house: House, key: IdempotencyKey, who: Principal = needs("member.manage")
) -> models.MemberAdded:
    """Add a member, or change roles and limits; who has no key yet gets one."""
    try:
        entry, member, text = await members.add(
            house, who.workspace, who.actor, body.email, tuple(body.roles), body.limits, key=key_of(who, key)
        )
    except members.MailError:
        raise ProblemError(422, "invalid_request", "`email` is no mail address.") from None
    return models.MemberAdded(id=member, key=text, decision=done(entry))


@router.get("/v1/keys", operation_id="list_keys", tags=["keys"])
async def list_keys(house: House, who: Principal = needs("member.manage")) -> models.Page[models.Key]:
    """All keys, ended ones too; their texts are kept by nobody."""
    items = [
        models.Key(
            id=row.id,
            kind=row.kind,
            member=row.member,
            name=row.name,
            created_at=calendar.text(row.created_at),
            revoked_at=calendar.text(row.revoked_at) if row.revoked_at else None,
        )
        for row in await members.keys(house, who)
    ]
    return models.Page(items=items)


@router.post("/v1/keys", operation_id="make_key", tags=["keys"], status_code=201)
async def make_key(body: bodies.NewKey, house: House, who: Principal = needs("member.manage")) -> models.KeyMade:
    """Make a service key; its text is shown this once."""
    id_, text = await members.make_key(house, who.workspace, body.kind, name=body.name)
    return models.KeyMade(id=id_, key=text)


@router.delete("/v1/keys/{key}", operation_id="revoke_key", tags=["keys"], status_code=204)
async def revoke_key(
    key: Annotated[fields.Id, Path()], house: House, who: Principal = needs("member.manage")
) -> Response:
    """End a key; it stops within seconds."""
    if not await members.revoke(house, who, key):
        raise not_found("key that could be ended")
    return Response(status_code=204)
