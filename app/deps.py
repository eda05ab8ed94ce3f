"""What a route may ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.access.looks import REFUSED, SharedPatient, note_refusal, patient_in_care
from app.access.personal_tokens import holder_of, note_used
from app.access.proofs import second_factors
from app.access.sign_ins import SignedIn, end_sign_in, note_seen, who_is
from app.clock import utc_now
from app.database import Database
from app.errors import Busy, Conflict, NoRoom, NotFound, NotSignedIn, ProofNeeded, Refused, SecondFactorNeeded
from app.language import _, language_of, speak
from app.models.account import Role, SignIn
from app.models.patient import PatientProfile
from app.models.personal_token import TokenScope
from app.models.therapist import TherapistProfile, therapist_profile
from app.reminders.own_devices import forget_devices_of
from app.settings import Secrets, Settings

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedInBrowser:
    """A browser where somebody is signed in, as opposed to a program with a personal token."""

    account_id: UUID
    sign_in_id: UUID


@dataclass(frozen=True, slots=True)
class EnteringBrowser:
    """A browser where somebody is signed in, perhaps with less than is asked for."""

    account: SignedIn
    browser: SignedInBrowser


@dataclass(frozen=True, slots=True)
class Writer:
    """A patient who logs, or a program of theirs; to one that may not read, nothing is told of the diary."""

    patient: PatientProfile
    may_read: bool


class InTransaction(Protocol):
    """Runs `fn(db, …)` in a transaction of its own and answers when that has ended."""

    async def __call__(
        self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


# Each of these takes the request alone and asks it for the rest: FastAPI walks a tree of dependencies anew
# for every mention, and the paths a phone uses most would spend more time walking than storing.


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _secrets(request: Request) -> Secrets:
    secrets: Secrets = request.app.state.secrets
    return secrets


async def _read(request: Request) -> InTransaction:
    database: Database = request.app.state.database
    return database.read


async def _read_replica(request: Request) -> InTransaction:
    database: Database = request.app.state.database
    return database.read_from_replica


async def _write(request: Request) -> InTransaction:
    """Raises Busy where this request has waited for a locked database once: it would wait as long again."""
    if hasattr(request.state, "found_locked"):
        raise Busy
    database: Database = request.app.state.database
    return database.write


async def _now(request: Request) -> datetime:
    """One instant for the whole request."""
    if not hasattr(request.state, "now"):
        request.state.now = utc_now()
    now: datetime = request.state.now
    return now


AppSettings = Annotated[Settings, Depends(_settings)]
AppSecrets = Annotated[Secrets, Depends(_secrets)]
Read = Annotated[InTransaction, Depends(_read)]
ReadReplica = Annotated[InTransaction, Depends(_read_replica)]
"""As Read, for what reads much: on a replica where the operator has one."""
Write = Annotated[InTransaction, Depends(_write)]
Now = Annotated[datetime, Depends(_now)]


LOOKING = ("GET", "HEAD")
LEAVE_COOKIE = "aftercare-leave"
"""Set by a page on which somebody signed out without a network: the next request ends their sign-in."""


def cookie_name(settings: Settings) -> str:
    """The sign-in cookie; over https its name makes browsers refuse it from anywhere but this host."""
    return "__Host-aftercare" if settings.served_over_https else "aftercare"


async def _account_if_any(request: Request) -> SignedIn | None:
    if not hasattr(request.state, "account"):
        request.state.account = await _look_up_account(request)
    account: SignedIn | None = request.state.account
    return account


async def _look_up_account(request: Request) -> SignedIn | None:
    said = request.headers.get("authorization")
    signed_in = await (_by_cookie(request) if said is None else _by_token(request, said))
    if signed_in:
        speak(language_of(signed_in.locale))
    return signed_in


async def _by_cookie(request: Request) -> SignedIn | None:
    token = request.cookies.get(cookie_name(request.app.state.settings))
    if not token:
        return None
    database: Database = request.app.state.database
    now = await _now(request)
    signed_in = await database.read(who_is, token, now)
    if signed_in and signed_in.sign_in_id and LEAVE_COOKIE in request.cookies:
        await database.write(_leave, signed_in.account_id, signed_in.sign_in_id, now)
        return None
    if signed_in and signed_in.sign_in_id and _is_to_note(signed_in, now):
        await _note(request, note_seen, signed_in.sign_in_id, now)
    return signed_in


def _leave(db: Session, account_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    end_sign_in(db, account_id, sign_in_id, now)
    forget_devices_of(db, sign_in_id, now)


async def _by_token(request: Request, said: str) -> SignedIn | None:
    """A personal token counts in the API alone, and only for what its scopes allow."""
    scheme, _blank, token = said.partition(" ")
    if scheme.lower() != "bearer" or not request.url.path.startswith("/api/"):
        return None
    database: Database = request.app.state.database
    now = await _now(request)
    holder = await database.read(holder_of, token.strip(), now)
    if holder is None:
        return None
    needed = TokenScope.READ if request.method in LOOKING else TokenScope.WRITE
    if needed not in holder.scopes:
        raise _beyond_scope(needed)
    if _is_to_note(holder.owner, now):
        await _note(request, note_used, holder.token_id, now)
    return holder.owner


def _beyond_scope(needed: TokenScope) -> Refused:
    return Refused(
        _("This token may not do that (%(scope)s). Make another one under Your account.", scope=needed.value)
    )


async def _note(
    request: Request, noting: Callable[[Session, UUID, datetime], None], id: UUID, now: datetime
) -> None:
    """Reading goes on where nothing can be written, as on a full disk; what would write has its answer."""
    database: Database = request.app.state.database
    try:
        await database.write(noting, id, now)
    except (NoRoom, Busy) as error:
        if request.method not in LOOKING:
            raise
        if isinstance(error, Busy):
            request.state.found_locked = True


def _is_to_note(signed_in: SignedIn, now: datetime) -> bool:
    return now - signed_in.last_seen_at >= SignIn.LIMITS[signed_in.role].noted_every


async def _entering(request: Request) -> SignedIn:
    account = await _signed_in(request)
    if not account.may_read:
        raise _beyond_scope(TokenScope.READ)
    return account


async def _signed_in(request: Request) -> SignedIn:
    account = await _account_if_any(request)
    if account is None:
        raise NotSignedIn
    return account


async def _current_account(request: Request) -> SignedIn:
    account = await _entering(request)
    if lacks_second_factor(account, request.app.state.settings):
        raise SecondFactorNeeded
    return account


def lacks_second_factor(account: SignedIn, settings: Settings) -> bool:
    """Whether a password alone was shown where more is asked for."""
    return settings.needs_second_factor and account.role is Role.THERAPIST and not account.second_factor


async def _just_proved(request: Request) -> SignedIn:
    account = await _current_account(request)
    _require_proof(account, await _now(request))
    return account


async def _entering_just_proved(request: Request) -> EnteringBrowser:
    """Whoever has a second factor adds no other one with the password alone."""
    account = await _entering(request)
    _require_proof(account, await _now(request))
    if lacks_second_factor(account, request.app.state.settings):
        read = await _read(request)
        if (await read(second_factors, account.account_id)).any:
            raise SecondFactorNeeded
    return _in_browser(account)


def _require_proof(account: SignedIn, now: datetime) -> None:
    if not account.has_proved_lately(now):
        raise ProofNeeded


def require_same_person(of_page: str, caller_id: UUID) -> None:
    """A page left open while somebody else signed in must not write into their diary.

    `of_page` is the patient the page was made for, as it says itself; empty when it does not say.
    """
    if of_page and of_page != str(caller_id):
        raise Conflict(
            _("Somebody else is signed in here now. Nothing was saved. Sign in again as yourself.")
        )


async def _current_patient(request: Request) -> PatientProfile:
    return _as_patient(request, await _current_account(request))


async def _current_writer(request: Request) -> Writer:
    account = await _signed_in(request)
    return Writer(_as_patient(request, account), account.may_read)


def _as_patient(request: Request, account: SignedIn) -> PatientProfile:
    require_same_person(request.headers.get("aftercare-patient", ""), account.account_id)
    patient = account.as_patient
    if patient is None:
        raise Refused(_("This is for patients. You are signed in as a therapist."))
    return patient


async def _current_therapist(request: Request) -> TherapistProfile:
    account = await _current_account(request)
    if account.role is not Role.THERAPIST:
        raise Refused(_("This is for therapists. You are signed in as a patient."))
    return await (await _read(request))(therapist_profile, account.account_id)


async def _current_browser(request: Request) -> SignedInBrowser:
    return _in_browser(await _current_account(request)).browser


async def _browser_just_proved(request: Request) -> SignedInBrowser:
    return _in_browser(await _just_proved(request)).browser


async def _entering_browser(request: Request) -> EnteringBrowser:
    return _in_browser(await _entering(request))


def _in_browser(account: SignedIn) -> EnteringBrowser:
    if account.sign_in_id is None:
        raise Refused(_("A token may not do this. Sign in with a browser."))
    return EnteringBrowser(account, SignedInBrowser(account.account_id, account.sign_in_id))


MaybeAccount = Annotated[SignedIn | None, Depends(_account_if_any)]
CurrentAccount = Annotated[SignedIn, Depends(_current_account)]
CurrentBrowser = Annotated[SignedInBrowser, Depends(_current_browser)]
JustProved = Annotated[SignedIn, Depends(_just_proved)]
"""Somebody who showed in the last five minutes that it is them, or a program with its token."""
Entering = Annotated[EnteringBrowser, Depends(_entering_browser)]
"""Only for what leads to a second factor, and out: a therapist comes here with a password alone."""
EnteringJustProved = Annotated[EnteringBrowser, Depends(_entering_just_proved)]
BrowserJustProved = Annotated[SignedInBrowser, Depends(_browser_just_proved)]
"""For what opens another way in: a token and a calendar link last longer than the sign-in that makes them."""
CurrentPatient = Annotated[PatientProfile, Depends(_current_patient)]
CurrentWriter = Annotated[Writer, Depends(_current_writer)]
"""Only for what logs: everywhere else a token that writes has to be one that reads, too."""
CurrentTherapist = Annotated[TherapistProfile, Depends(_current_therapist)]


async def _patient_in_care(request: Request, patient_id: UUID) -> SharedPatient:
    account = await _current_account(request)
    write, now = await _write(request), await _now(request)
    try:
        if account.role is not Role.THERAPIST:
            raise NotFound
        return await write(patient_in_care, account.account_id, patient_id, _look_tag(request), now)
    except NotFound:
        # What refuses a request takes back all it wrote, so this is a transaction of its own.
        refused = _look_tag(request, REFUSED)
        await write(note_refusal, account.account_id, patient_id, refused, now)
        raise


def _look_tag(request: Request, action: str | None = None) -> str:
    """What is looked at, as `source:subject:action`: GET /api/patients/…/days is `api:days:read`."""
    source = "api" if request.url.path.startswith("/api/") else "web"
    _before, _patient_id, after = request.url.path.partition(request.path_params["patient_id"])
    subject = after.strip("/").partition("/")[0] or "patient"
    return f"{source}:{subject}:{action or _action_of(request.method, subject)}"


def _action_of(method: str, subject: str) -> str:
    if subject.startswith("report."):
        return "export"
    return "read" if method in LOOKING else "write"


PatientInCare = Annotated[SharedPatient, Depends(_patient_in_care)]
