"""The log: entries, the newest signed head, proofs."""

from __future__ import annotations

from typing import Annotated

import asyncpg
from fastapi import APIRouter, Query

from goodword.api import models
from goodword.api.answers import decision
from goodword.api.auth import House, needs
from goodword.api.errors import ProblemError, not_found
from goodword.api.paging import Limit
from goodword.app.directory import Principal
from goodword.core import entry as log_entry
from goodword.core.merkle import leaf_hash
from goodword.store import log, pages

router = APIRouter(tags=["log"])

Size = Annotated[int, Query(ge=1, le=2**53)]


@router.get("/v1/log/entries", operation_id="list_entries")
async def list_entries(
    house: House,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Decision]:
    """Entries behind a position."""
    async with house.pool.acquire() as conn:
        found = await pages.leaves(conn, who.workspace.id, after, limit)
    items = [decision(log_entry.read(leaf)) for _, leaf in found]
    return models.Page(items=items, after=str(found[-1][0]) if len(found) == limit else None)


@router.get("/v1/log/head", operation_id="get_head")
async def get_head(house: House, who: Principal = needs("read")) -> models.Head:
    """The newest signed head."""
    async with house.pool.acquire() as conn:
        head = await log.last_head(conn, who.workspace.id)
    if head is None:
        raise not_found("signed head yet")
    return models.Head(
        workspace=who.workspace.id,
        size=head.size,
        root=head.root.hex(),
        as_of=head.as_of,
        signature=head.signature.hex(),
        public=head.public,
    )


@router.get("/v1/log/inclusion", operation_id="prove_inclusion")
async def prove_inclusion(house: House, position: Size, size: Size, who: Principal = needs("read")) -> models.Proof:
    """The proof that an entry is in the log of a size, and the entry's leaf hash."""
    async with house.pool.acquire() as conn:
        await _within(conn, who.workspace.id, size)
        try:
            proof = await log.inclusion(conn, who.workspace.id, position, size)
        except ValueError as error:
            raise ProblemError(422, "invalid_request", str(error)) from None
        leaves = await pages.leaves(conn, who.workspace.id, position - 1, 1)
    return models.Proof(size=size, leaf=leaf_hash(leaves[0][1]).hex(), proof=[part.hex() for part in proof])


@router.get("/v1/log/consistency", operation_id="prove_consistency")
async def prove_consistency(house: House, old: Size, new: Size, who: Principal = needs("read")) -> models.Proof:
    """The proof that the log of a smaller size is the beginning of the larger one."""
    async with house.pool.acquire() as conn:
        await _within(conn, who.workspace.id, new)
        try:
            proof = await log.consistency(conn, who.workspace.id, old, new)
        except ValueError as error:
            raise ProblemError(422, "invalid_request", str(error)) from None
    return models.Proof(size=new, proof=[part.hex() for part in proof])


async def _within(conn: asyncpg.Connection, ws: str, size: int) -> None:
    position = (await log.stream(conn, ws)).position
    if size > position:
        raise ProblemError(422, "invalid_request", f"The log has {position} entries.")
