"""What use cases raise, whoever renders it: the message is a sentence that says what to do. Must not know: status codes."""

from __future__ import annotations


class UnknownError(LookupError):
    """There is no such thing in this workspace. ``what`` names it, such as ``reward``."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no {what} in this workspace.")
        self.what = what


class InvalidError(ValueError):
    """What was given makes no sense. ``parameter`` names what is wrong, where it is one thing."""

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class ConflictError(Exception):
    """The workspace is not in a state in which this makes sense. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
