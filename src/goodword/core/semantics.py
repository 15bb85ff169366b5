"""The behaviours of this engine, by number. An entry of the log says under which it was decided, and is decided again so for good.

A behaviour that decides otherwise under the same rules and facts gets the next number and a constant here, the number from which on
it holds; what was decided before goes on as it was. What concerns the money of a referral follows the number of its rule version, for
life; all else follows the number of the entry.
"""

from __future__ import annotations

from typing import Final

#: Under which new entries are decided and new rule versions are published. It never falls in a log.
CURRENT: Final = 2

#: An act of a member says which it was (``conduct``).
ACTS_ARE_NAMED: Final = 2
#: What an open claim or case touches is neither approved nor sent; its payout goes on without it (``contested``).
CONTESTED_STOPS: Final = 2
#: A claim that is won moves money in every state, keeps the places that were paid, and can be appealed (``claims``).
CLAIMS_MOVE_MONEY: Final = 2
#: Every change of a reward's amount has a verdict of its own (``settlement``).
A_VERDICT_A_REWARD: Final = 2
