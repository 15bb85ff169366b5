"""Payees as they are shown to who decides: whose account it is, its last characters, who entered it and when, what banks say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see import drafts, paging
from goodword.app.see.paging import FrozenList, Shown
from goodword.core import conduct, contested, holds, reviews
from goodword.core import payees as payees_of
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import to_payee
from goodword.core.state import Member, Payee, Reward
from goodword.outbound.rails import REGISTRY, last
from goodword.store import entities, payees, people


class Beneficiaries(Struct, frozen=True):
    """Of some beneficiaries: their payees, names and the last characters of their accounts, as far as the reader may see them."""

    payees: Mapping[str, Payee]
    names: Mapping[str, str]
    tails: Mapping[str, str | None]

    def shown(
        self,
        id_: str,
        person: str,
        *,
        to_account: bool,
        own_work: str | None,
        cases: tuple[str, ...] = (),
        claim: str | None = None,
    ) -> Shown:
        """Return what is shown beside one item. ``to_account``: it goes where the payment details say; credit goes to no account."""
        payee = self.payees.get(person) if to_account else None
        stopped = payees_of.refusal(payee, payee.destination if payee is not None else None, id_)
        return Shown(
            id=id_,
            beneficiary=person,
            name=self.names.get(person),
            rail=payee.rail if payee is not None else None,
            last=self.tails.get(person) if payee is not None else None,
            changed_by=payee.acts[0].member if payee is not None and payee.acts else None,
            changed_at=payee.changed_at if payee is not None else None,
            entered_by=tuple(act.member for act in payee.acts) if payee is not None else (),
            own_work=own_work,
            cases=cases,
            claim=claim,
            check=payee.checked.answer if payee is not None and payee.checked is not None else None,
            stopped=stopped[0] if stopped is not None else None,
        )

    def listed(
        self, who: Principal, rewards: Sequence[Reward], draft: Draft, left_out: dict[str, int] | None = None
    ) -> FrozenList:
        """Return the frozen list of these rewards as they are now, each with what is shown beside it."""
        members, shown = list(draft.state.all(Member)), []
        for reward in rewards:
            payee = self.payees.get(reward.beneficiary)
            it = self.shown(
                reward.id,
                reward.beneficiary,
                to_account=to_payee(reward.kind),
                own_work=_own_work(who, reward, payee, members),
                cases=reward.cases,
                claim=contested.claim_on(draft, reward),
            )
            flags = tuple(dict.fromkeys(one.code for one in reward.marks))
            it = replace(it, flags=flags, opened=not flags or who.actor.id in reward.opened_by)
            firsts = {"approvals": reward.approvals, "rejecting": reward.rejecting}
            shown.append(replace(it, awaits=holds.seconds(reward), **firsts))
        items = [reviews.item_of(reward, self.payees.get(reward.beneficiary)) for reward in rewards]
        return paging.frozen(items, shown, left_out)


def _own_work(who: Principal, reward: Reward, payee: Payee | None, members: Sequence[Member]) -> str | None:
    of_payee = payee.acts if payee is not None and to_payee(reward.kind) else ()
    return conduct.among(members, (*reward.acts, *of_payee), who.actor.id, "approve")


async def of(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    persons: Collection[str],
    draft: Draft | None = None,
) -> Beneficiaries:
    """Return what is known of these beneficiaries. Details that do not open have no last characters; they are not shown as others.

    ``draft``: what was read already.
    """
    ws, wanted = who.workspace, sorted(set(persons))
    if draft is not None:
        known = await drafts.each(conn, who, draft, Payee, wanted)
    else:
        known = {payee.person: payee for payee in await entities.load(conn, ws.id, Payee, wanted)}
    shows_names, shows_tails = who.may("person.names"), who.may("payee.tail") and bool(known)
    own: Mapping[str, bytes] = {}
    if shows_names or shows_tails:
        own, _ = await people.opened(conn, ws.id, directory.vault, wanted if shows_names else known)
    names: Mapping[str, str] = {}
    if shows_names:
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, wanted, own)
    tails: dict[str, str | None] = {}
    if shows_tails:
        details, _ = await payees.opened(conn, ws, directory.vault, known, own)
        for person, (digest, rail, said) in details.items():
            if digest == known[person].destination and rail in REGISTRY:
                tails[person] = last(REGISTRY[rail].fields, said)
    return Beneficiaries(known, names, tails)
