"""Find the pages in WARC files of any origin (ISO 28500), response and revisit records.

Read with warcio, which knows the files of other crawlers: chunked bodies, whole or no compression.
Called by ``scrapy import``.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.timeutils import iso_date_to_datetime

from crawler.importing.found import Found, ImportFailed
from storage import Capture, url_key
from storage.content_encoding import decoded_body

logger = logging.getLogger(__name__)

_PAGES = ("text/html", "application/xhtml", "text/plain", "")


def find_records(paths: Iterable[Path], damaged: list[str]) -> tuple[list[Found], int]:
    """The HTTP responses of pages in the files, and how many revisits lead to none of them.

    What cannot be read of a file is said in ``damaged``; what stands before it is found. Raises
    ``ImportFailed`` for a file that is no WARC file.
    """
    index = _Index()
    found: list[Found] = []
    for path in paths:
        before = index.records
        try:
            with path.open("rb") as stream:
                iterator = ArchiveIterator(stream, check_digests=False)
                for record in iterator:
                    entry = index.add(record, path, iterator.get_record_offset)
                    if entry is not None:
                        found.append(entry)
        except OSError as error:
            raise ImportFailed(f"{path}: {error.strerror or error}") from error
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            if index.records > before:
                damaged.append(f"{path}: {reason}; what stands before it is imported")
                continue
            raise ImportFailed(f"{path} is no WARC file: {reason}") from error
        if index.records == before:
            raise ImportFailed(f"{path} is no WARC file: it holds no record")
    return found, index.unresolved


class _Index:
    """Responses by what a revisit record may refer to."""

    def __init__(self) -> None:
        self.records = 0
        self.unresolved = 0
        self._by: dict[tuple[str, str], Found] = {}

    def add(self, record: Any, path: Path, offset_of: Callable[[], int]) -> Found | None:
        if record.format != "warc":  # warcio takes any line of five words for an ARC record
            return None
        self.records += 1
        if record.rec_type not in ("response", "revisit") or record.http_headers is None:
            return None
        head = record.rec_headers
        url = (head.get_header("WARC-Target-URI") or "").strip("<> ")
        try:
            key, status = url_key(url), int(record.http_headers.get_statuscode())
            moment = iso_date_to_datetime(head.get_header("WARC-Date") or "")
        except ValueError:
            return None  # dns:, whois:, or no date: no page of the web
        captured_at = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment
        original = None
        if record.rec_type == "revisit":
            original = self._original(head, key)
            if original is None:
                self.unresolved += 1
                return None
        elif not _is_page(record.http_headers.get_header("Content-Type"), status):
            return None
        offset = offset_of()
        where = f"{path} at offset {offset}"
        load: Callable[[], Capture] = partial(_load, path, offset, url, status, captured_at)
        if original is not None and status != 304:
            load = partial(_load_revisit, path, offset, url, status, captured_at, original)
        entry = Found(
            url=url, captured_at=captured_at, status=status, where=where, load=load,
            same_as=original,
        )  # fmt: skip
        if record.rec_type == "response":
            for name in ("WARC-Record-ID", "WARC-Payload-Digest"):
                if value := head.get_header(name):
                    self._by[name, value] = entry
            self._by["url", key] = entry
        return entry

    def _original(self, head: Any, key: str) -> Found | None:
        """The response a revisit refers to: by record, by payload, for a 304 by address."""
        for name, value in (
            ("WARC-Record-ID", head.get_header("WARC-Refers-To")),
            ("WARC-Payload-Digest", head.get_header("WARC-Payload-Digest")),
        ):
            if value and (name, value) in self._by:
                return self._by[name, value]
        profile = head.get_header("WARC-Profile") or ""
        return self._by.get(("url", key)) if "server-not-modified" in profile else None


def _is_page(content_type: str | None, status: int) -> bool:
    kind = (content_type or "").partition(";")[0].strip().lower()
    return status in (404, 410) or kind.startswith(_PAGES[:2]) or kind in _PAGES


def _record_at(path: Path, offset: int) -> tuple[tuple[tuple[str, str], ...], bytes, bool]:
    """HTTP headers and de-chunked body of the record at an offset, and whether it is whole."""
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(iter(ArchiveIterator(stream)))
        headers = tuple((name, value) for name, value in record.http_headers.headers)
        chunked = (record.http_headers.get_header("Transfer-Encoding") or "").lower() == "chunked"
        # warcio falls back to the bytes as they are where a tool has already joined the chunks
        reader = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
        body = reader.read()
        is_whole = getattr(record.raw_stream, "limit", 0) <= 0
    return headers, body, is_whole


def _load(path: Path, offset: int, url: str, status: int, captured_at: dt.datetime) -> Capture:
    headers, body, is_whole = _record_at(path, offset)
    return Capture(
        url=url,
        status=status,
        headers=_true_headers(headers, body),
        body=body,
        captured_at=captured_at,
        truncated=None if is_whole else "length",
    )


def _load_revisit(
    path: Path, offset: int, url: str, status: int, captured_at: dt.datetime, original: Found
) -> Capture:
    """The revisit's own headers with the bytes it vouches for."""
    headers, _, _ = _record_at(path, offset)
    earlier = original.load()
    stated = tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
    encoding = tuple(pair for pair in earlier.headers if pair[0].lower() == "content-encoding")
    return Capture(
        url=url,
        status=status,
        headers=(*stated, *encoding),
        body=earlier.body,
        captured_at=captured_at,
        truncated=earlier.truncated,
    )


def _true_headers(headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[tuple[str, str], ...]:
    """The headers without a Content-Encoding that the body does not have.

    Some tools keep the decompressed body under the headers as they were sent.
    """
    try:
        decoded_body(headers, body)
    except ValueError:
        if body.lstrip()[:1] == b"<":
            return tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
    return headers
