"""Who may do what: roles of members and kinds of keys, as one table. Unknown actions are allowed to nobody.

An action is a noun and what is done with it, or a field of the noun that not everybody who reads it may see: ``person.names``
are names, mails and outside ids of persons, and the texts of their codes; ``payee.read`` are accounts, ``payee.tail`` their last
digits; ``payee.check`` says what a bank answered about the name of one; ``note.read`` is what people typed beside their decisions,
which may name anybody; ``trace.read`` is where deciding failed.
``payout.draft`` is the system's by a schedule alone, which a member set (``payout.schedule``).
``payout.reconcile`` takes files of the bank, which speak of payouts of all programs.
``source.manage`` says what a source's items mean, whether its deliveries are kept, and has them sent again.
``reward.decide`` is to come to a decision at all: who has it and neither ``reward.approve`` nor ``reward.reject`` does both, and takes
it back, where the route of a reward names a role of theirs, and nowhere else.
``feed.watch`` says that a source which a program lives by has gone silent, or delivers again.
``change.answer`` is to come to the decision on a change; who has it and not ``change.decide`` decides on standing approvals, where they
could grant one themselves, and on nothing else.
``letter.publish`` says what messages to advocates say, of all programs, and tries it on one's own mail.
``message.send`` is the system's own, that a message to an advocate is due and what became of it; ``message.handle`` says what becomes
of one of which nobody knows, and that somebody is written to again; ``message.report`` takes what a mail server reports of one.
``webhook.send`` tells an endpoint something once more, ``webhook.manage`` says where it is.
``record.look`` puts on the record that one looked, ``record.read`` is who did. ``session.…``, ``account.secure`` and ``account.mail``
concern one's own sessions, password, second factor and mail alone; those of others are ``member.manage``. ``own.…`` is no member's and
no key's: it is what a partner does who came by a link to a form of their own, which ``form.manage`` makes, and
``own.rewards`` what a person looks at who is signed in at the portal, ``own.accept`` that they accept a program's terms, and
``own.share`` what they do there with their link: of all programs, so that a form's link, which is of one, opens none of it.
``own.consent`` is to say there what one agrees to, and take it back; ``own.dispute`` that something is not right, to claim a friend, to
appeal, and to write about it: what a person says of cases and claims is of their own alone (``core/disputes.py``). ``own.merge`` is to
ask that another account of theirs go on as this one, or to be erased, which a mailbox confirms; ``own.settings`` where one is paid
oneself, one's tax form, language and messages. ``code.change`` gives an advocate another code, once.
A member may be limited to programs: then only what concerns a program is open to them, and of that what lies in theirs.
"""

from __future__ import annotations

from goodword.core.facts import Actor

#: The columns of the table: roles of members; kinds of service keys; the system's own workers; whoever holds the database and is no
#: member. ``whole``: the action concerns the workspace as a whole, and nobody who is limited to programs may do it.
_COLUMNS = {
    "own": "owner",
    "man": "program_manager",
    "app": "approver",
    "pay": "payer",
    "ops": "operations",
    "sup": "support",
    "mar": "marketer",
    "ana": "analyst",
    "dev": "developer",
    "aud": "auditor",
    "sk": "sk",
    "wk": "wk",
    "pk": "pk",
    "sys": "system",
    "hold": "operator",
    "whole": "whole",
}
#: A secret key approves, releases, decides, publishes and grants nothing. Who publishes rules neither approves nor releases by them.
_TABLE = """
                       own man app pay ops sup mar ana dev aud   sk wk pk  sys hold  whole
    workspace.read      x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    workspace.create    x   .   .   .   .   .   .   .   x   .     .  .  .   .   .      x
    member.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    member.mails        x   x   x   x   x   x   x   .   x   x     x  .  .   .   x      .
    member.manage       x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    change.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      x
    change.decide       x   .   .   .   .   .   .   .   .   .     .  .  .   .   x      x
    change.answer       x   .   x   .   .   .   .   .   .   .     .  .  .   .   x      .
    key.read            x   .   .   .   .   .   .   .   x   x     .  .  .   .   x      x
    key.manage          x   .   .   .   .   .   .   .   .   .     .  .  .   .   x      x
    session.read        x   x   x   x   x   x   x   x   x   x     .  .  .   .   x      .
    session.end         x   x   x   x   x   x   x   x   x   x     .  .  .   .   .      .
    account.secure      x   x   x   x   x   x   x   x   x   x     .  .  .   .   .      .
    account.mail        x   x   x   x   x   x   x   x   x   x     .  .  .   .   .      .
    webhook.read        x   .   .   .   .   .   .   .   x   x     x  .  .   .   x      x
    webhook.send        x   .   .   .   .   .   .   .   x   .     .  .  .   .   .      x
    webhook.manage      x   .   .   .   .   .   .   .   x   .     .  .  .   .   .      x
    host.manage         x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    clock.move          x   .   .   .   .   .   .   .   x   .     x  .  .   .   .      x
    program.read        x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    program.publish     x   x   .   .   .   .   .   .   .   .     .  .  .   .   .      .
    feed.watch          .   .   .   .   .   .   .   .   .   .     .  .  .   x   .      x
    letter.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    letter.publish      x   x   .   .   .   .   x   .   .   .     .  .  .   .   .      x
    routing.read        x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    routing.publish     x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    debtor.set          x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    tax_reporting.set   x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    standing.read       x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    standing.grant      x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    standing.stop       x   x   x   x   x   .   .   .   .   .     .  .  .   .   .      .
    rail.read           x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    rail.manage         x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    person.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    person.names        x   x   x   x   x   x   x   .   x   x     x  .  .   .   x      .
    person.merge        x   .   .   .   x   x   .   .   .   .     .  .  .   .   .      x
    person.erase        x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    person.copy         x   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    advocate.read       x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    referral.read       x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    claim.read          x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      .
    claim.enter         x   x   x   .   x   x   .   .   .   .     x  .  .   .   .      .
    claim.decide        x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    claim.note          x   x   x   x   x   x   .   .   .   .     .  .  .   .   .      .
    claim.appeal        x   .   x   .   x   x   .   .   .   .     x  .  .   .   .      .
    deal.read           x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      .
    deal.enter          x   x   .   .   x   x   .   .   .   .     x  .  .   .   .      x
    deal.decide         x   x   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    deal.note           x   x   x   .   x   x   .   .   .   .     x  .  .   .   .      .
    deal.withdraw       x   x   .   .   x   x   .   .   .   .     x  .  .   .   .      .
    form.read           x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      .
    form.manage         x   x   .   .   x   x   .   .   .   .     x  .  .   .   .      x
    own.deals           .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      .
    own.register        .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      .
    own.share           .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    code.change         x   x   .   .   x   x   .   .   .   .     x  .  .   .   .      .
    own.rewards         .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    own.consent         .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    own.dispute         .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    own.accept          .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    own.merge           .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    own.settings        .   .   .   .   .   .   .   .   .   .     .  .  .   .   .      x
    agreement.read      x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      .
    agreement.make      x   x   .   .   .   .   .   .   .   .     .  .  .   .   .      .
    case.read           x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      .
    case.decide         x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    flag.clear          x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    case.handle         x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    case.note           x   x   x   x   x   x   .   .   .   .     .  .  .   .   .      .
    case.appeal         x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    lead.enter          x   x   .   .   x   x   .   .   .   .     .  .  .   .   .      x
    record.look         x   x   x   x   x   x   x   x   x   x     x  .  .   .   .      .
    record.read         x   x   x   x   x   x   .   .   .   x     x  .  .   .   x      .
    note.read           x   x   x   x   x   x   .   .   .   x     x  .  .   .   x      x
    conversion.amend    x   .   .   .   x   x   .   .   .   .     .  .  .   .   .      .
    reward.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    reward.decide       x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    reward.approve      x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    reward.reject       x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    reward.hold         x   .   x   .   x   .   .   .   .   .     .  .  .   .   .      .
    reward.restore      x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    reward.withdraw     x   .   x   .   .   .   .   .   .   .     .  .  .   .   .      .
    receivable.settle   x   .   .   x   .   .   .   .   .   .     .  .  .   .   .      .
    correction.enter    x   x   x   .   x   x   .   .   .   .     .  .  .   .   .      .
    payee.read          x   .   .   x   .   .   .   .   .   .     .  .  .   .   x      .
    payee.tail          x   .   x   x   .   .   .   .   .   x     .  .  .   .   x      .
    payee.set           x   .   .   x   x   .   .   .   .   .     x  .  .   .   .      x
    tax_form.read       x   .   .   x   .   .   .   .   .   .     .  .  .   .   x      x
    tax_form.give       x   .   .   x   x   .   .   .   .   .     x  .  .   .   .      x
    payee.check         x   .   .   x   x   .   .   .   .   .     x  .  .   .   .      x
    payout.read         x   x   x   x   x   x   .   .   .   x     x  .  .   .   x      .
    payout.draft        x   .   .   x   x   .   .   .   .   .     x  .  .   x   .      .
    payout.schedule     x   .   .   x   x   .   .   .   .   .     .  .  .   .   .      .
    payout.release      x   .   .   x   .   .   .   .   .   .     .  .  .   .   .      .
    payout.cancel       x   .   .   x   .   .   .   .   .   .     .  .  .   x   .      .
    payout.answer       x   .   .   x   .   .   .   .   .   .     .  .  .   x   .      .
    payout.reconcile    x   .   .   x   .   .   .   .   .   .     .  .  .   .   .      x
    payout.correct      x   .   .   x   .   .   .   .   .   .     .  .  .   .   .      .
    message.send        .   .   .   .   .   .   .   .   .   .     .  .  .   x   .      x
    message.handle      x   x   .   .   x   x   .   .   .   .     .  .  .   .   .      x
    message.report      x   x   .   .   x   x   .   .   x   .     x  x  .   .   .      x
    stock.read          x   x   x   x   x   x   .   .   .   x     x  .  .   .   x      .
    stock.upload        x   x   .   .   .   .   .   .   .   .     x  .  .   .   .      .
    handout.read        x   .   .   x   .   .   .   .   .   .     x  .  .   .   x      .
    credit.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    credit.redeem       x   .   .   .   x   .   .   .   .   .     x  .  .   .   .      x
    ledger.read         x   x   x   x   x   .   .   x   .   x     x  .  .   .   x      x
    log.read            x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      x
    audit.read          x   .   x   x   .   .   .   .   .   x     x  .  .   .   x      x
    audit.sign          x   .   .   .   .   .   .   .   .   x     .  .  .   .   .      x
    log.verify          x   .   .   .   .   .   .   .   x   x     .  .  .   .   x      x
    event.read          x   x   x   x   x   x   .   .   x   x     x  .  .   .   x      x
    event.send          .   .   .   .   .   .   .   .   .   .     x  x  x   .   .      x
    event.import        x   .   .   .   x   .   .   .   x   .     .  .  .   .   x      x
    event.retry         x   .   .   .   x   .   .   .   x   .     .  .  .   .   x      x
    source.manage       x   x   .   .   .   .   .   .   x   .     .  .  .   .   .      x
    trace.read          x   .   .   .   .   .   .   .   x   .     .  .  .   .   x      x
    report.read         x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      .
    summary.read        x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      x
    progress.read       x   x   x   x   x   x   x   x   x   x     x  .  .   .   x      x
    installation.manage .   .   .   .   .   .   .   .   .   .     .  .  .   .   x      x
"""
_HEAD, *_ROWS = [line.split() for line in _TABLE.strip().splitlines()]

ACTIONS = tuple(row[0] for row in _ROWS)
#: What takes somebody at a page who has proved just now who they are: a browser that was left open does none of it.
SURE = frozenset(
    {
        "member.manage",
        "change.decide",
        "change.answer",
        "key.manage",
        "webhook.manage",
        "rail.manage",
        "routing.publish",
        "debtor.set",
        "tax_reporting.set",
        "standing.grant",
        "payout.release",
        "account.secure",
    }
)
#: what is only looked at
READS = tuple(action for action in ACTIONS if action.partition(".")[2] in ("read", "names", "mails", "tail"))

_MAY = {
    _COLUMNS[column]: frozenset(action for action, *marks in _ROWS if marks[place] == "x")
    for place, column in enumerate(_HEAD)
}
#: kind of key -> what it may do
KEYS: dict[str, frozenset[str]] = {kind: _MAY.pop(kind) for kind in ("sk", "wk", "pk")}
#: what the system's own workers may say
SYSTEM = _MAY.pop("system")
#: What the holder of the database may do without being a member: look, and keep the installation going.
OPERATOR = _MAY.pop("operator")
#: What nobody may do who is limited to programs.
WHOLE = _MAY.pop("whole")
#: role of a member -> what it may do
ROLES: dict[str, frozenset[str]] = _MAY

#: What one person may do, with what is theirs alone: a partner sees and registers deals of their own, and writes to sales about them;
#: whoever is signed in at the portal sees where they stand and what is held of them, accepts terms, says what they agree to, shares
#: their link and changes its code, may say no, that another account is theirs too, and where they are paid, how they are taxed, and
#: what is mailed to them.
PERSON: frozenset[str] = frozenset(
    {
        *(
            "own.deals",
            "own.register",
            "own.rewards",
            "own.accept",
            "own.consent",
            "own.dispute",
            "own.share",
            "own.merge",
        ),
        *("code.change", "deal.note", "claim.enter", "claim.appeal", "claim.note", "case.appeal", "case.note"),
        *("own.settings", "payee.set", "tax_form.give", "person.erase", "record.look"),
    }
)


def allowed(actor: Actor, action: str) -> bool:
    """Return whether the actor may do the action. A service key's id begins with its kind: ``sk:key_…``."""
    if actor.programs and action in WHOLE:
        return False
    if actor.kind == "member":
        return any(action in ROLES.get(role, frozenset()) for role in actor.roles)
    if actor.kind == "key":
        return action in KEYS.get(actor.id.split(":", 1)[0], frozenset())
    return action in {"system": SYSTEM, "operator": OPERATOR, "person": PERSON}.get(actor.kind, frozenset())


def covers(actor: Actor, *programs: str | None) -> bool:
    """Return whether all of these programs lie in the actor's scope. None is a program that nobody's scope has."""
    return not actor.programs or (bool(programs) and set(programs) <= set(actor.programs))


def within(limits: dict[str, int] | None, unit: str, amount: int) -> bool:
    """Return whether an amount lies within a member's limit for its unit. No limits at all: unlimited; a unit not named: zero."""
    return limits is None or amount <= limits.get(unit, 0)
