"""Where somebody goes once they are signed in."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from app.deps import MaybeAccount
from app.models.account import Role
from app.web.page import see_other

router = APIRouter(include_in_schema=False)

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\U0010ffff]*")

NextPage = Annotated[str, Query(alias="next", max_length=500)]


@router.get("/")
async def landing(account: MaybeAccount) -> Response:
    return see_other(home_of(account.role) if account else "/sign-in")


def home_of(role: str) -> str:
    return "/patients" if role == Role.THERAPIST else "/today"


def own_path(wanted: str) -> str:
    """The path when it leads to a page of ours; empty when it leads anywhere else."""
    return wanted if _OWN_PATH.fullmatch(wanted) else ""


def with_next(path: str, wanted: str) -> str:
    """`path`, remembering where to go afterwards."""
    return f"{path}?next={quote(wanted, safe='')}" if own_path(wanted) else path
