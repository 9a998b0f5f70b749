"""WARC files (ISO 28500): append captures, read them back; one writer a file, never reopened.

``storage.archive`` writes one gzip member a record through ``WarcWriter`` and reads single
records by offset through ``read_record``. ``iterate`` reads whole files to their end, for checks.
"""

import base64
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.errors import ArchiveUnusable, CaptureUnreadable
from storage.record import Capture

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"  # ISO 28500:2017 6.7
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a capture's response or revisit record stands: file name, byte offset, byte length."""

    file: str
    offset: int
    length: int
    record_id: str
    record_type: Literal["response", "revisit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The earlier capture a revisit record refers to."""

    url: str
    captured_at: dt.datetime
    record_id: str
    payload_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record read back: its type, WARC headers, and the HTTP message if it has one."""

    type: str
    headers: dict[str, str]
    status: int | None
    http_headers: Headers
    body: bytes


class WarcWriter:
    """Appends captures to ``<prefix>-<process>-<n>.warc.gz`` in ``folder``, rotating by size.

    A record is built in memory, written in one piece, flushed and synced before ``write`` returns;
    when that fails the file is cut back to its last good offset and ``OSError`` goes to the caller.
    """

    def __init__(self, folder: Path, prefix: str, max_bytes: int = 1_000_000_000) -> None:
        self._folder, self._prefix, self._max_bytes = folder, prefix, max_bytes
        self._number = 0
        self._file: BinaryIO | None = None
        self._process = 0

    def write(self, capture: Capture, earlier: Earlier | None = None) -> Place:
        """Append response (or revisit, when ``earlier`` is given) and request; return its place."""
        file = self._open_file()
        offset = file.tell()
        members, length, record_id = _build(capture, earlier)
        try:
            file.write(members)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            self._cut_back(file, offset)
            raise
        place = Place(
            file=Path(file.name).name,
            offset=offset,
            length=length,
            record_id=record_id,
            record_type="revisit" if earlier else "response",
        )
        if file.tell() >= self._max_bytes:
            self.close()
        return place

    def close(self) -> None:
        """Close the current file; the next write opens a new one."""
        if self._file:
            self._file.close()
            self._file = None

    def _cut_back(self, file: BinaryIO, offset: int) -> None:
        try:
            os.ftruncate(file.fileno(), offset)
            file.close()
        except OSError:
            pass  # the incomplete tail stays; nothing is ever appended behind it
        finally:
            self._file = None

    def _open_file(self) -> BinaryIO:
        if self._file and self._process == os.getpid():
            return self._file
        self._process = os.getpid()  # a forked child must not share its parent's file
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            while True:
                self._number += 1
                name = f"{self._prefix}-{self._process}-{self._number:05d}.warc.gz"
                try:
                    # Unbuffered: a failed write leaves nothing behind to be flushed later.
                    self._file = open(self._folder / name, "xb", buffering=0)  # noqa: SIM115
                    break
                except FileExistsError:
                    continue
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot write WARC files in {self._folder}: {error.strerror};"
                " make the folder writable or set ARCHIVE_WARC to another one"
            ) from error
        info = {"software": f"jiedu/{version('jiedu')}", "format": "WARC File Format 1.1"}
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(name, info))
        self._file.write(buffer.getvalue())
        return self._file


class _LatinHeaders(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers written byte for byte; warcio would percent-encode what is not ASCII."""

    def to_ascii_bytes(self, header_filter: object = None) -> bytes:
        return bytes(self.to_bytes(header_filter, "latin-1"))


def payload_digest(body: bytes) -> str:
    """``sha1:`` and base32, the form WARC tools expect; over the wire body."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def read_record(folder: Path, file: str, offset: int, length: int) -> Record:
    """Read one record back and verify its digests.

    Raises ``CaptureUnreadable`` naming file and offset when the file is missing or damaged.
    """
    path = folder / file
    where = f"{path} at offset {offset}"
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            member = stream.read(length)
    except OSError as error:
        raise CaptureUnreadable(
            f"cannot read {where}: {error.strerror}; restore the file or set ARCHIVE_WARC"
        ) from error
    if len(member) < length:
        raise CaptureUnreadable(f"{where}: the file ends inside the record; restore it")
    records = list(_read_all(BytesIO(member), where))
    if len(records) != 1:
        raise CaptureUnreadable(f"{where}: {len(records)} records where one should stand")
    return records[0]


def iterate(path: Path) -> Iterator[Record]:
    """All records of a file, each read to its end with its digests verified.

    Raises ``CaptureUnreadable`` at the first damaged or incomplete one.
    """
    with path.open("rb") as stream:
        yield from _read_all(stream, str(path))


def _read_all(stream: BinaryIO, where: str) -> Iterator[Record]:
    try:
        archive = ArchiveIterator(stream, no_record_parse=True)
        for record in archive:
            headers = dict(record.rec_headers.headers)
            block = record.raw_stream.read()
            if len(block) != int(headers["Content-Length"]):
                raise CaptureUnreadable(f"{where}: a record is incomplete; restore the file")
            archive.read_to_end()
            # warcio says nothing when a member is cut behind the block: the decompressor knows.
            decompressor = archive.reader.decompressor if archive.reader else None
            if decompressor is not None and not decompressor.eof:
                raise CaptureUnreadable(f"{where}: a record is incomplete; restore the file")
            yield _verified(record.rec_type, headers, block, where)
    except CaptureUnreadable:
        raise
    except Exception as error:  # warcio and zlib raise many unrelated types on damaged bytes
        raise CaptureUnreadable(f"{where}: damaged record ({error}); restore the file") from error


def _verified(record_type: str, headers: dict[str, str], block: bytes, where: str) -> Record:
    if headers.get("WARC-Block-Digest", "").startswith("sha1:"):
        _compare(headers["WARC-Block-Digest"], block, where)
    status, body = None, block
    http_headers: Headers = ()
    if headers.get("Content-Type", "").startswith("application/http"):
        head, _, body = block.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        if record_type != "request":
            status = int(first.split(" ")[1])
        pairs = (line.partition(":") for line in lines if line)
        http_headers = tuple((name, value.removeprefix(" ")) for name, _, value in pairs)
    if record_type != "revisit" and "WARC-Payload-Digest" in headers:
        _compare(headers["WARC-Payload-Digest"], body, where)
    return Record(
        type=record_type, headers=headers, status=status, http_headers=http_headers, body=body
    )


def _compare(stated: str, data: bytes, where: str) -> None:
    if payload_digest(data) != stated:
        raise CaptureUnreadable(f"{where}: the bytes do not fit their digest; restore the file")


def _build(capture: Capture, earlier: Earlier | None) -> tuple[bytes, int, str]:
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    date = warc_date(capture.captured_at)
    extra = {"WARC-Date": date}
    if capture.truncated:
        extra["WARC-Truncated"] = capture.truncated
    if capture.ip_address:
        extra["WARC-IP-Address"] = capture.ip_address
    if earlier:
        unchanged = "server-not-modified" if capture.status == 304 else "identical-payload-digest"
        extra |= {
            "WARC-Profile": PROFILE + unchanged,
            "WARC-Refers-To": earlier.record_id,
            "WARC-Refers-To-Target-URI": earlier.url,
            "WARC-Refers-To-Date": warc_date(earlier.captured_at),
            "WARC-Payload-Digest": earlier.payload_digest,
        }
    response = writer.create_warc_record(
        capture.url,
        "revisit" if earlier else "response",
        payload=BytesIO(b"" if earlier else capture.body),
        length=0 if earlier else len(capture.body),
        http_headers=_response_headers(capture),
        warc_headers_dict=extra,
    )
    writer.write_record(response)
    length = buffer.tell()
    record_id = response.rec_headers.get_header("WARC-Record-ID")
    request = writer.create_warc_record(
        capture.url,
        "request",
        payload=BytesIO(b""),
        length=0,
        http_headers=_request_headers(capture),
        warc_headers_dict={"WARC-Date": date, "WARC-Concurrent-To": record_id},
    )
    writer.write_record(request)
    return buffer.getvalue(), length, record_id


def stored_headers(capture: Capture) -> Headers:
    """The response headers as WARC keeps them: no Transfer-Encoding, true Content-Length.

    The body is already de-chunked; a 304 and an answer to HEAD keep what the server stated.
    """
    kept = [
        (name, value)
        for name, value in capture.headers
        if name.lower() not in ("transfer-encoding", "content-length")
    ]
    if capture.status != 304:
        kept.append(("Content-Length", str(len(capture.body))))
    return tuple(kept)


def _response_headers(capture: Capture) -> StatusAndHeaders:
    try:
        reason = HTTPStatus(capture.status).phrase
    except ValueError:
        reason = "Unknown"
    return _LatinHeaders(
        f"{capture.status} {reason}", list(stored_headers(capture)), protocol="HTTP/1.1"
    )


def _request_headers(capture: Capture) -> StatusAndHeaders:
    parts = urlsplit(capture.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = list(capture.request_headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    return _LatinHeaders(f"{target} HTTP/1.1", headers, protocol=capture.method)


def warc_date(moment: dt.datetime) -> str:
    """A WARC-Date with microseconds, as WARC 1.1 allows."""
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"
