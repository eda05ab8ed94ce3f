"""What can go wrong, named for what happened.

Domain code raises these; each door translates them once, into problem+json or a page.
Messages are written for the person who reads them and never repeat what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.language import _


class AftercareError(Exception):
    """Root of everything Aftercare raises on purpose."""

    status = 500
    code = "error"
    title = "Something went wrong"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(AftercareError):
    """Not there, or not yours: the two look the same from outside."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("There is nothing here for you."))


class Conflict(AftercareError):
    """The request was fine, but what it asks for no longer fits what is stored."""

    status, code, title = 409, "conflict", "Conflict"


class Refused(AftercareError):
    """We know who is asking, and the answer is no."""

    status, code, title = 403, "refused", "Refused"


class NotSignedIn(AftercareError):
    """Nobody we know is asking."""

    status, code, title = 401, "not_signed_in", "Not signed in"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("Sign in first."))


class CodeNeeded(NotSignedIn):
    """The password is right; a code has to come with it. `ticket` says so to the page that asks for one."""

    code, title = "code_needed", "Code needed"
    ticket = ""


class SecondFactorNeeded(Refused):
    """A therapist comes near patients only with a passkey or a code beside the password."""

    code, title = "second_factor_needed", "Second factor needed"

    def __init__(self) -> None:
        super().__init__(
            _("Patients’ data needs more than a password. Add a passkey or codes under Your account.")  # noqa: RUF001 (an apostrophe)
        )


class ProofNeeded(Refused):
    """It is some time since this browser's person showed who they are, and this is worth asking again."""

    code, title = "proof_needed", "Proof needed"

    def __init__(self) -> None:
        super().__init__(_("Show once more that it is you. Then this is open for five minutes."))


class TooMany(AftercareError):
    """A limit was reached. `retry_after` is in seconds."""

    status, code, title = 429, "too_many", "Too many attempts"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(AftercareError):
    """The server cannot take this now and has stored nothing. `retry_after` is in seconds."""

    status, code, title = 503, "busy", "Busy"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("Busy just now. Nothing was stored; try again."))
        self.retry_after = 1


class NoRoom(AftercareError):
    """The disk is full. Nothing was stored; what is stored already can be read."""

    status, code, title = 507, "no_room", "No room left"

    def __init__(self) -> None:
        super().__init__(_("There is no room left on the server. Nothing was stored; try again later."))


class Malformed(AftercareError):
    """The body could not be read at all."""

    status, code, title = 400, "malformed", "Malformed request"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field, in words that name the fix."""

    field: str
    code: str
    message: str


class Invalid(AftercareError):
    """The body was read, but something in it cannot be stored."""

    status, code, title = 422, "invalid", "Not valid"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(_("Please check: %(fields)s.", fields=", ".join(error.field for error in errors)))
        self.errors = errors


class Misconfigured(AftercareError):
    """The operator has to change something before this can run."""

    status, code, title = 500, "misconfigured", "Misconfigured"


class WrongSetting(Misconfigured):
    """A setting holds what nobody can go by. Nothing was begun."""
