"""The list of what was asked for and what became of it: one JSON object a line, added to as the work goes on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from courtside.errors import UserError

NAME = "manifest.jsonl"
KEPT, DUPLICATE, REJECTED, FAILED = STATUSES = ("kept", "duplicate", "rejected", "failed")


@dataclass(frozen=True)
class Record:
    """What became of an address.

    Attributes:
        address: where it was asked for.
        status: ``kept``; ``duplicate`` of a kept one; ``rejected``, it came and is unfit; ``failed``, it did not come.
        label: class of an image, labels of a video; may be empty.
        file: of a kept one its file, of a duplicate the one it repeats; relative to the manifest's folder, with ``/``.
        reason: why it was not kept.
        rules: the limits by which a duplicate or rejected one was judged. Under others it is judged again.
        page: the page on which an image stands.
        sha256: of the bytes as they came.
        difference_hash: of an image, 64 hexadecimal digits.
        width: pixels.
        height: pixels.
        seconds: length of a video.
    """

    address: str
    status: str
    label: str = ""
    file: str | None = None
    reason: str | None = None
    rules: str | None = None
    page: str | None = None
    sha256: str | None = None
    difference_hash: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


class Manifest:
    """The manifest of a folder, open for one process at a time.

    A line is written whole, after the file it speaks of. Where the program was killed within a line, the next call
    drops it: its address is then asked for again.

    Args:
        folder: where the manifest and the files lie; made when needed.

    Raises:
        UserError: on entering, when another process has it open or a line is none of a manifest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / NAME
        self._made = False
        self._records: dict[str, Record] = {}

    def __enter__(self) -> Self:
        self._made = not self.folder.exists()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._stream: BinaryIO = self._path.open("a+b")
        except OSError as error:
            raise UserError(f"{self._path} cannot be written: {error.strerror}; name another folder") from None
        try:
            _lock(self._stream, self.folder)
            self._load()
        except BaseException:
            self._stream.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = self._stream.seek(0, os.SEEK_END) == 0
        if empty:
            self._path.unlink(missing_ok=True)
        with suppress(OSError):  # a full disk has been told of by then
            self._stream.close()
        if empty and self._made:
            with suppress(OSError):
                self.folder.rmdir()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __iter__(self) -> Iterator[Record]:
        """Yield the last record of each address, in the order in which the addresses came first."""
        return iter(self._records.values())

    def get(self, address: str) -> Record | None:
        """Return the last record of an address; None where it was never asked for."""
        return self._records.get(address)

    def settled(self, address: str, rules: str) -> bool:
        """Return whether an address needs no further asking: all but failed ones and those judged by other rules."""
        record = self._records.get(address)
        if record is None or record.status == FAILED:
            return False
        return record.status == KEPT or record.rules in (None, rules)

    def present(self, record: Record) -> bool:
        """Return whether the file of a kept record is still there."""
        return record.status == KEPT and record.file is not None and (self.folder / record.file).is_file()

    def add(self, record: Record) -> None:
        """Write a record; it takes the place of an earlier one of its address.

        Raises:
            UserError: when no more can be written.
        """
        values = {key: value for key, value in asdict(record).items() if value not in (None, "")}
        try:
            self._stream.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
            self._stream.flush()
        except OSError as error:
            raise UserError(f"{self._path} cannot be written: {error.strerror}; mend it and run again") from None
        self._records[record.address] = record

    def _load(self) -> None:
        self._stream.seek(0)
        content = self._stream.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._stream.truncate(whole)
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                record = _record(json.loads(line))
            except (ValueError, TypeError) as error:
                raise UserError(
                    f"{self._path}, line {number} is no record of a manifest ({error}); mend or delete the line"
                ) from None
            self._records[record.address] = record


def _record(values: Any) -> Record:
    if not isinstance(values, dict):
        raise TypeError("not an object")
    known = {field.name for field in fields(Record)}
    record = Record(**{key: value for key, value in values.items() if key in known})
    if not isinstance(record.address, str) or record.status not in STATUSES:
        raise ValueError(f"status {record.status!r}")
    return record


def _lock(stream: BinaryIO, folder: Path) -> None:
    """Keep other processes out until the stream is closed, however that comes about."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"another command is filling {folder}; wait for it, or name another folder") from None
    except OSError:  # the file system knows no locks
        return
