"""What the notice on a page says after a form was posted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.errors import Invalid
from app.language import _, marked

NOT_SAVED = marked("Not saved. %(why)s")


@dataclass(frozen=True, slots=True)
class Notice:
    """`undoes` is what Undo takes back, if there is anything to undo, and `was` how that was before, where
    Undo has to know. `place` is the part of the page it is about, where it stands; empty is the top."""

    words: str
    undoes: UUID | None = None
    was: str = ""
    tone: str = ""
    place: str = ""


def saved_notice(saved: str) -> Notice | None:
    """For `?saved=`: an entry's id, "undone" or "nothing"; anything else is not ours."""
    match saved:
        case "":
            return None
        case "nothing":
            return Notice(_("Nothing had changed, so there was nothing to save."))
        case "undone":
            return Notice(_("Taken back."))
    try:
        return Notice(_("Saved."), UUID(saved))
    except ValueError:
        return None


def refused_notice(invalid: Invalid) -> Notice:
    """Why a form was not saved: each message names the fix."""
    messages = dict.fromkeys(error.message for error in invalid.errors)
    return Notice(_(NOT_SAVED, why=" ".join(messages)), tone="heed")
