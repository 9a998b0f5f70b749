"""What holds for every reading, whatever the page: the record's own promises.

Called by ``drill`` and the tests.
"""

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import urlsplit

from storage import Article
from storage.digest import content_digest
from storage.record import BlockKind, MediaKind, Precision, PublishedBasis

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHANGHAI = dt.timedelta(hours=8)


def faults_of(article: Article) -> list[str]:
    """Promises the record breaks, in words; ``[]`` for a well-formed one."""
    return [
        *_text_faults(article),
        *_block_faults(article),
        *_time_faults(article),
        *_address_faults(article),
        *_digest_faults(article),
    ]


def _strings(value: Any, name: str = "article") -> Iterator[tuple[str, str]]:
    """Every string of the record with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _strings(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _strings(item, f"{name}[{number}]")


def _text_faults(article: Article) -> Iterator[str]:
    for name, text in _strings(article):
        if not text.strip():
            yield f"{name} is empty: {text!r}"
        if _UNSTORABLE.search(text):
            yield f"{name} holds a NUL or a lone surrogate: {text[:60]!r}"
        if text != text.strip() and "\t" not in text:  # a table's first and last cell may be empty
            yield f"{name} begins or ends with white space: {text[:60]!r}"
        if "\n" in text and not name.endswith(("text", "raw")):
            yield f"{name} holds a line feed: {text[:60]!r}"
    try:
        json.dumps(dataclasses.asdict(article), ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        yield f"the record is no JSON in UTF-8: {error}"


def _block_faults(article: Article) -> Iterator[str]:
    if not article.blocks and article.media_kind == "text":
        yield "neither blocks nor a kind of media that explains it"
    if article.media_kind == "图解" and not article.images:
        yield "a 图解 without images"
    if article.media_kind not in get_args(MediaKind):
        yield f"media kind {article.media_kind!r}"
    end = -1
    for number, block in enumerate(article.blocks):
        if block.kind not in get_args(BlockKind):
            yield f"block {number} is a {block.kind!r}"
        if "\n" in block.text and block.kind != "table":
            yield f"block {number}, a {block.kind}, has several lines: {block.text[:60]!r}"
        if block.level is not None and (block.kind != "heading" or not 1 <= block.level <= 6):
            yield f"block {number}, a {block.kind}, has level {block.level}"
        if block.kind == "caption":
            if (block.start, block.end) != (None, None):
                yield f"block {number}, a caption, has offsets"
            continue
        if block.start != end + 1 or article.text[block.start : block.end] != block.text:
            yield f"block {number} does not stand at {block.start} to {block.end}"
        end = block.end if block.end is not None else end
    if len(article.text) != max(end, 0):
        yield f"the text has {len(article.text)} characters, the blocks end at {end}"


def _time_faults(article: Article) -> Iterator[str]:
    for name, moment, precision in (
        ("posted_at", article.posted_at, article.posted_precision),
        ("published_at", article.published_at, article.published_precision),
    ):
        if (moment is None) != (precision is None):
            yield f"{name} is {moment} at precision {precision}"
        elif moment is not None:
            if moment.utcoffset() != _SHANGHAI:
                yield f"{name} {moment} is not in Shanghai's time"
            if precision not in get_args(Precision):
                yield f"{name} has precision {precision!r}"
            if not 1990 <= moment.year <= 2101:
                yield f"{name} is in the year {moment.year}"
    if (article.published_at is None) != (article.published_basis is None):
        yield f"published_at {article.published_at} on the basis of {article.published_basis}"
    if article.published_basis not in (None, *get_args(PublishedBasis)):
        yield f"published basis {article.published_basis!r}"


def _address_faults(article: Article) -> Iterator[str]:
    addresses = [
        ("url", article.url),
        ("source_url", article.source_url),
        ("next_page", article.next_page),
        *((f"links[{n}]", link.url) for n, link in enumerate(article.links)),
        *((f"images[{n}]", image.url) for n, image in enumerate(article.images)),
        *((f"attachments[{n}]", file.url) for n, file in enumerate(article.attachments)),
    ]
    for name, address in addresses:
        if address is None:
            continue
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield f"{name} is no http address: {address[:80]!r}"
        if re.search(r"\s", address):
            yield f"{name} holds white space: {address[:80]!r}"
    for group in (article.links, article.images, article.attachments):
        if len({item.url for item in group}) != len(group):
            yield "an address stands twice"


def _digest_faults(article: Article) -> Iterator[str]:
    if not _DIGEST.match(content_digest(article)):
        yield "no digest"
    if article.decode_errors < 0 or article.page_count != 1:
        yield f"{article.decode_errors} decode errors, {article.page_count} pages"
    for name in ("authors", "editors"):
        people = getattr(article, name)
        if len(set(people)) != len(people):
            yield f"{name} name somebody twice: {people}"
