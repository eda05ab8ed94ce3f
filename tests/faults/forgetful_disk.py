"""A disk that keeps what was synced and forgets the rest when the power is cut, as an SQLite file system."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import apsw

SECTOR = 512


@dataclass
class _File:
    """`kept` is what a cut leaves; `seen` is what the program sees; `written` are sectors not yet synced."""

    kept: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    written: set[int] = field(default_factory=set)

    def write(self, data: bytes, at: int) -> None:
        end = at + len(data)
        if end > len(self.seen):
            self.seen.extend(bytes(end - len(self.seen)))
        self.seen[at:end] = data
        self.written.update(range(at // SECTOR, (end - 1) // SECTOR + 1))

    def truncate(self, size: int) -> None:
        del self.seen[size:]
        # Shorter at once: a file that is only cut off by half is the same to whoever reads it.
        del self.kept[size:]

    def sync(self) -> None:
        self.kept = bytearray(self.seen)
        self.written.clear()

    def lose_power(self, chance: random.Random) -> None:
        """Each sector written since the last sync has arrived, or has not."""
        share = chance.choice((0.0, 0.5, 0.9))
        for sector in sorted(self.written):
            if chance.random() < share:
                at, end = sector * SECTOR, min((sector + 1) * SECTOR, len(self.seen))
                if end > len(self.kept):
                    self.kept.extend(bytes(end - len(self.kept)))
                self.kept[at:end] = self.seen[at:end]
        self.seen = bytearray(self.kept)
        self.written.clear()


class ForgetfulDisk(apsw.VFS):
    """Files in memory. Making and deleting one counts at once; what is in it only when it was synced."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self._files: dict[str, _File] = {}
        self._chance = chance
        self._left: int | None = None
        super().__init__(name, base="unix", iVersion=1)

    def put(self, path: str, content: bytes) -> None:
        self._files[path] = _File(bytearray(content), bytearray(content))

    def cut_after(self, steps: int) -> None:
        """The power goes at this write or sync from now."""
        self._left = steps

    @property
    def is_dark(self) -> bool:
        return self._left == 0

    def step(self) -> None:
        """One write or sync; raises once the power is gone."""
        if self._left:
            self._left -= 1
        if self.is_dark:
            raise apsw.IOError("The power is gone.")

    def lose_power(self) -> None:
        """Forget, and have power again."""
        self._left = None
        for file in self._files.values():
            file.lose_power(self._chance)

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - SQLite's own name
        return name if name.startswith("/") else f"/{name}"

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        return pathname in self._files

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self._files.pop(filename, None)

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> _OpenFile:  # noqa: N802
        path = name if isinstance(name, str) else name.filename() if name else ""
        flags[1] = flags[0]
        return _OpenFile(self, self._files.setdefault(path, _File()) if path else _File())


class _OpenFile:
    """One connection uses it, so nothing is locked."""

    def __init__(self, disk: ForgetfulDisk, file: _File) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._file.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.step()
        self._file.write(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.step()
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.step()
        self._file.sync()

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.seen)

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        return False

    def xClose(self) -> None:  # noqa: N802
        pass
