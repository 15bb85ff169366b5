"""People and who brought whom: persons, payees, advocates, referrals, claims."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.answers import done, of_preview, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.payees import Answered
from goodword.app.say.said import Why
from goodword.app.see.advocates import Advocate
from goodword.app.see.claims import Side, Sides
from goodword.app.sharing import Format
from goodword.core import calendar, confidence
from goodword.core.state import Referral

router = APIRouter()

PersonId = Annotated[fields.Id, Path()]
AdvocateId = Annotated[fields.Id, Path()]
#: Format of a picture -> its media type.
_PICTURES: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}


@router.get("/v1/people", operation_id="find_person", tags=["people"])
async def find_person(
    external_id: Annotated[str, Query(max_length=256)],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.people.find),
) -> models.Person:
    """The person to whom the company gave this name."""
    return models.Person(**shown(await see.people.find(who, directory, external_id)))


@router.get("/v1/people/{person}", operation_id="get_person", tags=["people"])
async def get_person(
    person: PersonId, directory: Directory = DIRECTORY, who: Principal = needs(see.people.get)
) -> models.Person:
    """A person's name; an erased person has none."""
    return models.Person(**shown(await see.people.get(who, directory, person)))


@router.delete("/v1/people/{person}", operation_id="erase_person", tags=["people"])
async def erase_person(
    person: PersonId,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.people.erase),
) -> models.Decision:
    """Erase what is known of a person, for good. The log keeps their id; refused while anything is open for them."""
    return done(await say.people.erase(who, directory, person, key_of(who, key)))


@router.post(
    "/v1/people/{person}/copies",
    operation_id="copy_person",
    tags=["people"],
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def copy_person(
    person: PersonId,
    body: bodies.CopyReason,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.people.copy),
) -> StreamingResponse:
    """All that is held of a person who asked for it, as one file; look at it first: notes may name others. It goes on the record."""
    made = await say.people.copy(who, directory, person, body.note, key_of(who, key))
    done(made.entry)
    return StreamingResponse(made.pieces or (), media_type="application/json")


@router.post("/v1/people/{person}/merges", operation_id="merge_person", tags=["people"])
async def merge_person(
    person: PersonId,
    body: bodies.Merge,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.people.merge),
) -> models.Decision:
    """Merge another account of the same person into this one. Whoever merges approves nothing of what is moved."""
    return done(await say.people.merge(who, directory, person, body.gone, body.reason, body.note, key_of(who, key)))


@router.put("/v1/people/{person}/payee", operation_id="set_payee", tags=["people"])
async def set_payee(
    person: PersonId,
    body: bodies.PayeeDetails,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payees.set_payee),
) -> models.Decision:
    """Enter or change where a beneficiary is paid; what was approved for other details goes back to review."""
    details = dict(body.details)
    return done(await say.payees.set_payee(who, directory, person, body.rail, details, key_of(who, key)))


@router.get("/v1/people/{person}/payee", operation_id="get_payee", tags=["people"])
async def get_payee(
    person: PersonId, directory: Directory = DIRECTORY, who: Principal = needs(see.destinations.get)
) -> models.Payee:
    """Where a beneficiary is paid, as far as you may see it, and what a bank answered about it."""
    it = await see.destinations.get(who, directory, person)
    checked = it.payee.checked
    return models.Payee(
        person=person,
        rail=it.payee.rail,
        destination=it.payee.destination,
        last=it.last,
        changed_at=None if it.payee.changed_at is None else calendar.text(it.payee.changed_at),
        entered_by=[act.member for act in it.payee.acts],
        check=None
        if checked is None
        else models.PayeeCheck(
            answer=checked.answer,  # type: ignore[arg-type]
            provider=checked.provider,
            answered_at=calendar.text(checked.at),
            suggested=checked.suggested is not None,
        ),
        stopped=it.stopped,  # type: ignore[arg-type]
        case=next(iter(it.payee.asked), None),
        suggested_name=it.suggested,
        waits=None
        if it.waits is None
        else models.PayeeWaits(
            rail=it.waits.rail,
            destination=it.waits.destination,
            last=it.waits.last,
            asked_at=calendar.text(it.waits.asked_at),
            holds_from=None if it.waits.due_at is None else calendar.text(it.waits.due_at),
        ),
    )


@router.post("/v1/people/{person}/payee/checks", operation_id="check_payee", tags=["people"])
async def check_payee(
    person: PersonId,
    body: bodies.PayeeCheck,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.payees.check),
) -> models.Decision:
    """Say what a bank answered about a payee's name and account.

    After `close_match` and `no_match` nothing goes there until a person decides the case.
    """
    at = None if body.answered_at is None else calendar.parse(body.answered_at)
    said = Answered(**{**body.model_dump(exclude={"answered_at"}), "answered_at": at})
    return done(await say.payees.check(who, directory, person, said, key_of(who, key)))


@router.get("/v1/people/{person}/deal-forms", operation_id="list_deal_forms", tags=["deals"])
async def list_deal_forms(
    person: PersonId, directory: Directory = DIRECTORY, who: Principal = needs(see.forms.every)
) -> models.Page[models.DealForm]:
    """The links to a partner's own form for deals, ended ones too, the newest 50; what opens one is kept by nobody."""
    return models.Page(items=[models.DealForm(**shown(it)) for it in await see.forms.every(who, directory, person)])


@router.post("/v1/people/{person}/deal-forms", operation_id="make_deal_form", tags=["deals"], status_code=201)
async def make_deal_form(
    person: PersonId,
    body: bodies.NewDealForm,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.forms.make),
) -> models.DealFormMade:
    """Make a link by which a partner registers deals of their own; it is shown this once, and you send it to them."""
    made = await say.forms.make(who, directory, person, body.program, body.days, key_of(who, key))
    return models.DealFormMade(**shown(made))


@router.delete("/v1/deal-forms/{form}", operation_id="end_deal_form", tags=["deals"], status_code=204)
async def end_deal_form(
    form: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(say.forms.end)
) -> Response:
    """Let a link open nothing any more; what was registered by it stands."""
    await say.forms.end(who, directory, form)
    return Response(status_code=204)


@router.get("/v1/advocates", operation_id="list_advocates", tags=["advocates"])
async def list_advocates(
    program: str | None = None,
    person: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.advocates.page),
) -> models.Page[models.Advocate]:
    """Advocates with the names the company gave them."""
    advocates = await see.advocates.page(who, directory, program=program, person=person, after=after, limit=limit)
    return page(advocates, _advocate)


@router.post("/v1/advocates/lift", operation_id="lift_suspension", tags=["advocates"])
async def lift_suspension(
    body: bodies.Lifting,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.advocates.lift),
) -> models.Decision:
    """Lift a suspension that was a mistake: what it cost is decided again. A second member must say so too."""
    why = Why(body.reason, body.note)
    return done(await say.advocates.lift(who, directory, body.program, body.person, why, key_of(who, key)))


@router.post("/v1/advocates/{advocate}/code", operation_id="change_code", tags=["advocates"])
async def change_code(
    advocate: AdvocateId,
    body: bodies.NewCode,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.sharing.change),
) -> models.Decision:
    """Give an advocate another code to share, once; links with that of before go on."""
    return done(await say.sharing.change(who, directory, advocate, body.code, key_of(who, key)))


@router.get("/v1/advocates/{advocate}/sharing", operation_id="get_sharing", tags=["advocates"])
async def get_sharing(
    advocate: AdvocateId,
    variant: Annotated[
        str | None, Query(max_length=64, description="The name of a text; by default the first.")
    ] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.sharing.kit),
) -> models.Sharing:
    """What an advocate shares: link, code, and messages that open in their own app. Nothing is sent by asking for them."""
    it = await see.sharing.kit(who, directory, advocate, variant)
    values = shown(it)
    return models.Sharing(**{**values, "advocate": it.advocate.id, "program": it.advocate.program})


@router.get(
    "/v1/advocates/{advocate}/sharing/picture",
    operation_id="get_sharing_picture",
    tags=["advocates"],
    response_class=Response,
    responses={200: {"content": {_PICTURES[kind]: {} for kind in _PICTURES}}},
)
async def get_sharing_picture(
    advocate: AdvocateId,
    format: Annotated[Format, Query()] = "svg",  # noqa: A002 - it is the name of the parameter
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.sharing.picture),
) -> Response:
    """The link of an advocate as a QR code, to be printed."""
    return Response(await see.sharing.picture(who, directory, advocate, format), media_type=_PICTURES[format])


@router.get("/v1/referrals", operation_id="list_referrals", tags=["referrals"])
async def list_referrals(
    friend: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.referrals.page),
) -> models.Page[models.Referral]:
    """Referrals: who brought whom."""
    referrals = await see.referrals.page(who, directory, friend=friend, after=after, limit=limit)
    return page(referrals, _referral)


@router.get("/v1/claims", operation_id="list_claims", tags=["claims"])
async def list_claims(
    status: str | None = None,
    friend: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.claims.page),
) -> models.Page[models.Claim]:
    """Claims, each beside what it is said against; those of a friend that are open together contest one another."""
    return page(await see.claims.page(who, directory, status=status, friend=friend, after=after, limit=limit), _claim)


@router.get("/v1/claims/{claim}", operation_id="get_claim", tags=["claims"])
async def get_claim(
    claim: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(see.claims.get)
) -> models.Claim:
    """One claim beside what it is said against: who, by which touches, and what is at stake."""
    return _claim(await see.claims.get(who, directory, claim))


@router.post("/v1/claims", operation_id="enter_claim", tags=["claims"])
async def enter_claim(
    body: bodies.NewClaim,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.enter),
) -> models.Decision:
    """Say that advocates brought a friend; another person decides."""
    shares = _parts(body.advocates)
    said = (body.program, body.person, shares, calendar.parse(body.lead_at), body.reason, body.note, body.evidence)
    return done(await say.claims.enter(who, directory, *said, key_of(who, key)))


@router.post("/v1/claims/{claim}/take", operation_id="take_claim", tags=["claims"])
async def take_claim(
    claim: Annotated[fields.Id, Path()],
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.take),
) -> models.Decision:
    """Take up a request: from now on what it touches is neither approved nor sent until it is decided."""
    return done(await say.claims.take(who, directory, claim, key_of(who, key)))


@router.post("/v1/claims/{claim}/comments", operation_id="comment_claim", tags=["claims"])
async def comment_claim(
    claim: Annotated[fields.Id, Path()],
    body: bodies.Comment,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.comment),
) -> models.Decision:
    """Comment on a claim; ``told``: it is an answer to the person who entered it, who reads it."""
    return done(await say.claims.comment(who, directory, claim, body.note, key_of(who, key), told=body.told))


@router.post("/v1/claims/{claim}/appeal", operation_id="appeal_claim", tags=["claims"])
async def appeal_claim(
    claim: Annotated[fields.Id, Path()],
    body: bodies.Appeal,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.appeal),
) -> models.Decision:
    """Have the decision of a claim looked at again, by a member who neither entered nor decided it; once, and in its time."""
    return done(await say.claims.appeal(who, directory, claim, body.reason, body.note, key_of(who, key)))


@router.post("/v1/claims/{claim}/decision", operation_id="decide_claim", tags=["claims"])
async def decide_claim(
    claim: Annotated[fields.Id, Path()],
    body: bodies.ClaimAnswer,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.decide),
) -> models.Decision:
    """Decide a claim: won makes or moves the referral, split gives it to several in parts, none says that nobody brought the friend."""
    said = (body.outcome, body.reason, body.note, key_of(who, key), _parts(body.shares))
    return done(await say.claims.decide(who, directory, claim, *said))


@router.post("/v1/claims/{claim}/preview", operation_id="preview_claim", tags=["claims"])
async def preview_claim(
    claim: Annotated[fields.Id, Path()],
    body: bodies.ClaimAnswer,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.claims.preview),
) -> models.DecisionPreview:
    """What deciding a claim so would decide and move, as things are now. Nothing of it is kept."""
    return of_preview(await say.claims.preview(who, directory, claim, body.outcome, body.reason, _parts(body.shares)))


def _parts(shares: list[bodies.ShareBody]) -> list[tuple[str, Fraction]]:
    return [(share.person, Fraction(share.numerator, share.denominator)) for share in shares]


def _referral(referral: Referral) -> models.Referral:
    sure = confidence.of(referral)
    told = [(ground, words.ground(ground.code, ground.values)) for ground in sure.grounds]
    grounds = [models.Ground(code=ground.code, values=ground.values, sentence=sentence) for ground, sentence in told]
    return models.Referral(**{**shown(referral), "confidence": sure.level, "grounds": grounds})


def _claim(sides: Sides) -> models.Claim:
    def side(it: Side) -> models.ClaimSide:
        shares = [models.ClaimShare(**share, name=sides.names.get(share["person"])) for share in shown(it)["shares"]]
        told = [models.ClaimTouch(**{**shown(one), "at": calendar.text(one.at)}) for one in it.touches]
        stakes = [models.Stake(**shown(one, "unit", "status", "count", "amount")) for one in it.stakes]
        return models.ClaimSide(**{**shown(it), "shares": shares, "touches": told, "stakes": stakes})

    standing = [side(one) for one in sides.standing]
    name = sides.names.get(sides.claim.friend)
    comments = [models.Comment(by=it.by, at=calendar.text(it.at), note=it.note) for it in sides.claim.comments]
    own = shown(sides.claim) | {"comments": comments}
    given = [models.Share(**share) for share in shown(sides)["given"]]
    claimed = side(sides.claimed)
    return models.Claim(**own, friend_name=name, claimed=claimed, standing=standing, given=given)


def _advocate(advocate: Advocate) -> models.Advocate:
    links = [models.Link(**shown(link)) for link in advocate.links]
    named = {"codes": [link.code for link in links], "links": links, "external_id": advocate.external_id}
    return models.Advocate(**{**shown(advocate.advocate), **named})
