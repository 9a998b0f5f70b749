"""WARC files (ISO 28500): append captures; one writer a file, one gzip member a record.

``storage.captures`` writes through ``WarcWriter``; ``storage.warc_reading`` reads it back.
"""

import datetime as dt
import logging
import os
import threading
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.characters import storable_text
from storage.errors import ArchiveUnusable
from storage.identity import canonical_url
from storage.record import Capture
from storage.warc_reading import Headers

logger = logging.getLogger(__name__)

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"  # ISO 28500:2017 6.7

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_LINE_BREAKS = str.maketrans("\r\n\0", "   ")


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


class WarcWriter:
    """Appends captures to ``<prefix>-<process>-<n>.warc.gz`` in ``folder``, rotating by size.

    A record is built in memory, written, and synced before ``write`` returns. When that fails the
    file is cut back to its last good offset and never written again. Threads may share a writer.
    """

    def __init__(self, folder: Path, prefix: str, max_bytes: int = 1_000_000_000) -> None:
        self._folder, self._prefix, self._max_bytes = folder, prefix, max_bytes
        self._number = 0
        self._file: BinaryIO | None = None
        self._process = 0
        self._lock = threading.Lock()

    def write(self, capture: Capture, earlier: Earlier | None = None) -> Place:
        """Append response (or revisit, when ``earlier`` is given) and request; return its place.

        Raises ``ArchiveUnusable`` when folder or disk refuse; then nothing of it is in the file.
        """
        members, length, record_id = _build(capture, earlier)
        with self._lock:
            try:
                file = self._open_file()
                offset = file.tell()
                self._append(file, members)
            except OSError as error:
                raise ArchiveUnusable(
                    f"cannot write WARC files in {self._folder}: {error.strerror};"
                    " make room there, make it writable, or set ARCHIVE_WARC to another folder"
                ) from error
            place = Place(
                file=Path(file.name).name,
                offset=offset,
                length=length,
                record_id=record_id,
                record_type="revisit" if earlier else "response",
            )
            if file.tell() >= self._max_bytes:
                self._close()
        return place

    def close(self) -> None:
        """Close the current file; the next write opens a new one."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file:
            try:
                file.close()
            except OSError as error:  # every record in it has been synced
                logger.warning("closing %s: %s", file.name, error.strerror)

    def _append(self, file: BinaryIO, data: bytes) -> None:
        """Write and sync, or leave the file as it was and closed."""
        offset = file.tell()
        try:
            rest = memoryview(data)
            while rest:  # a nearly full disk takes a part and says so by the count only
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            try:
                os.ftruncate(file.fileno(), offset)
            except OSError as error:
                # The incomplete tail stays; nothing is ever appended behind it.
                logger.warning("cannot cut %s back to %d: %s", file.name, offset, error.strerror)
            self._close()
            raise

    def _open_file(self) -> BinaryIO:
        if self._file and self._process == os.getpid():
            return self._file
        self._close()  # a forked child must not share its parent's file
        self._process = os.getpid()
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            self._number += 1
            path = self._folder / f"{self._prefix}-{self._process}-{self._number:05d}.warc.gz"
            try:
                # Unbuffered: a failed write leaves nothing behind to be flushed later.
                self._file = file = open(path, "xb", buffering=0)  # noqa: SIM115
                break
            except FileExistsError:
                continue
        try:
            self._append(file, _warcinfo(path.name))
            _sync_folder(self._folder)
        except BaseException:
            self._close()
            path.unlink(missing_ok=True)
            raise
        return file


def stored_headers(capture: Capture) -> Headers:
    """The response headers as WARC keeps them: no Transfer-Encoding, one true Content-Length.

    The body is already de-chunked; a 304 and an answer to HEAD keep what the server stated. Names
    and values are bytes as Latin-1; what is not becomes its UTF-8, a line break a space.
    """
    headers = [(_header(name), _header(value)) for name, value in capture.headers]
    headers = [pair for pair in headers if pair[0].lower() != "transfer-encoding"]
    if capture.status == 304 or capture.method == "HEAD":
        return tuple(headers)
    stated = [n for n, (name, _) in enumerate(headers) if name.lower() == "content-length"]
    for n in reversed(stated[1:]):
        del headers[n]
    if stated:
        headers[stated[0]] = (headers[stated[0]][0], str(len(capture.body)))
    else:
        headers.append(("Content-Length", str(len(capture.body))))
    return tuple(headers)


def warc_date(moment: dt.datetime) -> str:
    """A WARC-Date with microseconds, as WARC 1.1 allows."""
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


class _LatinHeaders(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers written byte for byte; warcio would percent-encode what is not ASCII."""

    def to_ascii_bytes(self, header_filter: object = None) -> bytes:
        return bytes(self.to_bytes(header_filter, "latin-1"))


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as its records are."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _warcinfo(name: str) -> bytes:
    info = {"software": f"jiedu/{version('jiedu')}", "format": "WARC File Format 1.1"}
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record(name, info))
    return buffer.getvalue()


def _build(capture: Capture, earlier: Earlier | None) -> tuple[bytes, int, str]:
    """Both members, the length of the first one, and its record's id."""
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
            "WARC-Refers-To-Target-URI": _ascii_url(earlier.url),
            "WARC-Refers-To-Date": warc_date(earlier.captured_at),
            "WARC-Payload-Digest": earlier.payload_digest,
        }
    response = writer.create_warc_record(
        _ascii_url(capture.url),
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
        _ascii_url(capture.url),
        "request",
        payload=BytesIO(b""),
        length=0,
        http_headers=_request_headers(capture),
        warc_headers_dict={"WARC-Date": date, "WARC-Concurrent-To": record_id},
    )
    writer.write_record(request)
    return buffer.getvalue(), length, record_id


def _response_headers(capture: Capture) -> StatusAndHeaders:
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = "Unknown"
    return _LatinHeaders(
        f"{capture.status} {phrase}", list(stored_headers(capture)), protocol="HTTP/1.1"
    )


def _request_headers(capture: Capture) -> StatusAndHeaders:
    parts = urlsplit(_ascii_url(capture.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [(_header(name), _header(value)) for name, value in capture.request_headers]
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", urlsplit(canonical_url(capture.url)).netloc))
    return _LatinHeaders(f"{target} HTTP/1.1", headers, protocol=capture.method)


def _ascii_url(url: str) -> str:
    """The URL as it goes over the wire: white space and what is not ASCII percent-encoded."""
    return quote(storable_text(url.strip()), safe=_PRINTABLE)


def _header(text: str) -> str:
    text = text.translate(_LINE_BREAKS)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        text = storable_text(text).encode().decode("latin-1")
    return text
