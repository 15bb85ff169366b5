"""The steps of a decision, in reading order.

Of a lead: eligibility, attribution. Of a conversion: screening, matching, pricing, planning, limits. Each answers one question with
values; ``planning`` says which side is refused, ``limits`` counts, and no other changes a draft.
``core.settlement`` books what follows.
"""
