"""Sends an export as it is read, piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from fastapi.responses import StreamingResponse

from app.deps import InTransaction
from app.reports.exporting import NextPiece, Piece


async def streamed(
    read: InTransaction, export: NextPiece, media_type: str, file_name: str
) -> StreamingResponse:
    """The export as a file to keep. What goes wrong before its first piece is still an error of the request;
    later the connection is cut, so that half a file is never taken for a whole one."""
    first = await read(export, None)
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(_pieces(read, export, first), media_type=media_type, headers=headers)


async def _pieces(read: InTransaction, export: NextPiece, piece: Piece) -> AsyncIterator[bytes]:
    yield piece.text.encode()
    while piece.after is not None:
        piece = await read(export, piece.after)
        yield piece.text.encode()
