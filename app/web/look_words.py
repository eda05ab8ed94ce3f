"""A record of the access log as its owner reads it."""

from __future__ import annotations

from datetime import date

from app.access.looks import REFUSED, Look
from app.language import _, marked
from app.language.saying import day_with_year, joined
from app.web.words import scope_in_words

SUBJECTS = {
    "plan": marked("your plan"),
    "notes": marked("their own notes about you"),
    "days": marked("your daily log"),
    "brief": marked("the summary of your days"),
    "sessions": marked("your sessions"),
    "patients": marked("the list of patients, with your latest numbers"),
    "report.pdf": marked("your days as a page to print"),
    "report.csv": marked("your days as a spreadsheet"),
    "report.fhir.json": marked("your days as a file for health records"),
}
SOMETHING = marked("something you share")
OF_THE_ACCOUNT = {
    "sign_in:started": marked("Signed in: %(who)s"),
    "sign_in:ended": marked("Signed out: %(who)s"),
    "sign_in:refused": marked("Somebody tried to sign in as you and was refused: %(who)s"),
    "takeout:export": marked("You took out everything you have"),
    "report.pdf:export": marked("You took out your days as a page to print"),
    "password:changed": marked("The password was changed"),
    "email:changed": marked("The e-mail address was changed"),
    "passkey:added": marked("A passkey was added: %(who)s"),
    "passkey:removed": marked("A passkey was removed"),
    "codes:added": marked("Signing in asks for codes from an app now"),
    "codes:removed": marked("Signing in asks for no codes from an app any more"),
    "token:made": marked("You made a token for a program: %(who)s"),
    "token:revoked": marked("The token for a program was revoked: %(who)s"),
    "calendar:made": marked("You made a link for a calendar to follow"),
    "calendar:revoked": marked("The link for a calendar was revoked"),
    "calendar:fetched": marked("A calendar fetched your sessions"),
    "proof:refused": marked("Somebody signed in as you could not show that it was you: %(who)s"),
}
OF_CONSENT = {
    "given": marked("You let %(who)s see: %(what)s"),
    "changed": marked("You changed what %(who)s can see to: %(what)s"),
    "given_until": marked("You let %(who)s see until %(day)s: %(what)s"),
    "changed_until": marked("You changed what %(who)s can see until %(day)s to: %(what)s"),
    "ended": marked("You stopped sharing with %(who)s"),
    "left": marked("%(who)s ended the sharing with you"),
}
OF_OTHERS = {
    "write": marked("%(who)s changed %(what)s"),
    "export": marked("%(who)s took away %(what)s"),
    REFUSED: marked("%(who)s tried to open %(what)s and was refused"),
}
OPENED = marked("%(who)s opened %(what)s")
SOMEBODY = marked("Somebody")
ELSE = marked("Something changed in your account")


def look_in_words(look: Look) -> str:
    """Who did what, from a tag such as "web:brief:read"."""
    source, subject, action = look.what.split(":")
    match source:
        case "account":
            return _(OF_THE_ACCOUNT.get(f"{subject}:{action}", ELSE), who=look.who)
        case "care":
            return _consent_in_words(look.who, subject, action)
        case _door:
            what = _(SUBJECTS.get(subject, SOMETHING))
            return _(OF_OTHERS.get(action, OPENED), who=look.who or _(SOMEBODY), what=what)


def _consent_in_words(who: str, subject: str, action: str) -> str:
    scopes, _at, until = subject.partition("@")
    if action not in ("given", "changed"):
        return _(OF_CONSENT[action], who=who)
    what = joined([scope_in_words(scope) for scope in scopes.split("+")])
    if not until:
        return _(OF_CONSENT[action], who=who, what=what)
    day = day_with_year(date.fromisoformat(until))
    return _(OF_CONSENT[f"{action}_until"], who=who, what=what, day=day)
