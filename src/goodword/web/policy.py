"""What a page may load and where its forms may lead: nothing of another host, no inline script or style."""

from __future__ import annotations

from collections.abc import Iterable


def policy(forms: Iterable[str] = ()) -> str:
    """Return the policy of a page. ``forms``: where an answer to one of its forms may lead besides: to apps of who sends it."""
    leads = " ".join(("'self'", *forms))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {leads}; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
