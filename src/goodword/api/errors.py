"""Errors of the API as RFC 9457 problem documents, and the one table from a refusal to an HTTP status.

A refusal is a decision that said no: it is stored and explained, and its ``evt`` stands in the document.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from goodword import words
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import NotPermittedError
from goodword.app.write.commands import CommandConflictError
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.core import canonical
from goodword.core.entry import Entry
from goodword.core.refusals import Refusal
from goodword.outbound.files import FileRefusedError, MismatchError
from goodword.outbound.rails import DetailsError, RailModeError
from goodword.sources.bank import BankFileError
from goodword.sources.mail_reports import ReportError
from goodword.sources.routing_file import RoutingFileErrors
from goodword.sources.rule_file import RuleFileErrors
from goodword.sources.segment.event_file import MappingFileErrors
from goodword.store.pool import UnstorableError
from goodword.words.templates import TemplateError

_FORBIDDEN = {
    Refusal.routed_elsewhere,
    Refusal.not_permitted,
    Refusal.own_work,
    Refusal.same_member,
    Refusal.over_limit,
    Refusal.outside_scope,
    Refusal.rules_author,
}
_UNKNOWN = {Refusal.not_found, Refusal.unknown_program, Refusal.person_unknown}
_WRONG = {Refusal.nothing_to_do, Refusal.rules_invalid, Refusal.self_referral, Refusal.not_forward, Refusal.in_future}
_WRONG |= {Refusal.owner_scoped, Refusal.routing_invalid, Refusal.standing_invalid, Refusal.pilot_invalid}

#: Every refusal has a status: the request is not allowed, names nothing, makes no sense, or meets another state (409).
STATUS: dict[str, int] = {
    refusal.code: 403 if refusal in _FORBIDDEN else 404 if refusal in _UNKNOWN else 422 if refusal in _WRONG else 409
    for refusal in Refusal
}
_MOST_PAYOUTS = 1_000  # that a refusal of a file names
_log = logging.getLogger(__name__)
_UNEXPECTED = "The request is not as the operation expects."


class ProblemError(Exception):
    """A request of the API fails: HTTP status, stable code, what to do. ``more``: further members of the document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.more = more or {}


def refused(entry: Entry) -> ProblemError | None:
    """Return the problem of a command of which nothing was done; None if anything was."""
    verdicts = entry.verdicts
    if not verdicts or not all(verdict.refused for verdict in verdicts):
        return None
    code = verdicts[0].refusal or ""
    more = {"evt": entry.event.evt, "subject": verdicts[0].subject, "steps": msgspec.to_builtins(verdicts[0].steps)}
    due = [sentence for step, sentence in words.sentences(verdicts[0]).steps if step == "due"]
    return ProblemError(STATUS[code], code, " ".join([words.refusal(code), *due]), more=more)


def install(app: FastAPI) -> None:
    """Let every error of the application be answered by a problem document."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotPermittedError, _not_permitted)
    app.add_exception_handler(UnknownError, _unknown)
    app.add_exception_handler(InvalidError, _senseless)
    app.add_exception_handler(ConflictError, _not_now)
    app.add_exception_handler(CommandConflictError, _conflict)
    app.add_exception_handler(BehindError, _behind)
    app.add_exception_handler(RuleFileErrors, _rules)
    app.add_exception_handler(TemplateError, _text)
    app.add_exception_handler(DetailsError, _details)
    app.add_exception_handler(BankFileError, _bank_file)
    app.add_exception_handler(ReportError, _report)
    app.add_exception_handler(RailModeError, _rail_mode)
    app.add_exception_handler(FileRefusedError, _file)
    app.add_exception_handler(MismatchError, _mismatch)
    app.add_exception_handler(UnstorableError, _unstorable)
    app.add_exception_handler(canonical.NulError, _unstorable)
    app.add_exception_handler(Exception, _mistake)
    for away in TRANSIENT:  # the database is away, comes back, or has no room
        app.add_exception_handler(away, _away)


def document(
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem document as an answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **(more or {}),
    }
    headers = dict(headers or {})
    return Response(msgspec.json.encode(body), status, headers, media_type="application/problem+json")


def of_problem(error: ProblemError) -> Response:
    """Return a problem as an answer."""
    return document(error.status, error.code, error.detail, error.headers, error.more)


def away() -> Response:
    """Return the answer while the database is away."""
    return document(503, "unavailable", "The database is away. Try again.", {"retry-after": "5"})


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return of_problem(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    errors = [{"path": ".".join(map(str, detail["loc"])), "expected": detail["msg"]} for detail in error.errors()[:50]]
    return document(422, "invalid_request", _UNEXPECTED, more={"errors": errors})


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    codes = {404: "no_such_path", 405: "method_not_allowed"}
    code = codes.get(error.status_code, "bad_request")
    return document(error.status_code, code, str(error.detail), error.headers)


async def _not_permitted(_: Request, error: Exception) -> Response:
    return document(403, "not_permitted", str(error))


async def _unknown(_: Request, error: Exception) -> Response:
    return document(404, "not_found", str(error))


async def _senseless(_: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidError)  # noqa: S101 - registered for it
    if error.parameter is None:
        return document(422, "invalid_request", str(error))
    errors = [{"path": f"query.{error.parameter}", "expected": str(error)}]
    return document(422, "invalid_request", _UNEXPECTED, more={"errors": errors})


async def _bank_file(_: Request, error: Exception) -> Response:
    assert isinstance(error, BankFileError)  # noqa: S101 - registered for it
    return document(422, "bank_file_invalid", f"{error.code}: {error}")


async def _report(_: Request, error: Exception) -> Response:
    assert isinstance(error, ReportError)  # noqa: S101 - registered for it
    return document(422, error.code, str(error))


async def _not_now(_: Request, error: Exception) -> Response:
    assert isinstance(error, ConflictError)  # noqa: S101 - registered for it
    return document(409, error.code, str(error))


async def _conflict(_: Request, error: Exception) -> Response:
    assert isinstance(error, CommandConflictError)  # noqa: S101 - registered for it
    detail = "The Idempotency-Key was used for another command before: take a new one."
    return document(409, "idempotency_conflict", detail, more={"evt": error.evt})


async def _behind(_: Request, __: Exception) -> Response:
    detail = (
        "What was accepted before is still being decided, and this would take it away. Nothing was done: try again."
    )
    return document(503, "behind", detail, {"retry-after": "5"})


async def _rules(_: Request, error: Exception) -> Response:
    assert isinstance(error, RuleFileErrors)  # noqa: S101 - registered for it
    errors = [
        {"path": problem.path, "found": problem.found, "expected": problem.expected} for problem in error.problems[:50]
    ]
    if isinstance(error, MappingFileErrors):
        return document(422, "mapping_invalid", "The mapping file cannot be used.", more={"errors": errors})
    if isinstance(error, RoutingFileErrors):
        return document(422, "routing_invalid", "The table of routes cannot be used.", more={"errors": errors})
    return document(422, "rules_invalid", "The rule file cannot be used.", more={"errors": errors})


async def _text(_: Request, error: Exception) -> Response:
    assert isinstance(error, TemplateError)  # noqa: S101 - registered for it
    errors = [{"path": f"line {it.line}", "expected": it.text} for it in error.problems[:50]]
    return document(422, "text_invalid", "The text cannot be published.", more={"errors": errors})


async def _details(_: Request, error: Exception) -> Response:
    assert isinstance(error, DetailsError)  # noqa: S101 - registered for it
    errors = [{"path": f"body.details.{problem.field}", "expected": problem.expected} for problem in error.problems]
    detail = (
        "The details are not as they are expected: GET /v1/rails lists the fields of each rail, GET /v1/debtor those of the account"
        " that files pay from, GET /v1/tax those of tax forms."
    )
    return document(422, "payment_details_invalid", detail, more={"errors": errors})


async def _rail_mode(_: Request, error: Exception) -> Response:
    assert isinstance(error, RailModeError)  # noqa: S101 - registered for it
    return document(422, error.code, str(error))


async def _file(_: Request, error: Exception) -> Response:
    assert isinstance(error, FileRefusedError)  # noqa: S101 - registered for it
    errors = [
        {"path": it.payout, "found": it.code, "expected": words.page(f"bank_file.refused.{it.code}")}
        for it in error.problems[:_MOST_PAYOUTS]
    ]
    errors += [{"path": f"debtor.{field}", "expected": words.page("bank_file.debtor_field")} for field in error.fields]
    detail = words.page(f"bank_file.{error.code}", count=len(error.problems), fields=", ".join(error.fields))
    return document(422, error.code, detail, more={"errors": errors} if errors else None)


async def _mismatch(_: Request, error: Exception) -> Response:
    """Our own mistake, found in time: what was made is not what was released, and it does not leave."""
    _log.error("a file for the bank was held back", exc_info=error)
    return document(500, "bank_file_differs", words.page("bank_file.bank_file_differs"))


async def _unstorable(_: Request, __: Exception) -> Response:
    return document(422, "invalid_character", "A text holds a NUL character, which cannot be stored.")


async def _mistake(_: Request, __: Exception) -> Response:
    """Our own mistake: it is logged with its trace, and told without."""
    detail = "A mistake of ours; the server's log has its trace. Send a command again under the same Idempotency-Key."
    return document(500, "internal_error", detail)


async def _away(_: Request, __: Exception) -> Response:
    return away()
