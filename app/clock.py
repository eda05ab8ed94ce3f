"""Now, and which day it is for a person. Instants are UTC; a day is a local date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

DAY_STARTS_AT = time(3, 0)
"""A night owl's 01:30 still belongs to yesterday, unless the patient chose otherwise."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone. The two others that systems list mean "here" and "unset"."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


@cache
def zone_data_version() -> str:
    """The edition of the time zone database in use, such as "2026b": the system's, else the package's."""
    folder = next((Path(place) for place in TZPATH if (Path(place) / "UTC").exists()), None)
    if folder is None:
        return metadata.version("tzdata")
    said = [folder / "tzdata.zi", folder / "+VERSION"]
    lines = [file.read_text().partition("\n")[0] for file in said if file.is_file()]
    return lines[0].removeprefix("# version ").strip() if lines else "of the system"


def local_time(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def turned_forward(instant: datetime, zone: str, into: str) -> timedelta:
    """How far forward somebody turns their clock who goes from one zone into another at `instant`.

    Nobody can tell once `zone` is gone, say after an upgrade of the system; then it is left as it is.
    """
    if zone not in zone_names():
        return timedelta()
    return _ahead_of_utc(instant, into) - _ahead_of_utc(instant, zone)


def day_of(instant: datetime, zone: str, day_starts_at: time = DAY_STARTS_AT) -> date:
    """The day a patient in `zone` means by "today" at `instant`.

    Decides only which day this is; reminders keep the wall clock.
    """
    local = local_time(instant, zone)
    return local.date() - timedelta(days=local.time() < day_starts_at)


def _ahead_of_utc(instant: datetime, zone: str) -> timedelta:
    return local_time(instant, zone).utcoffset() or timedelta()
