"""About Aftercare, and how to get help. Open to everybody."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.deps import MaybeAccount
from app.models.account import Role
from app.web.page import render

router = APIRouter(include_in_schema=False)


@router.get("/help")
async def show_help(request: Request, account: MaybeAccount) -> Response:
    frames = {Role.PATIENT: "patient.html", Role.THERAPIST: "therapist.html"}
    frame = frames[account.role] if account else "plain.html"
    return render(request, "help.html", frame=frame)
