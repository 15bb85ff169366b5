"""Who a person is: what each kind of shared key proves, and what follows for newness, doubles and recommending oneself.

A mail or phone that verified sources say of two persons proves that they are one. A card, a device or a domain is shared by
households and companies: it is a sign, which a person looks at, and refuses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from goodword.core import kin, semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.facts import Known, Told
from goodword.core.stages import matching
from goodword.core.state import Customer, Referral, Share

#: Kinds of keys of which one person has each.
PROOF: Final = frozenset({"mail", "phone"})
#: So many who share a mail or phone with a person are quoted; one more shows that it is more than a few.
MOST_EQUALS: Final = 20


def quoted(known: Collection[Known], pairs: AbstractSet[tuple[str, str]], equal: AbstractSet[str]) -> tuple[Known, ...]:
    """Return what an entry quotes of who shares keys: of these pairs all; of these persons who has an equal mail or phone.

    Of the latter the first 21 by id, which are the oldest, of each person and kind: one more than a few.
    """
    if not known:
        return ()
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for each in sorted(known):
        few = False
        if each.person in equal and each.kind in PROOF:
            counts[each.person, each.kind] += 1
            few = counts[each.person, each.kind] <= MOST_EQUALS + 1
        if few or (each.person, each.other) in pairs:
            found.append(each)
    return tuple(found)


def as_now(known: Iterable[Known], now: Mapping[str, str]) -> set[Known]:
    """Return who shares keys where what was said of a name is said of whom it is now; nobody shares with themselves."""
    found = {Known(now.get(each.person, each.person), now.get(each.other, each.other), each.kind) for each in known}
    return {each for each in found if each.person != each.other}


def shared(draft: Draft, told: Told, person: str, other: str) -> list[tuple[str, bool]]:
    """Return the kinds of keys that two persons share, in order, and of each whether it proves that they are one."""
    if draft.semantics < semantics.PERSONS:
        pair = {person, other}
        return [(m.kind, m.verified) for m in told.matches(person) if {m.person, m.other} == pair]
    return [(kind, kind in PROOF) for kind in told.shared(person, other)]


def earning(draft: Draft, shares: tuple[Share, ...]) -> list[str]:
    """Return who would earn by these shares, under each name, in order: those whom they name, and whom these were merged into."""
    if len(shares) == 1:
        person = shares[0].person
        now = kin.root(draft.get, person)
        return [person] if now == person else sorted([person, now])
    return sorted({name for share in shares for name in (share.person, kin.root(draft.get, share.person))})


def own(draft: Draft, told: Told, person: str, shares: tuple[Share, ...]) -> Step | None:
    """Return what shows that somebody who would earn is the friend themselves, or None if nothing does."""
    for other in earning(draft, shares):
        if other == person and draft.semantics >= semantics.MERGED_ARE_THEMSELVES:
            return Step("own_account")
        for kind, proves in shared(draft, told, person, other):
            if proves:
                return Step("same_person", {"key": kind})
    return None


def names(get: kin.Get, person: str, known: Iterable[Known]) -> Mapping[str, str]:
    """Return who has an equal mail or phone, as whom they are now, and of each the kind of key that shows it.

    What a crowd has is a shop's own address or number, and shows nothing.
    """
    proofs = [each for each in known if each.person == person and each.kind in PROOF]
    counts = Counter(each.kind for each in proofs)
    found: dict[str, str] = {}
    for each in proofs:
        other = kin.root(get, each.other)
        if other != person and counts[each.kind] <= MOST_EQUALS:
            found.setdefault(other, each.kind)
    return found


def equals(draft: Draft, told: Told, person: str) -> Iterator[tuple[Customer, Step]]:
    """Yield the customers who are this person under another name, and the step that shows it. Nobody before that was looked for."""
    if draft.semantics < semantics.PERSONS:
        return
    quoted_ = told.equals(person)
    if not quoted_:
        return
    found: dict[str, str] = {}
    for known in quoted_:
        other = kin.root(draft.get, known.other)
        if known.kind in PROOF and other != person:
            found.setdefault(other, known.kind)
    for other, kind in found.items():
        customer = draft.get(Customer, other)
        if customer is not None:
            yield customer, Step("equal", {"person": other, "key": kind})


def known_before(draft: Draft, told: Told, customer: Customer, at: int) -> tuple[Customer, tuple[Step, ...]] | None:
    """Return under which name the person was a customer before ``at``, with what shows that it is they; None: they are new."""
    if not matching.is_new(customer, at):
        return customer, ()
    for other, step in equals(draft, told, customer.person):
        if not matching.is_new(other, at):
            return other, (step,)
    return None


def double(draft: Draft, told: Told, referral: Referral, person: str, on: str) -> tuple[Step, ...]:
    """Return what shows that this person was welcomed before, under another name: the same program's place is taken there."""
    for other, step in equals(draft, told, person):
        for id_ in other.referrals:
            theirs = draft.need(Referral, id_)
            taken = theirs.place(on) if theirs.program == referral.program and theirs.status != "void" else None
            if taken is not None and theirs.id != referral.id:
                return step, Step("first", {"conversion": taken.conversion})
    return ()
