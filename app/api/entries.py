"""What a phone says about its days, entry by entry."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.api.strict_route import WellFormedJSONRoute
from app.deps import CurrentWriter, Now, Write
from app.diary.record import Recorded, record_entries
from app.models.daily_log import LogEntryIn
from app.models.field_types import InputShape

router = APIRouter(tags=["log"], route_class=WellFormedJSONRoute)


class _SaidToBeAnEntry:
    """Anything may come; the OpenAPI document says what should."""

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(LogEntryIn.__pydantic_core_schema__)


class EntriesIn(InputShape):
    """Entries are judged one by one, so one that cannot stand never blocks the others."""

    entries: Annotated[
        list[Annotated[Any, _SaidToBeAnEntry()]],
        Field(min_length=1, max_length=500),
    ]


@router.post("/entries")
async def post_entries(sent: EntriesIn, writer: CurrentWriter, write: Write, now: Now) -> Recorded:
    """Record what the phone says; every entry is answered by itself. Without the scope `read`, no `days`."""
    recorded = await write(record_entries, writer.patient, sent.entries, now)
    return recorded if writer.may_read else Recorded(recorded.results, [])
