"""Goodword: referral infrastructure that a company runs itself."""

__version__ = "0.1.0"
