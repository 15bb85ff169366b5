"""The steps of a decision about a conversion, in reading order.

Eligibility, attribution, screening, matching, pricing, planning, limits, settlement: each answers one question with values; none but
settlement changes a draft.
"""
