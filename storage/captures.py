"""The bytes of captures: kept in WARC before their rows, read back by their rows.

Called by ``Archive``; ``storage.writing`` makes the rows of what was kept here.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Engine, Row, select

from storage.address import hide_password
from storage.content_encoding import decoded_body
from storage.digest import payload_digest
from storage.errors import ArchiveUnusable, CaptureNotFound, CaptureUnreadable
from storage.identity import url_key
from storage.reading import is_open
from storage.record import Capture
from storage.rows import is_row_id
from storage.schema import CaptureRow
from storage.tombstones import require_open
from storage.transaction import read
from storage.warc import Earlier, Place, WarcWriter
from storage.warc_erasing import erase_capture
from storage.warc_reading import read_record

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A capture whose record has been written."""

    capture: Capture
    place: Place
    payload_digest: str
    body_digest: str | None
    revisits_id: int | None


class CaptureFiles:
    """The WARC files of an archive: one writer for this process, and everything written before."""

    def __init__(self, engine: Engine, folder: Path | None, max_bytes: int) -> None:
        self._engine, self.folder, self._max_bytes = engine, folder, max_bytes
        self._writer: WarcWriter | None = None

    def named_folder(self) -> Path:
        """The folder; ``ArchiveUnusable`` when none was named (PostgreSQL has no default)."""
        if self.folder is None:
            raise ArchiveUnusable(
                f"{hide_password(self._engine.url)} needs the folder of its WARC files:"
                " set ARCHIVE_WARC"
            )
        return self.folder

    def prepare(self) -> Path:
        """The folder, created; ``ArchiveUnusable`` when it cannot be written."""
        folder = self.named_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot write WARC files in {folder}: {error.strerror};"
                " make the folder writable or set ARCHIVE_WARC to another one"
            ) from error

    def begin(self, crawl_id: int) -> None:
        """Write new files from now on, named after the crawl; none without a folder."""
        self.close()
        if self.folder is not None:
            self._writer = WarcWriter(self.folder, f"{crawl_id:06d}", self._max_bytes)

    def close(self) -> None:
        """Close the file being written."""
        if self._writer:
            self._writer.close()

    def keep(self, capture: Capture) -> Fetched:
        """Write the capture's WARC records; a repeated payload becomes a revisit record."""
        assert self._writer is not None
        digest = payload_digest(capture.body)
        try:
            body_digest = sha256(decoded_body(capture.headers, capture.body)).hexdigest()
        except ValueError:
            body_digest = None
        row = self._earlier(capture, digest, body_digest)
        original = self._original(row) if row else None
        earlier = original and Earlier(
            url=original.url,
            captured_at=original.captured_at,
            record_id=original.warc_record_id,
            payload_digest=original.payload_digest,
        )
        return Fetched(
            capture=capture,
            place=self._writer.write(capture, earlier),
            payload_digest=digest,
            body_digest=body_digest,
            revisits_id=row.id if row else None,
        )

    def wipe(self, kept: Sequence[Fetched]) -> None:
        """Erase what ``keep`` wrote and no row will refer to."""
        for fetched in kept:
            place = fetched.place
            erase_capture(
                self.named_folder(), place.file, place.offset, place.length, place.record_id
            )

    def erase(self, row: Row[Any]) -> None:
        """Overwrite the records of a capture's row; see ``erase_capture``."""
        erase_capture(
            self.named_folder(), row.warc_file, row.warc_offset, row.warc_length, row.warc_record_id
        )

    def read(self, capture_id: int, *, is_withdrawn_ok: bool = False) -> Capture:
        """The capture as ``Archive.read_capture`` gives it."""
        row = self._row(capture_id)
        if row is None:
            raise CaptureNotFound(f"no capture {capture_id} in {hide_password(self._engine.url)}")
        if row.record_type == "erased" or not is_withdrawn_ok:
            read(self._engine, lambda c: require_open(c, row.article_id))
        folder = self.named_folder()
        record = read_record(folder, row.warc_file, row.warc_offset, row.warc_length)
        where = f"{folder / row.warc_file} at offset {row.warc_offset}"
        if record.headers.get("WARC-Record-ID") != row.warc_record_id:
            raise CaptureUnreadable(
                f"{where}: the record is not capture {capture_id}; is it another archive's folder?"
            )
        body = record.body
        if row.record_type == "revisit":
            body = b"" if row.status == 304 else self._payload(row)
        if payload_digest(body) != row.payload_digest:
            raise CaptureUnreadable(
                f"{where}: these are not the bytes of capture {capture_id}; restore the file"
            )
        return Capture(
            url=row.url,
            status=row.status,
            headers=record.http_headers,
            body=body,
            captured_at=row.captured_at,
            method=row.method,
            kind=row.kind,
            portal=row.portal,
            page=row.page,
            truncated=row.truncated,
            ip_address=record.headers.get("WARC-IP-Address"),
            revisits=row.revisits_id,
            filename=row.filename,
        )

    def _payload(self, row: Row[Any]) -> bytes:
        """The body of the capture to which a revisit refers, which may be a withdrawn article's."""
        return self.read(row.revisits_id, is_withdrawn_ok=True).body

    def _row(self, capture_id: int) -> Row[Any] | None:
        if not is_row_id(capture_id):
            return None
        query = select(CaptureRow.__table__).where(CaptureRow.id == capture_id)
        return read(self._engine, lambda c: c.execute(query).one_or_none())

    def _earlier(self, capture: Capture, digest: str, body_digest: str | None) -> Row[Any] | None:
        """The capture this one repeats: of the same payload, or the one a 304 vouches for."""
        if capture.status == 304 and capture.revisits is not None:
            return self._row(capture.revisits)
        if not capture.body:
            return None
        query = (
            select(CaptureRow.__table__)
            .where(
                CaptureRow.url_key == url_key(capture.url),
                CaptureRow.payload_digest == digest,
                CaptureRow.size_bytes == len(capture.body),
                CaptureRow.body_digest.is_not_distinct_from(body_digest),
                CaptureRow.record_type == "response",
                is_open(),  # the bytes of a withdrawn article may be about to go
            )
            .order_by(CaptureRow.id.desc())
            .limit(1)
        )
        row = read(self._engine, lambda c: c.execute(query).one_or_none())
        if row is None or self._stands(row):
            return row
        logger.warning(
            "%s: %s is missing or cut short; the same bytes are kept again",
            capture.url,
            self.named_folder() / row.warc_file,
        )
        return None

    def _original(self, row: Row[Any]) -> Row[Any]:
        """The capture whose record holds the payload: a revisit record refers to no revisit."""
        if row.record_type == "revisit" and row.revisits_id is not None:
            return self._row(row.revisits_id) or row
        return row

    def _stands(self, row: Row[Any]) -> bool:
        """Whether the record can still be there; reading it all would cost a crawl too much."""
        try:
            size = (self.named_folder() / row.warc_file).stat().st_size
        except OSError:
            return False
        return bool(size >= row.warc_offset + row.warc_length)
