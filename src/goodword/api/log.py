"""The log: entries, the newest signed head, proofs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from goodword.api import models
from goodword.api.answers import decision
from goodword.api.auth import DIRECTORY, needs
from goodword.api.paging import Limit, page
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.log import Proof

router = APIRouter(tags=["log"])

Size = Annotated[int, Query(ge=1, le=2**53)]


@router.get("/v1/log/entries", operation_id="list_entries")
async def list_entries(
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.log.page),
) -> models.Page[models.Decision]:
    """Entries behind a position."""
    return page(await see.log.page(who, directory, after=after, limit=limit), decision)


@router.get("/v1/log/head", operation_id="get_head")
async def get_head(directory: Directory = DIRECTORY, who: Principal = needs(see.log.head)) -> models.Head:
    """The newest signed head."""
    head = await see.log.head(who, directory)
    return models.Head(
        workspace=who.workspace.id,
        size=head.size,
        root=head.root.hex(),
        as_of=head.as_of,
        signature=head.signature.hex(),
        public=head.public,
    )


@router.get("/v1/log/inclusion", operation_id="prove_inclusion")
async def prove_inclusion(
    position: Size, size: Size, directory: Directory = DIRECTORY, who: Principal = needs(see.log.inclusion)
) -> models.Proof:
    """The proof that an entry is in the log of a size, and the entry's leaf hash."""
    return _proof(await see.log.inclusion(who, directory, position, size))


@router.get("/v1/log/consistency", operation_id="prove_consistency")
async def prove_consistency(
    old: Size, new: Size, directory: Directory = DIRECTORY, who: Principal = needs(see.log.consistency)
) -> models.Proof:
    """The proof that the log of a smaller size is the beginning of the larger one."""
    return _proof(await see.log.consistency(who, directory, old, new))


def _proof(proof: Proof) -> models.Proof:
    leaf = proof.leaf.hex() if proof.leaf is not None else None
    return models.Proof(size=proof.size, leaf=leaf, proof=[part.hex() for part in proof.parts])
