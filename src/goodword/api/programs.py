"""Programs: rule files are published, programs go live, are paused, resumed and ended."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Header, Path, Query, Response

from goodword.api import bodies, fields, models
from goodword.api.answers import done, previewed, published
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.proof.preview import Order
from goodword.app.say.programs import Wanted
from goodword.app.see.publications import Told
from goodword.core import calendar
from goodword.core.events import LaunchPlan
from goodword.core.state import Program

router = APIRouter(tags=["programs"])


@router.get("/v1/programs", operation_id="list_programs")
async def list_programs(
    directory: Directory = DIRECTORY, who: Principal = needs(see.programs.joins)
) -> models.Page[models.Program]:
    """All programs, the oldest first."""
    return models.Page(items=[_program(it, join) for it, join in await see.programs.joins(who, directory)])


@router.post("/v1/programs", operation_id="publish_program")
async def publish_program(
    body: bodies.RuleFile,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.programs.publish),
) -> models.Published:
    """Publish a rule file: its first version makes the program, a later one takes effect from now on."""
    entry = await say.programs.publish(who, directory, body.document.encode(), body.name, key_of(who, key))
    return published(entry)


@router.get("/v1/programs/{program}/readiness", operation_id="get_program_readiness")
async def get_program_readiness(  # noqa: PLR0913 - a plan
    program: Annotated[fields.Id, Path(description="By its id or slug.")],
    owner: Annotated[str, Query(max_length=64)] = "",
    trigger: Annotated[str, Query(max_length=64)] = "",
    billing: Annotated[str, Query(max_length=64)] = "",
    silent_hours: Annotated[int, Query(ge=0, le=168)] = 0,
    evidence: Annotated[str, Query(pattern="^([0-9a-f]{64})?$")] = "",
    measures: Annotated[list[bodies.Measure] | None, Query(max_length=32)] = None,
    every_days: Annotated[int, Query(ge=0, le=92)] = 0,
    looks: Annotated[str, Query(max_length=64)] = "",
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.launching.readiness),
) -> models.Readiness:
    """What the gate would say if the program were launched with this plan; what is left out is that of its last launch.

    Also in a sandbox, where a program is live without.
    """
    plan = LaunchPlan(
        owner=owner,
        trigger=trigger,
        billing=billing,
        silence=silent_hours * calendar.HOUR,
        evidence=evidence,
        measures=tuple(measures or ()),
        every=every_days,
        looks=looks,
    )
    return _readiness(await see.launching.readiness(who, directory, program, plan))


@router.post("/v1/programs/{program}/launch", operation_id="launch_program")
async def launch_program(
    program: Annotated[fields.Id, Path(description="By its id or slug.")],
    body: bodies.Launch,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.programs.launch),
) -> models.Decision:
    """Let a draft go live if nothing is missing (`not_ready` names all that is); of a live program say anew what goes with it."""
    wanted = Wanted(
        program=program,
        owner=body.owner,
        trigger=body.trigger,
        billing=body.billing,
        hours=body.silent_hours,
        evidence=body.evidence,
        measures=tuple(body.measures),
        every=body.every_days,
        looks=body.looks,
    )
    return done(await say.programs.launch(who, directory, wanted, key_of(who, key)))


@router.post("/v1/programs/{program}/{step}", operation_id="move_program")
async def move_program(
    program: Annotated[fields.Id, Path()],
    step: Literal["pause", "resume", "end"],
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.programs.move),
) -> models.Decision:
    """Pause (no new touches), resume or end (only refunds and open rewards go on) a program."""
    to = {"pause": "paused", "resume": "active", "end": "ended"}[step]
    return done(await say.programs.move(who, directory, program, to, key_of(who, key)))


@router.get(
    "/v1/rules/{rules}",
    operation_id="get_rules",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}},
)
async def get_rules(
    rules: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.programs.rules),
) -> Response:
    """A rule version: its canonical text, every default written out."""
    return Response(await see.programs.rules(who, directory, rules), media_type="application/json")


@router.post("/v1/rules/preview", operation_id="preview_rules")
async def preview_rules(
    body: bodies.RulePreview, directory: Directory = DIRECTORY, who: Principal = needs(see.previews.of_rules)
) -> models.Preview:
    """What each side would earn for an order under a rule file, decided as a real one would be, and why. Nothing is stored."""
    order = msgspec.convert(body.order.model_dump(), Order)
    return previewed(await see.previews.of_rules(who, directory, body.document.encode(), body.name, order))


@router.get(
    "/v1/programs/{program}/terms",
    operation_id="get_program_terms",
    response_model=models.ProgramTerms,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
async def get_program_terms(
    program: Annotated[fields.Id, Path(description="By its id or slug.")],
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="By default the newest.")] = None,
    language: Annotated[str, Query(pattern="^[A-Za-z-]{2,20}$")] = "en",
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.terms.of),
) -> models.ProgramTerms | Response:
    """The terms of a program: in three lines, in whole, and by examples that were worked out by its rules.

    As they were said when the version was published; with `Accept: text/markdown` as a page to print.
    """
    told = await see.terms.of(who, directory, program, version, language)
    if accept is not None and "text/markdown" in accept:
        return Response(told.markdown, media_type="text/markdown")
    return _terms(told)


def _readiness(it: see.launching.Readiness) -> models.Readiness:
    plan = it.plan
    return models.Readiness(
        program=it.program.id,
        slug=it.program.slug,
        status=it.program.status,
        gated=it.gated,
        ready=it.ready,
        missing=[one.item.item for one in it.checks if one.item.why is not None],
        checks=[
            models.GateCheck(item=one.item.item, title=one.title, why=one.item.why, says=one.says) for one in it.checks
        ],
        evidence=it.evidence,
        pieces=list(it.pieces),
        rewards=list(it.rewards),
        plan=models.LaunchPlan(
            owner=plan.owner,
            trigger=plan.trigger,
            billing=plan.billing,
            silent_hours=plan.silence // calendar.HOUR,
            evidence=plan.evidence,
            measures=list(plan.measures),
            every_days=plan.every,
            looks=plan.looks,
        ),
        stops=[
            models.StandsStill(
                code=one.code, says=one.says, since=None if one.since is None else calendar.text(one.since)
            )
            for one in it.troubles
        ],
    )


def _terms(told: Told) -> models.ProgramTerms:
    it = told.terms
    return models.ProgramTerms(
        program=told.program.id,
        slug=told.program.slug,
        name=it.name,
        version=told.number,
        rules=told.rules,
        sha256=told.sha256,
        recorded=told.recorded,
        language=it.language,
        since=calendar.text(told.since),
        until=None if told.until is None else calendar.text(told.until),
        short=list(it.short),
        parts=[models.TermsPart(code=one.code, title=one.title, sentences=list(one.sentences)) for one in it.parts],
        examples=[
            models.TermsExample(
                code=one.code,
                title=one.title,
                why=one.why,
                people=list(one.people),
                rows=[
                    models.TermsRow(day=row.day, what=row.what, has=list(row.has), said=list(row.said))
                    for row in one.rows
                ],
            )
            for one in it.examples
        ],
    )


def _program(program: Program, join: str | None) -> models.Program:
    versions = [models.Version(rules=hash_, since=calendar.text(at)) for at, hash_ in program.versions]
    return models.Program(id=program.id, slug=program.slug, status=program.status, versions=versions, join=join)
