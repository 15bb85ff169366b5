"""The mail that one gets oneself, as a member."""

from __future__ import annotations

from fastapi import APIRouter

from goodword.api import bodies, models
from goodword.api.auth import DIRECTORY, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal

router = APIRouter(tags=["mail"])


@router.get("/v1/mail", operation_id="get_mail")
async def get_mail(directory: Directory = DIRECTORY, who: Principal = needs(see.account.mail)) -> models.OwnMail:
    """Which mail you get: `off`, `digest`, or `urgent`, which is the digest and what is urgent at once."""
    return models.OwnMail(wants=await see.account.mail(who, directory), sent=directory.post is not None)


@router.put("/v1/mail", operation_id="set_mail")
async def set_mail(
    body: bodies.OwnMail, directory: Directory = DIRECTORY, who: Principal = needs(say.account.set_mail)
) -> models.OwnMail:
    """Say which mail you want from now on."""
    await say.account.set_mail(who, directory, body.wants)
    return models.OwnMail(wants=body.wants, sent=directory.post is not None)
