"""The steps of a decision about a conversion, in reading order: eligibility, attribution, screening, matching, pricing, limits,
settlement. Each answers one question with values; none changes a state."""
