"""What the answers of another system mean: of one that is asked for an object, and of one that is asked for a token first."""

import pytest

from goodword.outbound.answers import meaning
from goodword.outbound.crm import CRMS, entered

TOKEN = b'{"access_token": "00D5f000000IZ3Z!AQEAQ"}'


@pytest.mark.parametrize(
    ("status", "after", "means"),
    [
        (200, None, ("ok", 0)),
        (401, None, ("key_refused", 0)),
        (403, 7, ("key_refused", 0)),
        (404, None, ("gone", 0)),
        (302, None, ("away", 0)),  # a redirect is not followed
        (429, 7, ("away", 7)),
        (503, None, ("away", 0)),
    ],
)
def test_who_answers_with_no_object_is_away_unless_it_says_why(status: int, after: int | None, means: object) -> None:
    """A key may be refused, an object may be there no more; all else is asked for again, after as long as was asked."""
    assert meaning(status, after) == means


@pytest.mark.parametrize(
    ("status", "body", "found", "refused", "rest"),
    [
        (200, TOKEN, "00D5f000000IZ3Z!AQEAQ", False, 0),
        (200, b"{}", None, True, 0),
        (200, b"no JSON", None, True, 0),
        (400, b'{"error": "invalid_client"}', None, True, 0),
        (401, TOKEN, None, True, 0),
        (429, b"", None, False, 7),
        (503, TOKEN, None, False, 7),
    ],
)
def test_who_is_not_let_in_has_a_wrong_key(
    status: int, body: bytes, found: str | None, refused: bool, rest: int
) -> None:
    """Unless the CRM is busy or away: a token is asked for again then, and nothing is refused for good."""
    token, became = entered(CRMS["salesforce"], status, body, 7)
    assert (token, became.key_refused, became.rest) == (found, refused, rest)
    assert became.state == ("written" if found else "waiting")
