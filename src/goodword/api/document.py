"""The published document: what FastAPI makes of the operations, with the errors that they really answer, and what the edge serves.

FastAPI knows neither our problem documents nor what a dependency asks for; a test calls every operation and holds it to this.
Must not know: what an operation does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from goodword import words
from goodword.api.errors import STATUS
from goodword.core.refusals import Refusal
from goodword.web import FullError

#: Code of a problem that is no refusal -> its status, and what it means.
PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "bad_request": (400, "The body cannot be read at all."),
    "idempotency_key_required": (400, "A command needs an Idempotency-Key: a new random one each."),
    "key_missing": (401, "No API key was sent."),
    "key_malformed": (401, "The key is cut, mistyped or no key of this product."),
    "key_unknown": (401, "The key is not known here, or was revoked."),
    "not_permitted": (403, "The key does not allow it."),
    "not_found": (404, "There is no such thing in this workspace."),
    "idempotency_conflict": (409, "The Idempotency-Key was used for another command before."),
    "clock_not_manual": (409, "Only a manual clock is moved."),
    "no_program": (409, "No program was published, so that no currency is known."),
    "pack_too_long": (
        409,
        "The pack has more postings than a request gives: ask for fewer months, or use `goodword pack`.",
    ),
    "host_taken": (409, "Another workspace answers for the host."),
    "secret_held": (409, "The secret is held already, or was: let the other system make a new one."),
    "too_many_webhooks": (409, "The workspace has as many webhooks as it may have: end one first."),
    "shown_once": (409, "The secret was shown when this was said first: exchange it once more."),
    "own_system_missing": (409, "No system of your own was named that books it: name it first."),
    "payouts_under_way": (
        409,
        "Of payouts on their way nobody knows what became, and another system would not know them: wait, or say what became of each.",
    ),
    "replaying": (409, "It is being told something once more: wait until that has ended."),
    "too_many_tests": (409, "As many tests as may wait to be sent: see what became of them first."),
    "resending": (409, "What is kept is being sent again: wait until that has ended."),
    "nothing_kept": (
        409,
        "Nothing is kept of then: `goodword mapping keep`, or the page Mapping, has what comes from now on kept.",
    ),
    "no_mail": (409, "The server sends no mail: it is given a server of yours (GOODWORD_SMTP_URL)."),
    "mail_not_taken": (409, "The mail server did not take the mail; the detail says why."),
    "too_large": (413, "The body is larger than 1 MiB."),
    "invalid_request": (422, "The request is not as the operation expects; `errors` names each place."),
    "invalid_character": (422, "A text holds a NUL character."),
    "rules_invalid": (422, "The rule file cannot be used; `errors` names each place."),
    "mapping_invalid": (422, "The mapping file cannot be used; `errors` names each place."),
    "text_invalid": (422, "The text cannot be published; `errors` names each line, and what to do."),
    "report_invalid": (422, "A mail server's report cannot be read; the detail says what to do."),
    "report_unmatched": (422, "The report is about no message of this workspace; the detail says what to do."),
    "bank_file_invalid": (422, "The bank's file cannot be taken; the detail says where and what to do."),
    "payment_details_invalid": (422, "The payment details are not as their rail expects; `errors` names each field."),
    "debtor_missing": (422, "The format needs more of the company's own account; `errors` names what."),
    "debtor_not_carried": (
        422,
        "The company's own details cannot be spelled in the characters of banks; `errors` names which.",
    ),
    "debtor_not_in_sepa": (422, "The company's own account is in no country of SEPA."),
    "not_in_format": (422, "The format cannot carry all payouts; `errors` names each that it cannot, and why."),
    "day_not_open": (422, "The day has gone, lies far ahead, or banks do not settle on it."),
    "too_many_for_format": (422, "The format holds no so many payouts, or no such sum."),
    "nothing_for_bank": (422, "No payout waits for the bank that this file could hold."),
    "rail_not_live": (422, "The rail does not work in a live workspace."),
    "rail_not_sandbox": (422, "The rail does not work in a sandbox."),
    "bank_file_differs": (500, "What was written is not what was released, so it did not leave: a mistake of ours."),
    "no_head_yet": (409, "No signed head of the log has all of the month yet: try again in a minute."),
    "audit_changed": (409, "The payouts to be looked at are others by now: look at them again."),
    "internal_error": (500, "A mistake of ours; the server's log has its trace."),
    "busy": (503, FullError.detail),
    "behind": (503, "What was accepted before is still being decided, and this would take it away. Try again."),
    "unavailable": (503, "The database is away. Try again."),
}

_ALWAYS: Final = (
    "key_missing",
    "key_malformed",
    "key_unknown",
    "not_permitted",
    "invalid_request",
    "invalid_character",
)
_ALSO_ALWAYS: Final = ("internal_error", "unavailable")
_WITH_BODY: Final = ("bad_request", "too_large", "busy")
_COMMAND: Final = ("idempotency_key_required", "idempotency_conflict")
_LISTED: Final = ("wrong_state", "item_changed", "nothing_to_do")
_TAKES: Final = ("behind",)
_RAIL: Final = ("rail_not_live", "rail_not_sandbox")

#: Operation -> the codes that it answers besides those that follow from its form.
_OF: Final[dict[str, tuple[str, ...]]] = {
    "set_host": ("host_taken",),
    "move_clock": ("clock_not_manual", "not_forward"),
    "publish_program": ("rules_invalid", "program_ended"),
    "move_program": (*_TAKES, "program_required", "program_not_live", "wrong_state", "unknown_program"),
    "launch_program": ("not_ready", "unknown_program", "program_ended", "item_changed"),
    "start_pilot": ("unknown_program", "program_required", "wrong_state", "pilot_invalid"),
    "decide_pilot": (
        *(*_TAKES, "unknown_program", "program_required", "wrong_state", "item_changed"),
        *("pilot_running", "pilot_invalid", "same_member"),
    ),
    "preview_rules": ("rules_invalid",),
    "publish_mapping": ("mapping_invalid",),
    "preview_mapping": ("mapping_invalid",),
    "publish_message_text": ("text_invalid",),
    "mail_message_text": ("text_invalid", "no_mail", "mail_not_taken"),
    "resend_deliveries": ("resending", "nothing_kept"),
    "reconcile": ("bank_file_invalid",),
    "preview_reconciliation": ("bank_file_invalid",),
    "set_payee": ("payment_details_invalid", *_RAIL),
    "check_payee": ("item_changed", "nothing_to_do", "in_future"),
    "enter_claim": (
        *("unknown_program", "nothing_to_do", "self_referral", "in_future"),
        *("program_not_active", "program_not_live", "too_many"),
    ),
    "take_claim": ("wrong_state",),
    "decide_claim": ("wrong_state", "program_not_active", "own_work"),
    "appeal_claim": ("wrong_state", "appeal_over"),
    "register_deal": (
        *("unknown_program", "program_required", "program_not_active", "advocate_not_enrolled", "advocate_not_active"),
        *("program_not_live", "terms_missing", "self_referral", "too_many", "outside_pilot"),
    ),
    "publish_routing": ("routing_invalid", "nothing_to_do", "too_many"),
    "ask_for_standing_approval": (
        *("standing_invalid", "unknown_program", "program_ended", "rules_author", "too_many"),
        "own_system_missing",
        *_RAIL,
    ),
    "make_payout_schedule": ("own_system_missing", "too_many", "unknown_program", *_RAIL),
    "change_payout_schedule": ("own_system_missing", "nothing_to_do", "wrong_state", "unknown_program", *_RAIL),
    "stop_payout_schedule": ("nothing_to_do", "wrong_state"),
    "settle_message": ("wrong_state",),
    "settle_messages": ("wrong_state",),
    "report_message": ("report_invalid", "report_unmatched", "behind"),
    "resume_messages": ("nothing_to_do",),
    "stop_standing_approval": ("wrong_state",),
    "change_code": (
        *("code_taken", "code_changed_before", "code_serves_another_program", "nothing_to_do"),
        *("advocate_not_enrolled", "advocate_not_active"),
    ),
    "make_agreement": ("unknown_program", "advocate_not_enrolled", "in_past", "wrong_state", "too_many"),
    "end_agreement": ("unknown_program", "nothing_to_do", "in_past", "too_many"),
    "decide_deal": ("program_not_live", "wrong_state", "own_work", "already_protected", "conflict_not_seen"),
    "withdraw_deal": ("wrong_state",),
    "enter_correction": (
        *(
            "unknown_program",
            "program_not_active",
            "program_not_live",
            "person_unknown",
            "advocate_not_active",
            "wrong_state",
            "nothing_to_do",
        ),
        *("currency_not_offered", "too_many"),
    ),
    "correct_payout": ("wrong_state", "rail_answers", "item_changed", "own_work", "same_member", "over_limit"),
    "restore_rewards": (*_LISTED, "own_work", "same_member", "budget_exhausted"),
    "lift_suspension": ("unknown_program", "wrong_state", "same_member"),
    "sign_month_audit": ("no_head_yet", "audit_changed", *_LISTED, "own_work"),
    "reject_rewards": (*_LISTED, *_TAKES, "routed_elsewhere", "same_member", "over_limit"),
    "approve_rewards": (
        *_LISTED,
        "hold_running",
        "case_open",
        "contested",
        "routed_elsewhere",
        "payee_missing",
        "evidence_missing",
        "own_work",
        "evidence_not_opened",
        "same_member",
        "over_limit",
    ),
    "withdraw_approvals": _LISTED,
    "settle_receivables": (*_LISTED, "exceeds_receivable", "same_member"),
    "decide_case": ("wrong_state", "own_work"),
    "assign_case": ("wrong_state",),
    "snooze_case": ("wrong_state",),
    "snooze_reward": ("wrong_state",),
    "appeal_case": ("wrong_state", "appeal_over"),
    "draft_payouts": (
        *(
            *_TAKES,
            "nothing_to_do",
            "not_due",
            "below_payout_minimum",
            "feed_silent",
            "owner_missing",
            "payee_asked",
            "payee_refused",
            "tax_form_missing",
        ),
        *("own_system_missing", *_RAIL),
    ),
    "release_payouts": (
        *_LISTED,
        *_TAKES,
        "case_open",
        "contested",
        "payee_asked",
        "payee_refused",
        "evidence_missing",
        "own_work",
        "same_member",
        "over_limit",
        "second_member_needed",
        "feed_silent",
        "owner_missing",
        "tax_form_missing",
        *_RAIL,
    ),
    "get_bank_file": (
        *("debtor_missing", "debtor_not_carried", "debtor_not_in_sepa", "not_in_format", "day_not_open"),
        *("too_many_for_format", "nothing_for_bank", "bank_file_differs"),
    ),
    "set_tax_reporting": ("nothing_to_do",),
    "give_tax_form": ("payment_details_invalid", "tax_form_over", "wrong_state"),
    "set_debtor": ("payment_details_invalid", "nothing_to_do"),
    "cancel_payout": ("wrong_state",),
    "answer_payout": ("wrong_state", "rail_answers"),
    "merge_person": ("already_merged",),
    "erase_person": (*_TAKES, "rewards_open", "credit_left"),
    "redeem_credit": (*_TAKES, "unknown_program", "program_required", "redemption_conflict", "credit_short"),
    "reverse_redemption": ("redemption_conflict", "redemption_unknown", "reversal_exceeds"),
    "get_summary": ("no_program",),
    "get_pack": ("pack_too_long",),
    "set_member": ("wrong_state",),
    "decide_change": (
        *("wrong_state", "same_member", "routing_invalid", "too_many"),
        *("standing_invalid", "rules_author", "over_limit", "program_ended", "unknown_program"),
    ),
    "hold_secret": ("secret_held",),
    "make_webhook": ("too_many_webhooks", "shown_once"),
    "exchange_webhook_secret": ("shown_once",),
    "connect_own_system": ("payouts_under_way",),
    "exchange_own_system_secret": ("shown_once",),
    "end_own_system": ("not_found", "payouts_under_way"),
    "get_own_system": ("not_found",),
    "replay_webhook": ("replaying",),
    "try_webhook": ("too_many_tests",),
}

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `detail` says what to do. Of a command that was refused, `evt` and `steps` are its "
    "decision, which is stored and explained like a yes.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "message": {"type": "string", "description": "The detail again, where other systems' clients look for it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "expected"],
                "additionalProperties": False,
                "properties": {name: {"type": "string"} for name in ("path", "expected", "found")},
            },
        },
        "evt": {"type": "string"},
        "subject": {"type": ["string", "null"]},
        "steps": {"type": "array", "items": {"type": "array"}},
    },
}


def document(made: dict[str, Any], edge: Mapping[str, Any]) -> dict[str, Any]:
    """Return FastAPI's document mended, with what the edge serves: ``paths``, ``schemas``, ``problems`` (code: status, meaning).

    An operation of the edge names its codes as ``x-problems``.
    """
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in made["paths"].values():
        for operation in operations.values():
            _mend(operation)
    if twice := schemas.keys() & edge["schemas"].keys():
        raise AssertionError(f"two schemas have one name: {sorted(twice)}")
    schemas["Problem"] = PROBLEM
    schemas.update(edge["schemas"])
    for path, operations in edge["paths"].items():
        made["paths"][path] = {
            method: _of_edge(operation, edge["problems"]) for method, operation in operations.items()
        }
    return made


#: Commands that may have a key and need none: what they show once, no repeat shows.
_KEY_MAY_COME: Final = frozenset(
    {
        *("make_webhook", "exchange_webhook_secret", "exchange_own_system_secret"),
        *("publish_mapping", "end_mapping", "keep_deliveries", "resend_deliveries"),
        *("publish_message_text", "end_message_text", "mail_message_text"),
    }
)


def _mend(operation: dict[str, Any]) -> None:
    """Give an operation its errors, and say whether a command's key must be there."""
    codes = [*_ALWAYS, *_ALSO_ALWAYS, *_OF.get(operation["operationId"], ())]
    parameters = operation.get("parameters", [])
    if parameters or "requestBody" in operation:
        codes.append("not_found")
    if "requestBody" in operation:
        codes += _WITH_BODY
    for parameter in parameters:
        if parameter["name"] == "Idempotency-Key":
            parameter["required"] = operation["operationId"] not in _KEY_MAY_COME
            parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"}
            codes += _COMMAND
    fine = {
        status: {**answer, "description": HTTPStatus(int(status)).phrase}
        for status, answer in operation["responses"].items()
        if status != "422"
    }
    operation["responses"] = {**fine, **_problems(codes, {})}


def _of_edge(operation: Mapping[str, Any], more: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    shown = {name: value for name, value in operation.items() if name != "x-problems"}
    answers = _problems(operation["x-problems"], more)
    for status, answer in operation["responses"].items():
        content = {**answer.get("content", {}), **answers.get(status, {}).get("content", {})}  # a page, or the problem
        answers[status] = {**answers.get(status, {}), **answer, **({"content": content} if content else {})}
    return {**shown, "responses": answers}


def _problems(codes: Iterable[str], more: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Return the responses of these codes by status, in order. ``more``: codes that are not the API's, with status and meaning."""
    known = (
        {refusal.code: (STATUS[refusal.code], words.refusal(refusal.code)) for refusal in Refusal}
        | PROBLEMS
        | dict(more)
    )
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(known[code][0], []).append(code)
    return {str(status): _problem(status, by_status[status], known) for status in sorted(by_status)}


def _problem(status: int, codes: list[str], known: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    told = "\n".join(f"- `{code}`: {known[code][1]}" for code in codes)
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"code": {"enum": codes}}}]}
    answer: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}\n\n{told}",
        "content": {"application/problem+json": {"schema": schema}},
    }
    header = {401: "WWW-Authenticate", 503: "Retry-After"}.get(status)
    if header is not None:
        answer["headers"] = {header: {"schema": {"type": "string"}}}
    return answer
