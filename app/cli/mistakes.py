"""What went wrong for a reason an operator can mend, in one line. A fault of ours keeps its traceback."""

from __future__ import annotations

import errno

from app.errors import AftercareError

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})


def to_mend(error: Exception) -> str | None:
    """None for a fault of ours."""
    from app.database import why_unusable

    unusable = why_unusable(error)
    if unusable is not None:
        return f"The database cannot be used: {unusable.why}. {unusable.fix}"
    if isinstance(error, AftercareError):
        return error.message
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        return f"{error.filename or 'A file'} cannot be written or read: {error.strerror}."
    return None
