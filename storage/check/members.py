"""The gzip members of one WARC file, read by offset and one after the other.

Called by ``storage.check.warc_files``; unlike ``storage.warc_reading`` it keeps the file open and
tells a member that is cut short from one that is damaged.
"""

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.errors import CaptureUnreadable
from storage.warc_reading import Record, parse_record

_FIRST = 1 << 11  # a request's record is smaller
_CHUNK = 1 << 16
_BUFFER = 1 << 20


class Damaged(Exception):
    """There is no whole record here; ``is_cut`` when that is because the file ends."""

    def __init__(self, what: str, *, is_cut: bool = False) -> None:
        super().__init__(what)
        self.is_cut = is_cut


class MemberFile:
    """A WARC file open for reading; use as a context manager. Raises ``OSError`` like any file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("rb", buffering=_BUFFER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    @property
    def size(self) -> int:
        """Its size now; a crawl may be writing to it."""
        return os.fstat(self._stream.fileno()).st_size

    def record(self, offset: int, length: int | None = None) -> Record:
        """The record at an offset, read to its end and verified; ``Damaged`` when it is not whole.

        Without ``length`` its member is as long as it is.
        """
        data, length = self._member(offset, length)
        try:
            return parse_record(data, self._path, offset, length)
        except CaptureUnreadable as error:
            what = str(error).partition(f"offset {offset}: ")[2].partition(";")[0]
            raise Damaged(what) from None

    def length(self, offset: int) -> int:
        """Length of the member at an offset, whatever is in it, or ``Damaged``."""
        return self._member(offset, None)[1]

    def _member(self, offset: int, length: int | None) -> tuple[bytes, int]:
        self._stream.seek(offset)
        decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
        parts: list[bytes] = []
        taken, wanted = 0, _FIRST if length is None else _CHUNK
        while not decompressor.eof:
            chunk = self._stream.read(wanted if length is None else min(wanted, length - taken))
            if not chunk:
                if length is None or offset + length > self.size:
                    raise Damaged("the file ends inside the record", is_cut=True)
                raise Damaged("there is no record of this length")
            try:
                parts.append(decompressor.decompress(chunk))
            except zlib.error as error:
                raise Damaged(f"the record is damaged ({error})") from None
            taken += len(chunk) - len(decompressor.unused_data)
            wanted = _CHUNK
        if length is not None and taken != length:
            raise Damaged("there is no record of this length")
        return b"".join(parts), taken
