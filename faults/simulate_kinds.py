"""The kinds of fault, by name. Every seed of the simulation brings about some of them.

``COSTLY`` ones take seconds and come about seldom. ``NOT_THERE_YET`` names faults of parts that the product does not have.
"""

from faults import simulate_dealings as dealings
from faults import simulate_rail as rail
from faults import simulate_said as said
from faults import simulate_trouble as trouble
from faults.simulate_strikes import ended, lost_after, lost_before, raised, too_slow

KINDS: dict[str, trouble.Kind] = {
    "repeats": said.repeats,
    "reordering": said.reordering,
    "late events": said.late_events,
    "lead after sale": said.lead_after_sale,
    "events from the future": said.from_the_future,
    "refund before order": said.refund_before_order,
    "id collision": said.id_collision,
    "ids of the same time": said.uuid_collision,
    "bad items among good": said.bad_items,
    "huge amounts": said.huge_amounts,
    "currencies with 0 and 3 places": said.currencies,
    "change of hour, leap day": said.change_of_hour,
    "poison event": said.poison,
    "event that cannot be written": said.unwritable,
    "event that cannot be read": said.unreadable,
    "clock forward": said.clock_forward,
    "clock back": said.clock_back,
    "slow machine": said.slow_machine,
    "deadlock": trouble.deadlock,
    "serialisation failure": trouble.struck(raised("40001")),
    "statement timeout": trouble.struck(too_slow),
    "disk full": trouble.struck(raised("53100")),
    "disk full at commit": trouble.struck(raised("53100"), trouble.COMMIT, 5),
    "out of memory": trouble.struck(raised("53200")),
    "connection lost": trouble.struck(lost_before),
    "connection lost before commit": trouble.struck(lost_before, trouble.COMMIT, 5),
    "connection lost after commit": trouble.struck(lost_after, trouble.COMMIT, 5),
    "connection ended by the server": trouble.struck(ended),
    "database restarted at once": trouble.restart,
    "migration under load": trouble.migrated,
    "two workers": trouble.two_workers,
    "two schedulers": trouble.two_schedulers,
    "worker stopped and woken": trouble.stopped,
    "request cut in its middle": trouble.cut_request,
    "batch cut in its middle": trouble.cut_flush,
    "key rotated in flight": trouble.key_rotated,
    "same command twice": dealings.twice,
    "list that changes": dealings.changed_list,
    "payee changed after release": dealings.payee_changed,
    "rules published in flight": dealings.rules_in_flight,
    "program paused in flight": dealings.paused,
    "provider refuses": dealings.manner(rail.refuses),
    "provider silent after success": dealings.manner(rail.silent_after),
    "provider silent before success": dealings.manner(rail.silent_before),
    "provider hangs": dealings.manner(rail.hangs),
    "provider late": dealings.manner(rail.slow),
    "provider reverses later": dealings.manner(rail.regrets),
    "provider silent, then reverses": dealings.manner(rail.silent_then_regrets),
    "provider forgets": dealings.manner(rail.silent_after, rail.forgets),
    "provider says nonsense": dealings.manner(rail.babbles),
    "provider breaks off": dealings.manner(rail.breaks),
    "provider lies": dealings.lying_provider,
    "other outcome later": dealings.liar,
    "outcome of an unknown payout": dealings.unknown_payout,
    "master key changed in flight": trouble.master_key_changed,
}
COSTLY = ("database restarted at once",)
NOT_THERE_YET = (
    "webhook receiver lies or repeats",
    "webhook dead letter",
    "gift provider out of stock",
    "discount codes used up",
    "Segment batch cut",
    "Stripe and Shopify deliveries out of order",
    "message channel bounces",
    "standing approval ends in flight",
)
