"""Find pages saved by hand: HTML files with their address and time in or beside them.

A sidecar ``page.json`` beside ``page.html`` may give ``url``, ``captured_at`` and
``content_type``. Called by ``scrapy import``.
"""

import datetime as dt
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from parsel import Selector

from crawler.extract import ExtractionError
from crawler.extract.decode import decode_body
from crawler.importing.found import Found
from storage import SHANGHAI, Capture, canonical_url

_SUFFIXES = (".html", ".htm", ".shtml", ".html.gz", ".htm.gz")
# Browsers write this above a page they save; the number is the length of the address.
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)\s*(https?://[^\s>]+?)\s*-->")
_STATED = ("url", "captured_at", "content_type")  # what a sidecar can say
_MOST_BYTES = 20 << 20  # of a page, unpacked; a crawl keeps no larger one either
_HEAD_BYTES = 64 * 1024


def find_saved_pages(
    folder: Path, captured_at: dt.datetime | None, skipped: list[str]
) -> Iterator[Found]:
    """The pages of a folder (or one file) that have an address; the others go to ``skipped``.

    Their time is that of the sidecar, else ``captured_at``, else of the file.
    """
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    for path in files:
        if not path.is_file() or not path.name.lower().endswith(_SUFFIXES):
            continue
        try:
            body = _read(path)
            beside = _sidecar(path)
            url = canonical_url(beside.get("url") or _address(body, path))
            at = _moment(beside.get("captured_at")) or captured_at or _changed_at(path)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            skipped.append(f"{path}: {error}")
            continue
        content_type = beside.get("content_type") or "text/html"
        yield Found(
            url=url,
            captured_at=at,
            status=200,
            where=str(path),
            load=partial(_load, path, url, at, str(content_type)),
            is_chosen=True,
        )


def _read(path: Path) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        body = file.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError(f"the page is larger than {_MOST_BYTES >> 20} MB; no article is")
    return body


def _sidecar(path: Path) -> dict[str, Any]:
    """What the file beside a page says of it, ``{}`` without one."""
    stem = re.sub(r"\.s?html?(\.gz)?$", "", path.name, flags=re.IGNORECASE)
    for name in (f"{stem}.json", f"{path.name}.json"):
        beside = path.with_name(name)
        if beside.is_file():
            found = json.loads(beside.read_text("utf-8"))
            if not isinstance(found, dict):
                raise ValueError(f"{beside.name} is no JSON object with url and captured_at")
            odd = [name for name in _STATED if not isinstance(found.get(name), str | None)]
            if odd:
                raise ValueError(f"{beside.name}: {', '.join(odd)} must be text")
            return found
    return {}


def _address(body: bytes, path: Path) -> str:
    saved = _SAVED_FROM.search(body[:_HEAD_BYTES])
    if saved:
        return saved.group(1).decode("utf-8", "replace")
    try:
        page = Selector(text=decode_body(body, None, str(path)).text)
    except ExtractionError as error:
        raise ValueError(str(error)) from None
    canonical = page.css("link[rel=canonical i]::attr(href)").getall()
    for address in (*canonical, *page.css("meta[property='og:url']::attr(content)").getall()):
        if address.strip().startswith(("http://", "https://")):
            return address.strip()
    raise ValueError(
        "it does not say where it came from; put a .json beside it:"
        ' {"url": "https://…", "captured_at": "2024-06-14T09:43:00+08:00"}'
    )


def _moment(text: object) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"captured_at {text!r} is no time; write 2024-06-14T09:43:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _changed_at(path: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(path.stat().st_mtime), dt.UTC)


def _load(path: Path, url: str, captured_at: dt.datetime, content_type: str) -> Capture:
    return Capture(
        url=url,
        status=200,
        headers=(("Content-Type", content_type),),
        body=_read(path),
        captured_at=captured_at,
    )
