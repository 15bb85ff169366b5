"""What a partner types: a deal or a message, read from the fields of a form; and what is said of a field that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from goodword import words
from goodword.app import amounts
from goodword.app.errors import InvalidError
from goodword.app.say.deals import Brought
from goodword.web.forms import Sent

#: Field -> the most characters of it.
FIELDS: Final[Mapping[str, int]] = {
    "company": 255,
    "domain": 255,
    "email": 255,
    "amount": 30,
    "currency": 3,
    "percent": 20,
    "note": 2_000,
}
_MESSAGE: Final = 2_000
_ONCE: Final = 64
#: Refusals of which a partner is told why.
_REFUSED: Final = frozenset(
    {
        *("program_not_active", "advocate_not_active", "advocate_not_enrolled"),
        *("terms_missing", "self_referral", "too_many", "outside_pilot"),
    }
)
#: What the event calls a field -> what the form does.
_CALLED: Final = {"company_domain": "domain", "customer_email": "email", "customer_external_id": "email"}


def deal(said: Sent) -> Brought:
    """Return a deal. Raises InvalidError for a field that is missing or wrong."""
    text = {name: _text(said, name, most) for name, most in FIELDS.items()}
    currency = text["currency"].upper() if text["currency"] else None
    amount = amounts.typed(text["amount"], currency) if text["amount"] else None
    return Brought(
        company=text["company"] or _missing("company"),
        company_domain=text["domain"],
        customer_email=text["email"] or _missing("email"),
        amount=amount,
        currency=currency if amount is not None else None,
        percent=text["percent"],
        note=text["note"],
    )


def message(said: Sent) -> str:
    """Return a message. Raises InvalidError for none."""
    return _text(said, "text", _MESSAGE) or _missing("text")


def once(said: Sent) -> str:
    """Return what makes sending a form twice one. Raises InvalidError for a form without it."""
    return _text(said, "once", _ONCE) or _missing("once")


def again(said: Sent | None) -> dict[str, str]:
    """Return what was typed, to be shown again in a form that failed."""
    return {name: values[0] for name, values in said.fields.items() if values} if said is not None else {}


def why(error: InvalidError) -> str:
    """Return what is said of a field that is wrong."""
    name = field(error.parameter)
    return words.portal(f"wrong.{name}" if name in FIELDS or name in ("text", "once") else "wrong.form")


def refused(code: str) -> str:
    """Return what a partner is told whose deal was refused: each says what to do, and nothing of others."""
    return words.portal(f"refused.{code if code in _REFUSED else 'other'}")


def field(parameter: str | None) -> str | None:
    """Return what the form calls what is wrong."""
    return _CALLED.get(parameter or "", parameter)


def _text(said: Sent, name: str, most: int) -> str | None:
    text = next(iter(said.fields.get(name, ())), "").strip()
    if len(text) > most or "\0" in text:
        raise InvalidError(f"{name} is longer than {most} characters, or holds a NUL.", name)
    return text or None


def _missing(name: str) -> str:
    raise InvalidError(f"{name} is missing.", name)


def said_of(said: Sent, name: str) -> str:
    """Return what was typed in a field, without space around it."""
    return next(iter(said.fields.get(name, ())), "").strip().replace("\0", "")
