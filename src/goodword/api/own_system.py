"""The company's own system that books rewards: which it is, and by which secret it knows our requests."""

from __future__ import annotations

from fastapi import APIRouter, Response

from goodword.api import bodies, models
from goodword.api.answers import shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, needs, once_of
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal

router = APIRouter(tags=["own system"])


@router.get("/v1/own-system", operation_id="get_own_system")
async def get_own_system(
    directory: Directory = DIRECTORY, who: Principal = needs(see.own_system.one)
) -> models.OwnSystem:
    """The system of yours that books rewards over the rail ``own_system``, and how many payouts wait for it."""
    found = await see.own_system.one(who, directory)
    if found is None:
        raise UnknownError("system of your own")
    return models.OwnSystem(**shown(found))


@router.put("/v1/own-system", operation_id="connect_own_system")
async def connect_own_system(
    body: bodies.OwnSystem, directory: Directory = DIRECTORY, who: Principal = needs(say.own_system.connect)
) -> models.OwnSystemSecret:
    """Have payouts over ``own_system`` booked by this system from now on; a new secret is shown this once. What waits goes on."""
    said = body.model_dump()
    return models.OwnSystemSecret(secret=await say.own_system.connect(who, directory, said.pop("kind"), **said))


@router.post("/v1/own-system/secret", operation_id="exchange_own_system_secret", status_code=201)
async def exchange_own_system_secret(
    key: IdempotencyKey = None, directory: Directory = DIRECTORY, who: Principal = needs(say.own_system.exchange)
) -> models.OwnSystemSecret:
    """Make a new secret, shown this once. For a day requests are signed with those of before too.

    A repeat under an Idempotency-Key is refused: nobody has the secret any more.
    """
    return models.OwnSystemSecret(secret=await say.own_system.exchange(who, directory, once_of(who, key)))


@router.delete("/v1/own-system", operation_id="end_own_system", status_code=204)
async def end_own_system(directory: Directory = DIRECTORY, who: Principal = needs(say.own_system.end)) -> Response:
    """Have nothing booked any more; what is released over the rail waits for another system."""
    await say.own_system.end(who, directory)
    return Response(status_code=204)
