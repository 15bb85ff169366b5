"""Payees: where a beneficiary is paid, and what banks say of the name in these details, one by one or from a file of theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, Final, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.write.commands import content_of
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import PayeeChecked, PayeeSet
from goodword.core.money import MAX_INTEGER
from goodword.core.payees import ANSWERS
from goodword.core.state import Kin
from goodword.outbound.rails import REGISTRY, checked, for_mode
from goodword.sources import table_file
from goodword.sources.fields import TOKEN_PATTERN
from goodword.sources.identity import name_words, same_name
from goodword.sources.naming import NAMES
from goodword.store import entities, payees, people
from goodword.store.vault import MasterKeyError, UnsealError, Vault
from goodword.store.workspaces import Workspace

#: So many of the newest events are asked what they call a person.
_EVENTS = 20


@requires("payee.set")
async def set_payee(
    who: Principal, directory: Directory, person: str, rail: str, details: Mapping[str, str], key: str | None = None
) -> Entry:
    """Enter or change payment details of a beneficiary, in the canonical form of their rail.

    Those of an account that was merged are of the one that it goes on as. Raises UnknownError for a person whom nobody knows,
    ConflictError for one whose key does not open, DetailsError, RailModeError, KeyError for a rail that there is not, and InvalidError
    for one that goes to no details.
    """
    fields = for_mode(REGISTRY, rail, who.workspace.mode).fields
    if not fields:
        raise InvalidError(f"{rail} goes to no payment details: there is nothing to enter.", "rail")
    details = checked(fields, details)
    while True:
        async with directory.reading() as conn:
            now = await _now(conn, who.workspace, person)
        try:
            return await _set(who, directory, now, rail, details, key)
        except _Merged:  # meanwhile: nothing was kept
            continue


class _Merged(Exception):
    """The account goes on as another one since it was looked at."""


async def _now(conn: asyncpg.Connection, ws: Workspace, person: str) -> str:
    """Whom a person was merged into; themselves, where nobody merged them."""
    merged = await entities.load(conn, ws.id, Kin, [person])
    return merged[0].root if merged else person


async def _named(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, holder: str | None
) -> Literal["differs"] | None:
    """Return whether details are in another name than a person is known by: that alone leaves here, and no name.

    Known is what the newest events called them, as advocate or as customer; None, where that is nothing, or one of it fits.
    """
    if holder is None:
        return None
    said = await people.said_of(conn, ws.id, vault, person, _EVENTS)
    known = [text for field in NAMES if isinstance(text := said.get(field), str) and name_words(text)]
    return "differs" if known and not any(same_name(holder, text) for text in known) else None


async def _set(
    who: Principal, directory: Directory, person: str, rail: str, details: Mapping[str, str], key: str | None
) -> Entry:
    """Enter the details of an account, as it is when this is committed. Raises _Merged if it went meanwhile."""
    ws = who.workspace
    destination = payees.digest(ws, person, rail, dict(details))
    async with directory.reading() as conn:
        named = await _named(conn, ws, directory.vault, person, details.get("name"))

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if await _now(conn, ws, person) != person:
            raise _Merged
        outcomes = {verdict.outcome for verdict in entry.verdicts}
        if keep := payees.save if "payee_set" in outcomes else payees.enter if "payee_asked" in outcomes else None:
            try:
                await keep(conn, ws, directory.vault, person, rail, dict(details))
            except LookupError:
                raise UnknownError("person") from None
            except (MasterKeyError, UnsealError):
                what = "The key of this person does not open, so nothing can be kept of them: ask your operator."
                raise ConflictError("person_locked", what) from None

    given = partial(PayeeSet, person=person, rail=rail, destination=destination)
    # A repeat is the same by what was given: what the person is called may be another name by then.
    same = content_of(given(evt="", source="", occurred_at=0, accepted_at=0))
    account = payees.account(ws, person, details)
    return await say(
        who, directory, lambda s: given(**s, payee_name=named, account=account), key, also=save, content=same
    )


#: Characters of a name that a bank suggests; rows of a file of answers, and those that a sheet keeps.
MOST_NAME: Final = 140
MOST_ROWS: Final = 100_000
SHOWN: Final = 200
_PIECE: Final = 1_000
#: What files of banks call the answers: the scheme's words, those of pain.002, and our own.
WORDS: Final[dict[str, str]] = {
    **{answer: answer for answer in ANSWERS},
    "mtch": "match",
    "cmtc": "close_match",
    "nmtc": "no_match",
    "noap": "not_possible",
    "rcvc": "match",
    "rvmc": "close_match",
    "rvnm": "no_match",
    "rvna": "not_possible",
}
#: What becomes of a row: it is taken; it says nothing new; no payee has this account, or in this name; nobody can tell which is meant.
BECAME: Final = ("taken", "repeated", "unknown", "other_name", "several", "refused")


class Answered(Struct, frozen=True, kw_only=True):
    """What was answered about a name and an account. ``answer``: of ``ANSWERS``; ``provider``: who answered, a token.

    ``answered_at``: microseconds; None: now. ``destination`` or ``iban``: which details it is about, one of them; ``suggested``: of a
    close match, the name by which the bank knows the account.
    """

    answer: str
    provider: str
    answered_at: int | None = None
    destination: str | None = None
    iban: str | None = None
    suggested: str | None = None


class Row(Struct, frozen=True):
    """What became of a row of a file, or would. ``at``: its line; ``became``: of ``BECAME``.

    ``case``: that it opened; ``refusal``: why it was not taken.
    """

    at: int
    person: str | None
    answer: str
    became: str
    case: str | None = None
    refusal: str | None = None


class Sheet(Struct, frozen=True):
    """What became of a file of answers, or would. ``counts``: rows by ``BECAME``; ``cases``: that were opened; ``rows``: the first."""

    taken: bool
    counts: dict[str, int]
    cases: int
    rows: tuple[Row, ...]


@requires("payee.check")
async def check(
    who: Principal, directory: Directory, person: str, said: Answered, key: str | None = None, *, dry_run: bool = False
) -> Entry:
    """Say what a bank, or who asks banks, answered about the payment details that a beneficiary has now.

    Raises InvalidError for what cannot be meant, UnknownError for a person without details, and ConflictError (``item_changed``) where
    the answer is about other details than theirs.
    """
    ws = who.workspace
    _meant(said)
    async with directory.reading() as conn:
        asked, person = person, await _now(conn, ws, person)
        details, _ = await payees.opened(conn, ws, directory.vault, [asked, person])
    if person not in details:
        raise UnknownError("payment details of this person")
    destination, _, its = details[person]
    before = details.get(asked)
    if before is not None and before[0] == said.destination and before[1:] == details[person][1:]:
        said = replace(
            said, destination=destination
        )  # an account that goes on as another one, with the very same details
    if said.iban is not None:
        if _account(said.iban) != its.get("iban"):
            raise ConflictError(
                "item_changed", "The answer is about another account than theirs: have this one checked."
            )
    else:
        destination = said.destination or ""
    name = " ".join(said.suggested.split()) if said.suggested else None
    given = partial(
        PayeeChecked,
        person=person,
        destination=destination,
        answer=said.answer,  # type: ignore[arg-type]
        provider=said.provider,
        suggested=payees.name_digest(ws, person, name) if name is not None else None,
    )

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if any(verdict.outcome == "payee_checked" for verdict in entry.verdicts):
            try:
                await payees.suggest(conn, ws, directory.vault, person, destination, name)
            except LookupError:
                raise UnknownError("person") from None

    same = content_of(given(evt="", source="", occurred_at=0, accepted_at=0, answered_at=said.answered_at or 0))
    return await say(
        who,
        directory,
        lambda s: given(**s, answered_at=said.answered_at if said.answered_at is not None else s["occurred_at"]),
        key,
        also=save,
        content=same,
        dry_run=dry_run,
    )


def _meant(said: Answered) -> None:
    if said.answer not in ANSWERS:
        raise InvalidError(f"Say one of {', '.join(ANSWERS)}.", "answer")
    if not re.match(TOKEN_PATTERN, said.provider):
        raise InvalidError(
            "Say who answered in letters, digits, dots, underscores and hyphens, 64 at most.", "provider"
        )
    if (said.destination is None) == (said.iban is None):
        raise InvalidError(
            "Say which payment details the answer is about: their destination, or the IBAN.", "destination"
        )
    if said.suggested and (said.answer != "close_match" or len(said.suggested) > MOST_NAME):
        raise InvalidError(f"A name of at most {MOST_NAME} characters goes with close_match alone.", "suggested")


def _account(text: str) -> str:
    return "".join(text.split()).upper()


@requires("payee.check")
async def take(
    who: Principal, directory: Directory, file: BinaryIO, provider: str, at: str | None = None, *, dry_run: bool = False
) -> Sheet:
    """Take the answers of a file that a bank gives, CSV or Excel: ``iban`` and ``answer``, and further columns if it has them.

    These are ``name``, ``suggested`` and ``at``. ``at``: when it was answered, where rows do not say that. A payee is found by the
    account that the row names, and by the name where it stands there. The same file again changes nothing. Raises InvalidError for
    a file that cannot be read, naming the line.
    """
    rows = _rows(file, provider, at)
    holders = await _holders(who, directory, {_account(said.iban or "") for _, said, _ in rows})
    done, cases = list[Row](), 0
    for line, said, name in rows:
        theirs = holders.get(_account(said.iban or ""), [])
        named = [person for person, known in theirs if name is None or (known is not None and same_name(name, known))]
        if len(named) != 1:
            became = "several" if named else "other_name" if theirs else "unknown"
            done.append(Row(line, None, said.answer, became))
            continue
        try:
            entry = await check(who, directory, named[0], said, None, dry_run=dry_run)
        except (ConflictError, UnknownError):  # the details changed, or went, since they were looked for
            done.append(Row(line, named[0], said.answer, "refused", refusal="item_changed"))
            continue
        case = next((step.values["case"] for it in entry.verdicts for step in it.steps if step.code == "case"), None)
        refusal = next((it.refusal for it in entry.verdicts if it.refusal), None)
        became = "taken" if refusal is None else "repeated" if refusal == "nothing_to_do" else "refused"
        done.append(Row(line, named[0], said.answer, became, case, refusal))
        cases += case is not None
    counts = Counter(row.became for row in done)
    shown = sorted(done, key=lambda row: (row.became in ("taken", "repeated"), row.at))[:SHOWN]
    return Sheet(not dry_run, {it: counts[it] for it in BECAME}, cases, tuple(shown))


def _rows(file: BinaryIO, provider: str, at: str | None) -> list[tuple[int, Answered, str | None]]:
    """Return the rows of a file, each with its line and the name that was asked about."""
    try:
        table = table_file.table(file)
        columns = {name.strip().lower(): place for place, name in enumerate(table.header)}
        missing = next((name for name in ("iban", "answer") if name not in columns), None)
        if missing is not None:
            raise InvalidError(f"The header has no column {missing}: iban and answer are needed.", "file")
        found = list[tuple[int, Answered, str | None]]()
        for row in table.lines:
            if row.cells is None or len(found) >= MOST_ROWS:
                raise InvalidError(f"line {row.number}: too long, or more than {MOST_ROWS:,} rows.", "file")
            cells = {name: row.cells[place] for name, place in columns.items() if place < len(row.cells)}
            found.append(
                (row.number, _answered(row.number, {"at": at or "", **cells}, provider), cells.get("name") or None)
            )
    except table_file.FileError as error:
        raise InvalidError(str(error), "file") from None
    return found


def _answered(at: int, cells: Mapping[str, str], provider: str) -> Answered:
    answer = WORDS.get(cells.get("answer", "").strip().lower().replace(" ", "_"))
    if answer is None:
        raise InvalidError(f"line {at}: answer: one of {', '.join(WORDS)}.", "file")
    try:
        moment = datetime.fromisoformat(cells["at"])
    except ValueError:
        raise InvalidError(f"line {at}: at: when it was answered, such as 2026-11-30T09:00:00Z.", "at") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    suggested = (cells.get("suggested") or None) if answer == "close_match" else None
    said = Answered(answer=answer, provider=provider, iban=cells.get("iban", ""), suggested=suggested)
    if not 0 <= calendar.instant(moment) <= MAX_INTEGER:
        raise InvalidError(f"line {at}: at: a time from 1970 to 2255.", "at")
    said = replace(said, answered_at=calendar.instant(moment))
    try:
        _meant(said)
    except InvalidError as error:
        raise InvalidError(f"line {at}: {error}", "file") from None
    return said


async def _holders(who: Principal, directory: Directory, accounts: set[str]) -> dict[str, list[tuple[str, str | None]]]:
    """Return who has these accounts in their payment details, with the name that stands there."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    after: str | None = ""
    async with directory.reading() as conn:
        while after is not None:
            persons = await payees.page(conn, who.workspace.id, after, _PIECE)
            details, _ = await payees.opened(conn, who.workspace, directory.vault, persons)
            for person, (_, _, its) in details.items():
                if its.get("iban") in accounts:
                    found.setdefault(its["iban"], []).append((person, its.get("name")))
            after = persons[-1] if len(persons) == _PIECE else None
        everybody = {person for theirs in found.values() for person, _ in theirs}
        gone = {
            it.person: it.root
            for it in await entities.load(conn, who.workspace.id, Kin, everybody)
            if it.person != it.root
        }
    return {iban: _as_now(theirs, gone) for iban, theirs in found.items()}


def _as_now(theirs: list[tuple[str, str | None]], gone: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return holders of an account as whom they are now, each once: where several were one, by the name that stands there now."""
    now = {gone[person]: (gone[person], name) for person, name in theirs if person in gone}
    return [*(now | {person: (person, name) for person, name in theirs if person not in gone}).values()]
