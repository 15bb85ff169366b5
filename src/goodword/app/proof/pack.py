"""The pack of some months as one file: figures, referrals and postings as CSV, journals for three programs, and what all of it is.

It is written through a folder beside it, a piece at a time, so that it takes the same memory however long it is; the same log gives
the same bytes. No cell of text is a formula, amounts have a point and the places of their currency, days are ISO 8601.
Must not know: SQL, HTTP.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword.app.proof import beancount, hledger, journal, ledger
from goodword.app.proof.journal import Account, Writer
from goodword.app.sheets import cell
from goodword.core import audit, calendar, money
from goodword.core.books import Books
from goodword.store.books import Booked
from goodword.store.eligibility import Failing, Share
from goodword.store.log import Head

KIND: Final = "goodword.pack.1"
_JOURNALS: Final[Mapping[str, Writer]] = {"hledger": hledger, "ledger": ledger, "beancount": beancount}
#: All files of a pack are as old as a file of a zip can be, so that the same books are the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16
_BLOCK: Final = 1 << 20
#: Paid rewards that lack something and are named in the manifest.
_LACKING: Final = 1_000
_BY: Final = {
    "occurred": "the month in which the order occurred",
    "decided": "the month in which it was decided and booked",
}


_HEADS: Final = {
    "trial-balance.csv": "by timezone from to entity program account unit opening debits credits closing",
    "liability-by-age.csv": "by timezone at entity program account unit age rewards amount",
    "accrual-journal.csv": "by timezone month earned entity program what kind side debit credit unit count amount",
    "cost-and-revenue.csv": "by timezone month entity program unit cost_advocate cost_friend cost_corrections cost"
    " orders revenue returned net_revenue",
    "eligibility.csv": "by timezone month program rewards whole paid paid_whole",
    "eligibility-lacking.csv": "by timezone month program reward status lacks",
    "postings.csv": "date position n event reward program entity debit credit amount unit earned timezone",
}


class Referred(Struct, frozen=True):
    """One referral in one unit, or what has no referral, by ``without``; money in minor units or points.

    ``channel``, ``code``, ``typed``: its source. ``lead_at`` and ``first_at``: when its lead and the first of its orders occurred.
    """

    program: str
    referral: str
    without: str
    status: str
    channel: str
    code: str
    typed: bool
    advocate: str
    friend: str
    name: str
    lead_at: int | None
    first_at: int | None
    orders: int
    unit: str
    revenue: int
    returned: int
    advocate_cost: int
    friend_cost: int
    taken_back: int


class Pack(Struct, frozen=True):
    """What a pack is made of. ``referrals`` and ``postings`` are read once, in pieces, one after the other.

    ``billed``: unit -> (charged, given back) of the orders alone, None where the pack has not all of them; ``entities`` and
    ``slugs``: by program.
    """

    workspace: str
    books: Books
    entities: Mapping[str, str]
    slugs: Mapping[str, str]
    billed: Mapping[str, tuple[int, int]] | None
    head: Head | None
    referrals: AsyncIterator[list[Referred]]
    names: bool
    postings: AsyncIterator[list[Booked]]
    eligible: Sequence[Share]
    failing: AsyncIterator[list[Failing]]


class Accuracy(Struct, frozen=True):
    """``referral_reward_eligibility_accuracy``: ``whole`` of ``count`` rewards lack none of the seven points of an audit.

    Of those that are paid ``paid_whole`` of ``paid``; ``lacking``: these that do, the first 1,000: there is none.
    """

    name: str
    counts_by: str
    count: int
    whole: int
    paid: int
    paid_whole: int
    lacking: list[str]


class File(Struct, frozen=True):
    """A file of the pack. ``counts_by``: by which time what stands in it counts; ``rows``: without a heading."""

    name: str
    counts_by: str
    rows: int
    bytes: int
    sha256: str


class Check(Struct, frozen=True):
    """What was held against what, by unit: both figures as decimals; ``agrees``: they are equal."""

    what: str
    unit: str
    here: str
    there: str
    agrees: bool


class Manifest(Struct, frozen=True):
    """What a pack is: of which months and which log, its files, and what was checked while it was written."""

    kind: str
    workspace: str
    begin: str
    end: str
    timezone: str
    program: str | None
    cost_and_revenue_count_by: str
    ended: bool
    aged_at: str
    position: int
    head: Head | None
    files: list[File]
    checks: list[Check]
    accuracy: Accuracy


async def write(of: Pack, path: Path) -> Manifest:
    """Write a pack. What was there by that name is replaced once all of it is written. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=path.parent) as made:
        return await _Writing(of, Path(made)).into(path)


async def written(opening: AbstractAsyncContextManager[Pack]) -> tuple[Path, Manifest]:
    """Write a pack into a file of its own, which whoever asked removes once it left."""
    with tempfile.NamedTemporaryFile(prefix="goodword-", suffix=".zip", delete=False) as made:
        path = Path(made.name)
    try:
        async with opening as of:
            return path, await write(of, path)
    except BaseException:
        remove(path)
        raise


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)


class _Writing:
    """A pack while it is written."""

    def __init__(self, of: Pack, folder: Path) -> None:
        self._of = of
        self._books = of.books
        self._folder = folder
        self._files: list[tuple[str, str, int, tuple[str, Path | None]]] = []
        self._checks: list[Check] = []
        self._lacking: list[str] = []
        booked = f"decided: {_BY['decided']}, in {of.books.zone}"
        self._booked, self._asked = booked, f"{of.books.by}: {_BY[of.books.by]}, in {of.books.zone}"

    async def into(self, path: Path) -> Manifest:
        self._figures()
        await self._referrals()
        await self._eligibility()
        await self._journals()
        part = self._folder / "pack.zip"
        manifest = await asyncio.to_thread(self._zip, part)
        part.replace(path)
        return manifest

    def _table(self, name: str, by: str, rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_HEADS[name].split())
        told = [[cell(value) for value in row] for row in rows]
        writer.writerows(told)
        self._files.append((name, by, len(told), (text.getvalue(), None)))

    def _figures(self) -> None:
        it, at = self._books, calendar.text(self._books.at)
        booked, asked = ("decided", it.zone), (it.by, it.zone)

        def figures(unit: str, *amounts: int) -> list[str]:
            return [money.decimal(amount, unit) for amount in amounts]

        trial = (
            (
                *(*booked, it.begin, it.end, of.entity, of.program, of.account, of.unit),
                *figures(of.unit, of.opening, of.debits, of.credits, of.closing),
            )
            for of in it.trial
        )
        self._table("trial-balance.csv", self._booked, trial)
        ages = (
            (*booked, at, of.entity, of.program, of.account, of.unit, of.age, of.rewards, *figures(of.unit, of.amount))
            for of in it.ages
        )
        since = f"{self._booked}; aged at {at} from when each reward first stood in the account"
        self._table("liability-by-age.csv", since, ages)
        accruals = (
            (
                *(*booked, of.month, of.earned, of.entity, of.program, of.what, of.kind, of.side),
                *(of.debit, of.credit, of.unit, of.count, *figures(of.unit, of.amount)),
            )
            for of in it.accruals
        )
        beside = f"{self._booked}; beside it the month in which the order occurred"
        self._table("accrual-journal.csv", beside, accruals)
        costs = (
            (
                *(*asked, of.month, of.entity, of.program, of.unit),
                *(*figures(of.unit, of.advocate, of.friend, of.corrections, of.cost), of.orders),
                *figures(of.unit, of.revenue, of.returned, of.net),
            )
            for of in it.costs
        )
        self._table("cost-and-revenue.csv", f"{self._asked}; what was given back is told up to now", costs)
        for entity, unit in it.unbalanced:
            self._checks.append(
                Check(f"the books of {entity or 'the workspace'} add up to nought", unit, "", "", agrees=False)
            )

    async def _referrals(self) -> None:
        """Write one row a referral and unit, and hold their sums against the ledger's expense and the billing."""
        named = ["advocate_external_id"] * self._of.names
        head = [
            "by",
            "timezone",
            "program",
            "referral",
            "without",
            "status",
            "channel",
            "typed_code",
            "code",
            "advocate",
        ]
        head += [
            *named,
            *["friend", "lead_at", "first_order_at", "orders", "unit", "revenue", "returned", "net_revenue"],
        ]
        head += ["cost_advocate", "cost_friend", "taken_back", "cost"]
        it, count, sums = self._books, 0, dict[tuple[str, str], list[int]]()
        path = self._folder / "referrals.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            async for piece in self._of.referrals:
                for of in piece:
                    revenue = [money.decimal(n, of.unit) for n in (of.revenue, of.returned, of.revenue - of.returned)]
                    cost = of.advocate_cost, of.friend_cost, of.taken_back, of.advocate_cost + of.friend_cost
                    row = [it.by, it.zone, of.program, of.referral, of.without, of.status, of.channel]
                    row += ["yes" if of.typed else "no" if of.referral else "", of.code, of.advocate]
                    row += [
                        *([of.name] * self._of.names),
                        of.friend,
                        _time(of.lead_at),
                        _time(of.first_at),
                        str(of.orders),
                    ]
                    row += [of.unit, *revenue, *(money.decimal(n, of.unit) for n in cost)]
                    writer.writerow([cell(value) for value in row])
                    found = sums.setdefault((of.program, of.unit), [0, 0, 0])
                    for n, amount in enumerate((cost[3], of.revenue, of.returned)):
                        found[n] += amount
                count += len(piece)
        told = f"{self._asked}; leads of the months too, and what was given back up to now"
        self._files.append((path.name, told, count, ("", path)))
        self._check(sums)

    def _check(self, sums: Mapping[tuple[str, str], Sequence[int]]) -> None:
        """The ledger and the orders are added up by other statements than the rows of referrals are."""
        there: dict[tuple[str, str], list[int]] = {}
        for of in self._books.costs:
            found = there.setdefault((of.program, of.unit), [0, 0, 0])
            for n, amount in enumerate((of.cost, of.revenue, of.returned)):
                found[n] += amount
        names = "cost of the ledger", "revenue of the orders", "returns of the orders"
        for (program, unit), own in sorted({**{key: [0, 0, 0] for key in there}, **sums}.items()):
            for name, here, other in zip(names, own, there.get((program, unit), [0, 0, 0]), strict=True):
                self._held(f"referrals.csv and the {name}, {program or 'no program'}", unit, here, other)
        if self._of.billed is not None:
            units = {unit for _, unit in sums} | set(self._of.billed)
            for unit in sorted(units):
                for n, name in ((1, "billed"), (2, "given back")):
                    mine = sum(found[n] for (_, of), found in sums.items() if of == unit)
                    self._held(
                        f"referrals.csv and all that was {name}", unit, mine, self._of.billed.get(unit, (0, 0))[n - 1]
                    )

    def _held(self, what: str, unit: str, here: int, there: int) -> None:
        if here or there:
            figures = money.decimal(here, unit), money.decimal(there, unit)
            self._checks.append(Check(what, unit, *figures, agrees=here == there))

    async def _eligibility(self) -> None:
        """Write which share of rewards lacks nothing, by program and month, and each that lacks something."""
        zone, sums = self._books.zone, dict[tuple[str, str], list[int]]()
        for of in self._of.eligible:
            found = sums.setdefault((of.month, self._of.slugs.get(of.program, of.program)), [0, 0, 0, 0])
            for n in (0, 2)[: 1 + (of.status == "paid")]:
                found[n] += of.rewards
                found[n + 1] += of.whole
        by = f"occurred: {_BY['occurred']}, in {zone}"
        rows = (("occurred", zone, *which, *map(str, sums[which])) for which in sorted(sums))
        self._table("eligibility.csv", f"{by}; as the rewards are now", rows)
        path, count = self._folder / "eligibility-lacking.csv", 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_HEADS[path.name].split())
            async for piece in self._of.failing:
                for it in piece:
                    month = calendar.period(it.earned_at, "month", zone)
                    row = ("occurred", zone, month, self._of.slugs.get(it.program, it.program), it.id, it.status)
                    writer.writerow([cell(value) for value in (*row, " ".join(it.lacks))])
                    if it.status == "paid" and len(self._lacking) < _LACKING:
                        self._lacking.append(it.id)
                count += len(piece)
        self._files.append((path.name, f"{by}; as the rewards are now", count, ("", path)))
        count, whole, paid, paid_whole = (sum(found[n] for found in sums.values()) for n in range(4))
        self._accuracy = Accuracy(audit.ACCURACY, by, count, whole, paid, paid_whole, self._lacking)
        if paid != paid_whole:
            lacks = f"paid rewards that lack none of the seven points ({audit.ACCURACY})"
            self._checks.append(Check(lacks, "", str(paid_whole), str(paid), agrees=False))

    async def _journals(self) -> None:
        """Write postings.csv and the journals in one go over the postings; each journal's accounts are known at its end."""
        make = journal.maker(self._of.entities, {}, self._books.zone)
        entities = {program: cell(entity) for program, entity in self._of.entities.items()}
        slugs = {program: cell(slug) for program, slug in self._of.slugs.items()}
        zone, count, accounts, units = self._books.zone, 0, set[Account](), set[str]()
        table = self._folder / "postings.csv"
        bodies = {name: self._folder / f"body.{name}" for name in _JOURNALS}
        files = {name: body.open("w", encoding="utf-8") for name, body in bodies.items()}
        opening = self._opening(accounts, units)
        try:
            with table.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(_HEADS[table.name].split())
                for name, one in files.items():
                    one.writelines(_JOURNALS[name].opening(*it) for it in opening)
                async for piece in self._of.postings:
                    made = [make(row) for row in piece]
                    writer.writerows(
                        (
                            *(it.date, row.position, row.n, row.event, row.reward, slugs.get(row.program, row.program)),
                            *(entities.get(row.program, ""), hledger.account(it.debit), hledger.account(it.credit)),
                            *(money.decimal(row.amount, row.unit), row.unit, it.tags.get("earned", ""), zone),
                        )
                        for row, it in zip(piece, made, strict=True)
                    )
                    accounts.update(end for it in made for end in (it.debit, it.credit))
                    units.update(it.unit for it in made)
                    for name, one in files.items():
                        one.write("".join(map(_JOURNALS[name].transaction, made)))
                        await asyncio.sleep(0)
                    count += len(piece)
        finally:
            for one in files.values():
                one.close()
        self._files.append((table.name, self._booked, count, ("", table)))
        self._files.append(("postings.csv.rules", "", 0, (hledger.RULES, None)))
        title = f"{self._of.workspace} from {self._books.begin} to before {self._books.end}, by {self._booked}"
        for name, writer_ in _JOURNALS.items():
            head = writer_.head(title, sorted(accounts), sorted(units))
            self._files.append((f"journal.{name}", self._booked, count, (head, bodies[name])))

    def _opening(self, accounts: set[Account], units: set[str]) -> list[tuple[str, str, list[tuple[Account, int]]]]:
        """What the classes of accounts held at the beginning, by unit; what a single program's do not add up to is told as well."""
        ids = {slug: program for program, slug in self._of.slugs.items()}
        by_unit: dict[str, list[tuple[Account, int]]] = {}
        for of in self._books.trial:
            if of.opening:
                account = (of.account, ids.get(of.program, of.program), "")
                by_unit.setdefault(of.unit, []).append((account, of.opening))
        for lines in by_unit.values():
            rest = sum(amount for _, amount in lines)
            if rest:
                lines.append((("opening", "", ""), -rest))
            accounts.update(account for account, _ in lines)
        units.update(by_unit)
        date = f"{self._books.begin}-01"
        return [(date, unit, lines) for unit, lines in sorted(by_unit.items())]

    def _zip(self, path: Path) -> Manifest:
        done: list[File] = []
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for name, by, rows, (text, body) in self._files:
                size, digest = _add(packed, name, text, body)
                done.append(File(name, by, rows, size, digest))
            manifest = self._manifest(done)
            _add(packed, "manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode() + "\n")
            _add(packed, "README.txt", readme(manifest))
        return manifest

    def _manifest(self, files: list[File]) -> Manifest:
        it = self._books
        asked = (it.begin, it.end, it.zone, it.program, self._asked, it.ended, calendar.text(it.at), it.position)
        return Manifest(KIND, self._of.workspace, *asked, self._of.head, files, self._checks, self._accuracy)


def _add(packed: zipfile.ZipFile, name: str, text: str, body: Path | None = None) -> tuple[int, str]:
    """Add a file, of a text and of what another file holds; returns its bytes and their digest."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
    size, digest = 0, hashlib.sha256()
    with packed.open(info, "w", force_zip64=True) as into:
        for block in _blocks(text, body):
            into.write(block)
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _blocks(text: str, body: Path | None) -> Iterable[bytes]:
    yield text.encode()
    if body is not None:
        with body.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def readme(it: Manifest) -> str:
    """Return what a pack is, for who unpacks it."""
    whole = "" if it.ended else "The last of these months is not over: these are its figures so far.\n"
    wrong = [check for check in it.checks if not check.agrees]
    files = "\n".join(
        f"  {file.name}" + (f": {file.rows:,} rows; counts by {file.counts_by}" if file.counts_by else "")
        for file in it.files
    )
    checks = "\n".join(
        f"  {'agrees ' if of.agrees else 'DIFFERS'} {of.what}, {of.unit}: {of.here} and {of.there}" for of in it.checks
    )
    return f"""The books of {it.workspace}{f", program {it.program}" if it.program else ""}
from {it.begin} up to, and without, {it.end}, months of {it.timezone}, as of entry {it.position:,} of its log.
{whole}
{files}

A debit is positive: a cost is, and what is owed to beneficiaries is negative, but for liability-by-age.csv, where what is
owed is positive. The journals begin with what each class of account held at the beginning.
hledger reads postings.csv by the rules beside it: hledger -f postings.csv balance (it has no opening balances).

What was held against what: {"all agrees" if not wrong else f"{len(wrong)} DIFFER"}.
{checks}

Rewards that lack none of the seven points of an audit ({it.accuracy.name}): {it.accuracy.whole:,} of
{it.accuracy.count:,}; of those that are paid {it.accuracy.paid_whole:,} of {it.accuracy.paid:,}.
Each that lacks one is in eligibility-lacking.csv.

manifest.json has the SHA-256 of each file, and the signed head of the log: see goodword verify.
"""


def digest(body: bytes) -> str:
    """Return the digest of a file's bytes, as a manifest has it."""
    return hashlib.sha256(body).hexdigest()


def digest_of(path: Path) -> str:
    """Return the digest of a file of any length."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(at: int | None) -> str:
    return "" if at is None else calendar.text(at)


def differing(it: Manifest) -> Collection[Check]:
    """Return the checks that do not agree; there should be none."""
    return [check for check in it.checks if not check.agrees]
