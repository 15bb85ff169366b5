"""Programs: rule files are published, programs are paused, resumed and ended."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import not_found
from goodword.app.directory import Principal
from goodword.app.say import programs
from goodword.core import calendar
from goodword.store import pages
from goodword.store import rules as rule_versions

router = APIRouter(tags=["programs"])


@router.get("/v1/programs", operation_id="list_programs")
async def list_programs(house: House, who: Principal = needs("read")) -> models.Page[models.Program]:
    """All programs, the oldest first."""
    async with house.pool.acquire() as conn:
        found = await pages.programs(conn, who.workspace.id)
    return models.Page(
        items=[
            models.Program(
                id=program.id,
                slug=program.slug,
                status=program.status,
                versions=[models.Version(rules=hash_, since=calendar.text(at)) for at, hash_ in program.versions],
            )
            for program in found
        ]
    )


@router.post("/v1/programs", operation_id="publish_program")
async def publish_program(
    body: bodies.RuleFile, house: House, key: IdempotencyKey, who: Principal = needs("program.publish")
) -> models.Decision:
    """Publish a rule file: its first version makes the program, a later one takes effect from now on."""
    entry = await programs.publish(
        house.engine, who.workspace.id, who.actor, body.document.encode(), body.name, key=key_of(who, key)
    )
    return done(entry)


@router.post("/v1/programs/{program}/{step}", operation_id="move_program")
async def move_program(
    program: Annotated[fields.Id, Path()],
    step: Literal["pause", "resume", "end"],
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("program.publish"),
) -> models.Decision:
    """Pause (no new touches), resume or end (only refunds and open rewards go on) a program."""
    to = {"pause": "paused", "resume": "active", "end": "ended"}[step]
    entry = await programs.move(house.engine, who.workspace.id, who.actor, program, to, key=key_of(who, key))
    return done(entry)


@router.get(
    "/v1/rules/{rules}",
    operation_id="get_rules",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
async def get_rules(
    rules: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], house: House, who: Principal = needs("read")
) -> Response:
    """A rule version: its canonical text, every default written out."""
    async with house.pool.acquire() as conn:
        found = await rule_versions.documents(conn, who.workspace.id, [rules])
    if not found:
        raise not_found("rule version")
    return Response(found[0][1], media_type="application/json")
