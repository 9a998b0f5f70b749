"""WARC of a dataset: the records of its captures, byte for byte as the archive holds them.

Called by ``storage.export.making`` in place of the tables of text. A record is a gzip member of its
own, so that members are copied without being packed anew; each is verified on the way.
"""

import contextlib
import datetime as dt
import uuid
from array import array
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from sqlalchemy import Connection, Row, or_, select
from warcio.warcwriter import WARCWriter

from storage.errors import CaptureUnreadable, DatasetUnusable
from storage.export.columns import CAPTURES
from storage.export.writer import WrittenFile
from storage.id_list import id_list
from storage.schema import ArticleRow, CaptureRow
from storage.warc import warc_date
from storage.warc_reading import iterate

_MAX_BYTES = 1_000_000_000
_BATCH = 2000
_AT = {column.name: n for n, column in enumerate(CAPTURES.columns)}
_WHERE = ("capture_id", "warc_file", "warc_offset", "warc_length", "warc_record_id")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "jiedu:export")


class WarcCopy:
    """Copies the records of captures into ``jiedu-00001.warc.gz`` and so on.

    ``copy`` gives the captures' rows back with the place of the copy. A revisit record may refer to
    a capture that is of no article here; ``close`` adds those, so that every copy can be replayed.
    """

    def __init__(self, connection: Connection, source: Path, folder: Path, as_of: dt.datetime):
        self._connection, self._source, self._folder = connection, source, folder
        self._as_of = as_of
        self._file: BinaryIO | None = None
        self._files: list[WrittenFile] = []
        self._records = 0
        self._copied, self._referred = array("q"), array("q")  # numbers of captures

    def copy(self, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        """Copy the records of rows of ``captures``."""
        moved = []
        for row in rows:
            own = [row[_AT[name]] for name in _WHERE]
            place = self._append(*own) if row[_AT["record_type"]] != "erased" else (None,) * 3
            changed = list(row)
            changed[_AT["warc_file"] : _AT["warc_length"] + 1] = place
            moved.append(changed)
            if (number := row[_AT["revisits_id"]]) is not None:
                self._referred.append(number)
        return moved

    def close(self) -> list[WrittenFile]:
        """Add what revisits refer to, and finish."""
        ids = [int(n) for n in np.setdiff1d(np.array(self._referred), np.array(self._copied))]
        for start in range(0, len(ids), _BATCH):
            for row in self._rows(ids[start : start + _BATCH]):
                self._append(
                    row.id, row.warc_file, row.warc_offset, row.warc_length, row.warc_record_id
                )
        if self._file is None and not self._files:
            self._open()
        self._leave()
        return self._files

    def abandon(self) -> None:
        """Let go of the open file; what was written is thrown away."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _append(
        self, number: int, file: str, offset: int, length: int, record_id: str
    ) -> tuple[str, int, int]:
        """Copy response (or revisit) and request; the name, offset and length of the copy."""
        path = self._source / file
        records = list(islice(iterate(path, offset), 2))
        if not records:
            raise CaptureUnreadable(f"{path} ends before offset {offset}; restore it from a copy")
        response, *request = records
        if response.length != length or response.headers.get("WARC-Record-ID") != record_id:
            raise CaptureUnreadable(
                f"{path} at offset {offset}: the record is not capture {number};"
                " is it another archive's folder?"
            )
        whole = length
        if request and request[0].headers.get("WARC-Concurrent-To") == record_id:
            whole += request[0].length
            self._records += 1
        self._records += 1
        target = self._open()
        place = Path(target.name).name, target.tell(), length
        self._copied.append(number)
        with path.open("rb") as stream:
            stream.seek(offset)
            target.write(stream.read(whole))
        if target.tell() >= _MAX_BYTES:
            self._leave()
        return place

    def _rows(self, ids: Sequence[int]) -> Iterable[Row[Any]]:
        """Captures whose bytes may be given away: not those of a withdrawn article."""
        return self._connection.execute(
            select(CaptureRow.__table__)
            .outerjoin(ArticleRow, ArticleRow.id == CaptureRow.article_id)
            .where(
                CaptureRow.id.in_(id_list(self._connection, ids)),
                CaptureRow.record_type != "erased",
            )
            .where(or_(CaptureRow.article_id.is_(None), ArticleRow.withdrawn_at.is_(None)))
            .order_by(CaptureRow.id)
        ).all()

    def _open(self) -> BinaryIO:
        if self._file is None:
            path = self._folder / f"jiedu-{len(self._files) + 1:05}.warc.gz"
            self._file = path.open("wb")
            self._file.write(_warcinfo(path.name, self._as_of))
            self._records = 1
        return self._file

    def _leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._files.append(
                WrittenFile(path=Path(self._file.name), table="", rows=self._records)
            )
            self._file = None


def source_folder(folder: Path | None) -> Path:
    """The folder of the archive's WARC files, or ``DatasetUnusable``."""
    if folder is None or not folder.is_dir():
        raise DatasetUnusable(
            f"the WARC files of the archive are not in {folder or 'any known folder'}:"
            " name it with --warc or ARCHIVE_WARC"
        )
    return folder


def _warcinfo(name: str, as_of: dt.datetime) -> bytes:
    """The record that a file begins with: the same for the same dataset."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    info = {"software": f"jiedu/{version('jiedu')}", "format": "WARC File Format 1.1"}
    record = writer.create_warcinfo_record(name, info)
    headers = record.rec_headers
    headers.replace_header("WARC-Date", warc_date(as_of))
    number = uuid.uuid5(_NAMESPACE, f"{name} {as_of.isoformat()}")
    headers.replace_header("WARC-Record-ID", f"<urn:uuid:{number}>")
    writer.write_record(record)
    return buffer.getvalue()
