"""Members and keys: who may do what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal

router = APIRouter()


@router.get("/v1/members", operation_id="list_members", tags=["members"])
async def list_members(
    directory: Directory = DIRECTORY, who: Principal = needs(see.members.every)
) -> models.Page[models.Member]:
    """All members with roles and limits."""
    members = await see.members.every(who, directory)
    items = [models.Member(**shown(member.member), email=member.mail) for member in members]
    return models.Page(items=items)


@router.post("/v1/members", operation_id="set_member", tags=["members"])
async def set_member(
    body: bodies.MemberBody,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.members.set_member),
) -> models.MemberAdded:
    """Add a member, or change roles, limits and programs; who never had a key gets one.

    What gives them more waits until another owner confirms it (`second_person_needed`, `GET /v1/changes`); what takes away holds
    at once.
    """
    said = (body.email, tuple(body.roles), body.limits, key_of(who, key))
    made = await say.members.set_member(who, directory, *said, programs=tuple(body.programs))
    return models.MemberAdded(id=made.member, key=made.key, decision=done(made.entry))


@router.get("/v1/changes", operation_id="list_changes", tags=["members"])
async def list_changes(
    status: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.changes.page),
) -> models.Page[models.Change]:
    """What owners asked for; ``status=open`` waits for another owner."""
    changes = await see.changes.page(who, directory, status=status, after=after, limit=limit)
    return page(changes, lambda change: models.Change(**shown(change)))


@router.post("/v1/changes/{change}/decision", operation_id="decide_change", tags=["members"])
async def decide_change(
    change: Annotated[fields.Id, Path()],
    body: bodies.ChangeAnswer,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.changes.decide),
) -> models.MemberAdded:
    """Confirm what another owner asked for, decline it, or withdraw it; a member who comes by it gets a key, unless they have one."""
    made = await say.changes.decide(who, directory, change, body.outcome, key_of(who, key))
    return models.MemberAdded(id=made.member, key=made.key, decision=done(made.entry))


@router.get("/v1/keys", operation_id="list_keys", tags=["keys"])
async def list_keys(
    directory: Directory = DIRECTORY, who: Principal = needs(see.keys.every)
) -> models.Page[models.Key]:
    """All keys, ended ones too; their texts are kept by nobody."""
    return models.Page(items=[models.Key(**shown(key)) for key in await see.keys.every(who, directory)])


@router.post("/v1/keys", operation_id="make_key", tags=["keys"], status_code=201)
async def make_key(
    body: bodies.NewKey, directory: Directory = DIRECTORY, who: Principal = needs(say.keys.make)
) -> models.KeyMade:
    """Make a service key, or a secret of the portal, beside those there are; its text is shown this once."""
    id_, text = await say.keys.make(who, directory, body.kind, name=body.name)
    return models.KeyMade(id=id_, key=text)


@router.post("/v1/hooks", operation_id="hold_secret", tags=["keys"], status_code=201)
async def hold_secret(
    body: bodies.NewHook, directory: Directory = DIRECTORY, who: Principal = needs(say.keys.hook)
) -> models.HookMade:
    """Hold a secret with which another system signs what it sends, beside those that are held; `DELETE /v1/keys/{key}` ends one."""
    id_, path = await say.keys.hook(who, directory, body.source, body.secret, name=body.name)
    return models.HookMade(id=id_, url=directory.engine.url + path)


@router.delete("/v1/keys/{key}", operation_id="revoke_key", tags=["keys"], status_code=204)
async def revoke_key(
    key: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(say.keys.revoke)
) -> Response:
    """End a key; it stops within seconds."""
    await say.keys.revoke(who, directory, key)
    return Response(status_code=204)
