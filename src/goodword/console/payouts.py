"""Payouts: drafted with a preview, released by a list, sent with a file for the bank, answered; the list, and one with its rewards."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.say.corrections import MOST_WHY, Arrived
from goodword.app.see.behind import Behind
from goodword.app.see.debtors import Whole
from goodword.app.see.handovers import Handed
from goodword.app.see.paging import Shown
from goodword.console import parts
from goodword.console.decisions import Decision, of_subject
from goodword.console.forms import Form, items_of, of_items
from goodword.console.frame import LIMIT, Act, Download, Read, Visit
from goodword.console.rewards import Row as RewardRow
from goodword.console.rewards import row_of as rewards_row
from goodword.core.decision import Verdict
from goodword.core.events import Item
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.payouts import CAME_BACK
from goodword.core.state import Payout
from goodword.outbound.files import DEBTOR, FORMATS, PLAIN, FileRefusedError
from goodword.outbound.rails import DetailsError

MOST = 200  # rewards that are shown of a payout
#: What a member may say became of a payout, and why it did not arrive.
OUTCOMES = ("sent", "completed", "failed", "returned")
REASONS = ("account_closed", "wrong_details", "refused_by_bank", "other")
_WAITS = "awaiting_release"
_NAMED = 3  # changed payouts that are named where a list was stopped
CANCELED = ("wrong_amount", "wrong_details", "not_now", "other")


class Row(Struct, frozen=True):
    """A payout with its payee as the reader may see them: ``name``, and the ``last`` characters of the account.

    ``check``: what a bank answered of the name there; ``stopped``: why nothing goes there, as ``Shown`` has it.
    """

    payout: Payout
    name: str | None
    last: str | None
    check: str | None = None
    stopped: str | None = None


class Payouts(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    payouts: list[Row]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    may_draft: bool
    may_release: bool


class Line(Struct, frozen=True):
    """What a draft does for one payee. ``refusal``: why it leaves them out; ``rewards``, ``netted``: what it gathers and takes off.

    ``short``: the programs of which too little is due: their slug, what is, and the minimum.
    """

    payee: Shown
    amount: int
    netted: int
    rewards: int
    refusal: str | None
    short: list[tuple[str, int, int]]


class Draft(Struct, frozen=True):
    """A draft before it is made. ``units``: what is approved and not sent, by unit, the most first.

    ``rail`` and ``unit``: those that are shown: what was chosen, or those by which most would be sent; ``lines``: None where there are
    none, or it is not for them to draft.
    """

    rails: list[str]
    units: list[tuple[str, int]]
    rail: str | None
    unit: str | None
    lines: list[Line] | None
    send: int
    netted: int
    dates: list[Verdict]


class Release(Struct, frozen=True):
    """A frozen list to be released, its sum by unit, and the list as the form sends it back.

    ``gone``: what was asked for too and does not wait for its release any more.
    """

    shown: list[tuple[Item, Shown]]
    sums: dict[str, int]
    highest: dict[str, int]
    payees: int
    list_sha256: str
    items: str
    mine: list[str]
    gone: list[Row]


class Bank(Struct, frozen=True):
    """The file for the bank in a format. ``payouts``: the first of those that stand in it.

    ``left_out``: the first of those whose payment details do not open, or are others than were released; ``refused``: the first of
    those that the format cannot carry, each with the sentence that says why, ``without`` in all; ``out``: all that are not in it.
    ``missing``: what it needs besides of the company's own account; ``day``: on which it would be executed. ``fields``: of that
    account, with their meaning. ``handed``: the files that were handed out last.
    """

    lines: int
    payouts: list[Row]
    left_out: list[Row]
    refused: list[tuple[Row, str]]
    without: int
    out: int
    formats: dict[str, str]
    format: str
    unit: str | None
    units: list[str]
    day: str | None
    missing: list[str]
    debtor: Whole
    fields: dict[str, str]
    members: dict[str, str | None]
    handed: list[Handed]


class Arrival(Struct, frozen=True):
    """What would come of saying that it arrived after all, in words. ``refusal``: why it would be refused."""

    told: list[str]
    refusal: str | None


class One(Struct, frozen=True):
    """A payout with the rewards that it pays. ``decisions`` is None for who may not read the log; ``members``: mails by id.

    ``behind``: what is behind the code that it brought; None where it brought none of our own.
    """

    row: Row
    rewards: list[RewardRow]
    decisions: list[Decision] | None
    may_cancel: bool
    may_answer: bool
    outcomes: tuple[str, ...]
    reasons: tuple[str, ...]
    why_canceled: tuple[str, ...]
    members: dict[str, str | None]
    arrival: Arrival | None
    behind: Behind | None


async def listed(visit: Visit) -> Payouts:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.payouts.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    rows = await _rows(visit, page.items)
    may = visit.may(say.payouts.draft), visit.may(say.payouts.release)
    return Payouts(rows, page.after, filters, list(LIFECYCLES["payout"]), *may)


async def _rows(visit: Visit, payouts: Sequence[Payout]) -> list[Row]:
    about = await visit.read(see.payouts.to_release, [payout.id for payout in payouts])
    return [Row(payout, it.name, it.last) for payout, it in zip(payouts, about.shown, strict=True)]


async def one(visit: Visit) -> One:
    """Return one payout."""
    id_ = visit.named("payout")
    payout = await visit.read(see.payouts.get, id_)
    shown = (await visit.read(see.payouts.to_release, [id_])).shown[0]
    rewards = await visit.read(see.parties.each, [part.reward for part in payout.parts[:MOST]])
    entries = await visit.glance(see.explanations.decisions, id_)
    said = None if entries is None else of_subject(id_, entries)
    row = Row(payout, shown.name, shown.last, shown.check, shown.stopped)
    paid = [rewards_row(about) for about in rewards]
    cancels = payout.status in ("draft", "awaiting_release", "released") and visit.may(say.payouts.cancel)
    answers = payout.status in ("processing", "unknown", "sent", "completed") and visit.may(say.payouts.answer)
    members = {member.member.id: member.mail for member in await visit.glance(see.members.every) or ()}
    arrival = await _arrival(visit, payout)
    behind = await visit.glance(see.codes.behind, id_)
    return One(row, paid, said, cancels, answers, OUTCOMES, REASONS, CANCELED, members, arrival, behind)


async def _arrival(visit: Visit, payout: Payout) -> Arrival | None:
    """Return what would come of saying that a payout arrived after all; None where it did not come back, and for who may not say so."""
    if payout.status not in CAME_BACK or not visit.may(say.corrections.preview_arrived):
        return None
    said = Arrived(payout.id, payout.amount, payout.unit)
    verdicts = (await visit.read(say.corrections.preview_arrived, said)).entry.verdicts
    no = verdicts[0].refusal
    told = [sentence for verdict in verdicts for code, sentence in words.sentences(verdict).steps if code != "two_say"]
    return Arrival([] if no else told, words.refusal(no) if no else None)


async def drafting(visit: Visit) -> Draft:
    """Return what a draft would gather; nothing is gathered by looking."""
    every = await visit.read(see.rails.every)
    usable, rail = await visit.read(see.rails.usable), visit.asked("rail")
    if rail:
        _known(rail, every)
    rails = [name for name in every if name in usable or name == rail]
    overview = await visit.glance(see.reports.overview)
    held = [(unit, held) for unit, kind, held in (overview.accounts if overview else ()) if kind == "payable" and held]
    units = sorted(held, key=lambda one: (-one[1], one[0]))
    unit = visit.asked("unit") or next((unit for unit, _ in units), None)
    if unit is None or not (rail or visit.may(say.payouts.preview)):
        return Draft(rails, units, rail, unit, None, 0, 0, [])
    drafts = [await _draft(visit, rails, units, one, unit) for one in ([rail] if rail else rails)]
    return max(drafts, key=lambda it: it.send)


async def _draft(visit: Visit, rails: list[str], units: list[tuple[str, int]], rail: str, unit: str) -> Draft:
    preview = await visit.read(say.payouts.preview, rail, unit)
    slugs = {it.id: it.slug for it in await visit.glance(see.programs.every) or ()}
    lines = sorted(
        (line_of(*line, slugs) for line in preview.lines), key=lambda it: (bool(it.refusal), -it.amount, it.payee.id)
    )
    sums = sum(line.amount for line in lines), sum(line.netted for line in lines)
    return Draft(rails, units, rail, unit, lines, *sums, preview.of_all)


def _known(rail: str, rails: Collection[str]) -> None:
    if rail not in rails:
        raise InvalidError(f"There is no rail {rail}: choose one of {', '.join(rails)}.", "rail")


def line_of(payee: Shown, verdict: Verdict, slugs: Mapping[str, str]) -> Line:
    """Return what a draft does for one payee. ``slugs``: of programs, by id."""
    said = next((step.values for step in verdict.steps if step.code == "payout"), {})
    lacks = [step.values for step in verdict.steps if step.code == "short"]
    short = [(slugs.get(it["program"], it["program"]), int(it["sum"]), it["minimum"]) for it in lacks]
    return Line(payee, verdict.amount or 0, said.get("netted", 0), said.get("rewards", 0), verdict.refusal, short)


async def draft(visit: Visit, form: Form) -> str:
    """Gather what is due."""
    rail = form.need("rail", 40)
    _known(rail, await visit.read(see.rails.every))
    await visit.say(say.payouts.draft, rail, form.need("unit", 60), None, form.once)
    return "/payouts?status=awaiting_release&done=drafted"


async def releasing(visit: Visit) -> Release:
    """Return the list of the payouts that the address names, as they are now."""
    ids = visit.request.query_params.getlist("id")[:1_000]
    if not ids:
        raise InvalidError("Choose payouts first: none is named.", "id")
    asked = await visit.read(see.payouts.each, ids)
    gone = [payout for payout in asked if payout.status != _WAITS]
    about = (await visit.read(see.payouts.to_release, [payout.id for payout in gone])).shown
    frozen = await visit.read(see.payouts.to_release, [payout.id for payout in asked if payout.status == _WAITS])
    sums, highest = dict[str, int](), dict[str, int]()
    for item in frozen.items:
        sums[item.unit] = sums.get(item.unit, 0) + item.amount
        highest[item.unit] = max(highest.get(item.unit, 0), item.amount)
    shown = list(zip(frozen.items, frozen.shown, strict=True))
    payees, mine = len({it.beneficiary for it in frozen.shown}), [it.id for it in frozen.shown if it.own_work]
    rows = [Row(payout, it.name, it.last) for payout, it in zip(gone, about, strict=True)]
    return Release(shown, sums, highest, payees, frozen.list_sha256, of_items(frozen.items), mine, rows)


async def release(visit: Visit, form: Form) -> str:
    """Release exactly the list that was shown. Raises ConflictError that names what is no longer as it was shown."""
    items = items_of(form)
    try:
        entry = await visit.say(say.payouts.release, items, form.need("list_sha256", 64), form.once)
    except ConflictError as error:
        raise ConflictError(error.code, " ".join([str(error), *await _changed(visit, items)])) from error
    first = all(verdict.outcome != "released" for verdict in entry.verdicts)
    return f"/payouts?status={'awaiting_release&done=released_first' if first else 'released&done=released'}"


async def _changed(visit: Visit, items: Sequence[Item]) -> list[str]:
    """Say of what does not wait for its release any more which it was and what it is now; of the first of it."""
    now = await visit.read(see.payouts.each, [item.id for item in items])
    gone = [(was, it) for was, it in zip(items, now, strict=True) if it.status != _WAITS][:_NAMED]
    about = (await visit.read(see.payouts.to_release, [it.id for _, it in gone])).shown
    return [
        f"{one.name or parts.short(it.beneficiary)}, {parts.short(it.id)}, {parts.worth(was)}: {parts.spoken(it.status)}."
        for (was, it), one in zip(gone, about, strict=True)
    ]


async def bank(visit: Visit) -> Bank:
    """Return what would stand in the file for the bank."""
    name, unit = visit.asked("format") or PLAIN, visit.asked("unit")
    it = await visit.read(see.payouts.for_bank, name=name, unit=unit)
    payouts, out = it.carried[:LIMIT], [*it.left_out[:LIMIT], *(one.payout for one in it.refused[:LIMIT])]
    rows = await _rows(visit, await visit.read(see.payouts.each, [*payouts, *out]))
    left_out, refused = (
        rows[len(payouts) : -len(it.refused[:LIMIT]) or None],
        rows[len(payouts) + len(it.left_out[:LIMIT]) :],
    )
    return Bank(
        lines=len(it.carried),
        payouts=rows[: len(payouts)],
        left_out=left_out,
        refused=[
            (row, words.page(f"bank_file.refused.{one.code}")) for row, one in zip(refused, it.refused, strict=False)
        ],
        without=len(it.refused),
        out=len(it.left_out) + len(it.refused),
        formats={one.name: one.title for one in FORMATS.values()},
        format=name,
        unit=unit,
        units=it.units,
        day=None if it.day is None else it.day.isoformat(),
        missing=it.missing,
        debtor=await visit.read(see.debtors.whole),
        handed=await visit.read(see.handovers.newest),
        fields={field.name: field.meaning for field in DEBTOR},
        members={one.member.id: one.mail for one in await visit.glance(see.members.every) or ()},
    )


async def bank_file(visit: Visit) -> Download:
    """Return the file for the bank."""
    asked = {"unit": visit.asked("unit"), "day": visit.asked("day"), "leave_out": visit.asked("leave_out") == "yes"}
    try:
        file = await visit.read(see.payouts.bank_file, name=visit.asked("format") or PLAIN, **asked)
    except FileRefusedError as error:
        told = words.page(f"bank_file.{error.code}", count=len(error.problems), fields=", ".join(error.fields))
        raise ConflictError(error.code, told) from error
    name = f"payouts-{parts.file_day(await visit.read(see.clock.now))}.{file.format.ending}"
    return Download(name, file.format.media, file.body, told=(say.handovers.register, file))


async def debtor(visit: Visit, form: Form) -> str:
    """Give the account that files pay from."""
    details = {field.name: text for field in DEBTOR if (text := form.text(field.name, 200)) is not None}
    try:
        entry = await visit.say(say.debtors.set_debtor, details, form.once)
    except DetailsError as error:
        raise InvalidError(str(error), error.problems[0].field) from error
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    return f"/payouts/bank-file?done={'debtor_waits' if waits else 'debtor_set'}"


async def answer_debtor(visit: Visit, form: Form) -> str:
    """Confirm, decline or withdraw an account that another owner asked for."""
    outcome = form.need("outcome", 20)
    await visit.say(say.changes.answer, visit.named("change"), outcome, form.once)
    return f"/payouts/bank-file?done=change_{outcome}"


async def cancel(visit: Visit, form: Form) -> str:
    """Take a payout back before its rail was called."""
    id_ = visit.named("payout")
    await visit.say(say.payouts.cancel, id_, form.need("reason", 60), form.once)
    return f"/payouts/{id_}?done=canceled"


async def answer(visit: Visit, form: Form) -> str:
    """Say what became of a payout."""
    id_ = visit.named("payout")
    said = form.need("outcome", 20), form.text("reference", 64), form.text("reason", 60)
    if said[0] not in OUTCOMES:
        raise InvalidError(f"Choose what became of it: {', '.join(OUTCOMES)}.", "outcome")
    await visit.say(say.payouts.answer, id_, *said, form.once)
    return f"/payouts/{id_}?done=answered"


async def arrived(visit: Visit, form: Form) -> str:
    """Say that a payout which had come back arrived after all."""
    payout = await visit.read(see.payouts.get, visit.named("payout"))
    said = Arrived(payout.id, payout.amount, payout.unit, form.text("reference", 64))
    entry = await visit.say(say.corrections.arrived, said, form.need("why", MOST_WHY), form.once)
    first = all(verdict.outcome != "arrived" for verdict in entry.verdicts)
    return f"/payouts/{payout.id}?done={'arrived_first' if first else 'arrived'}"


_ONE = Read("/payouts/{payout}", "/payouts", see.payouts.get, "payouts/detail.html", one, live=True)
_DRAFT = Read("/payouts/draft", "/payouts", see.payouts.page, "payouts/draft.html", drafting)
_RELEASE = Read("/payouts/release", "/payouts", see.payouts.to_release, "payouts/release.html", releasing)
_BANK = Read("/payouts/bank-file", "/payouts", see.payouts.for_bank, "payouts/bank.html", bank)
READS = (
    Read("/payouts", "/payouts", see.payouts.page, "payouts/list.html", listed, live=True),
    _DRAFT,
    _RELEASE,
    _BANK,
    Read("/payouts/bank-file.csv", "/payouts", see.payouts.bank_file, "", bank_file),
    Read("/payouts/bank-file/download", "/payouts", see.payouts.bank_file, "", bank_file),
    _ONE,
)
ACTS = (
    Act("/payouts/debtor", _BANK, say.debtors.set_debtor, debtor),
    Act("/payouts/debtor/changes/{change}", _BANK, say.changes.answer, answer_debtor),
    Act("/payouts/draft", _DRAFT, say.payouts.draft, draft),
    Act("/payouts/release", _RELEASE, say.payouts.release, release),
    Act("/payouts/{payout}/cancel", _ONE, say.payouts.cancel, cancel),
    Act("/payouts/{payout}/answer", _ONE, say.payouts.answer, answer),
    Act("/payouts/{payout}/arrival", _ONE, say.corrections.arrived, arrived),
)
