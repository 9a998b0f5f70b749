"""Articles on several pages: the address of the next one, and all pages joined to one record.

Called by ``crawler.extract.article`` and by the spider.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from lxml.etree import _Element as Element

from crawler.extract.errors import ExtractionError
from crawler.extract.page import Page
from crawler.extract.policy import read_policy
from crawler.extract.text import Line, normalise
from storage import Article, place_blocks, url_key
from storage.record import Block

_NEXT = re.compile(
    r"(?:下一页|下页|后一页|余下全文|阅读剩余全文|阅读全文|全文|next(?: page)?|继续阅读)[\s>»›→]*",
    re.I,
)
_NEXT_LENGTH = 16
_ADDRESS_LENGTH = 500
# TRS pages hold `var countPage = 4` and number their files from `t123_1.html`, the second page.
_COUNT_NAMES = ("countPage", "nPageCount", "pageCount")
_COUNT = re.compile(r"\s*=\s*(\d{1,3})\b")
_CREATE = re.compile(r"createPageHTML\s*\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*[\"']([\w-]+)[\"']")
# The number follows the article's own id, which has a digit too: `content_9.htm` is no ninth page.
_NUMBERED = re.compile(
    r"(?P<stem>.*/[^/]*?\d[^/]*?)(?:[_-](?P<number>\d{1,2}))?(?P<ext>\.[a-z]{3,5})?\Z", re.I
)
_PAGE_PARAMETERS = frozenset(("page", "p", "pn", "pageno", "page_no", "pagenum"))
_Item = TypeVar("_Item")
MOST_PAGES = 50  # of one article; a count beyond that is a listing's


def find_next_page(page: Page, lines: list[Line]) -> str | None:
    """The absolute address of the page that continues this one.

    A link called 下一页 counts only when its address is this page's with the next number: the
    same words lead to the next article elsewhere, and stand there on articles of one page too.
    """
    if page.url is None:
        return None
    for address in _next_links(page, lines):
        url = page.absolute(address) if len(address) < _ADDRESS_LENGTH else None
        if url and _continues(page.url, url):
            return url
    return _next_by_count(page)


def join_pages(articles: Sequence[Article]) -> Article:
    """One record of all pages of an article, in order; the first page gives the fields.

    What only a later page says (origin line, editors, byline) is added. Blocks that begin every
    page alike are kept once. Raises ``ExtractionError`` when there is nothing to join.
    """
    if not articles:
        raise ExtractionError("no pages to join: give the articles of all pages in order")
    first = articles[0]
    if len(articles) == 1:
        return replace(first, next_page=None)
    blocks: list[Block] = list(first.blocks)
    opening = [(block.kind, block.text) for block in first.blocks[:3]]
    for article in articles[1:]:
        own = list(article.blocks)
        while own and (own[0].kind, own[0].text) in opening:
            own.pop(0)
        blocks += own
    last = articles[-1]
    origin = next((a.origin for a in articles if a.origin), None)
    signed = next((a for a in articles if a.byline), first)
    joined = replace(
        first,
        blocks=place_blocks(blocks),
        links=_unite([a.links for a in articles]),
        images=_unite([a.images for a in articles]),
        attachments=_unite([a.attachments for a in articles]),
        editors=first.editors or last.editors,
        origin=origin,
        byline=signed.byline,
        byline_role=signed.byline_role,
        authors=next((a.authors for a in articles if a.authors), ()),
        media_kind="text" if any(a.media_kind == "text" for a in articles) else first.media_kind,
        decode_errors=sum(a.decode_errors for a in articles),
        page_count=len(articles),
        next_page=None,
    )
    stated = next((a for a in articles if a.published_basis == "origin"), None)
    if stated is not None:
        joined = replace(
            joined,
            published_at=stated.published_at,
            published_precision=stated.published_precision,
            published_basis="origin",
        )
    return replace(joined, policy=read_policy(joined))


def _unite(groups: list[tuple[_Item, ...]]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _next_links(page: Page, lines: list[Line]) -> Iterator[str]:
    links = (element for line in lines for element in line.links)
    for element in chain(page.root.iter("link"), links):
        if "next" in (element.get("rel") or "").split():
            yield element.get("href") or ""
    for line in lines:
        if line.links and _NEXT.search(line.text):
            for element in line.links:
                if _NEXT.fullmatch(_short_text(element)):
                    yield element.get("href") or ""


def _short_text(element: Element) -> str:
    """The text of a link, given up once it is too long for 下一页."""
    pieces = ""
    for text in element.itertext():
        pieces = normalise(pieces + str(text))
        if len(pieces) > _NEXT_LENGTH:
            return ""
    return pieces


def _continues(current: str, following: str) -> bool:
    """Whether ``following`` is ``current`` with the next page number, in path or query."""
    try:
        if url_key(current) == url_key(following):
            return False
    except ValueError:
        return False
    here, there = urlsplit(current), urlsplit(following)
    if (here.hostname, _stem(here.path)) != (there.hostname, _stem(there.path)):
        return False
    pages, rest = _split_query(here.query)
    next_pages, next_rest = _split_query(there.query)
    if rest != next_rest:
        return False
    number = _path_number(here.path) or pages or 1
    next_number = _path_number(there.path) if here.path != there.path else next_pages
    # `_1` is the second page where the first has no number (TRS counts from zero).
    from_zero = number == 1 and not _path_number(here.path) and next_number == 1
    return from_zero or next_number == number + 1


def _stem(path: str) -> str:
    found = _NUMBERED.match(path)
    return f"{found['stem']}{found['ext'] or ''}" if found else path


def _path_number(path: str) -> int | None:
    found = _NUMBERED.match(path)
    return int(found["number"]) if found and found["number"] else None


def _split_query(query: str) -> tuple[int | None, list[tuple[str, str]]]:
    page: int | None = None
    rest: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() in _PAGE_PARAMETERS and value.isdecimal() and len(value) < 4:
            page = int(value)
        else:
            rest.append((name, value))
    return page, sorted(rest)


def _next_by_count(page: Page) -> str | None:
    assert page.url is not None
    parts = urlsplit(page.url)
    folder, _, name = parts.path.rpartition("/")
    found = re.fullmatch(r"(t\d{8}_\d+|content_\d+|\w*\d{5,})(?:_(\d{1,2}))?(\.s?html?)", name)
    if not found:
        return None
    counted = _stated_count(page.html)
    created = _CREATE.search(page.html)
    total = counted or (int(created.group(1)) if created else 1)
    if created and not name.startswith(created.group(3)):
        return None  # the call pages through a listing on the same page
    number = int(found.group(2) or 0) + 1
    if number >= min(total, MOST_PAGES):
        return None
    following = f"{folder}/{found.group(1)}_{number}{found.group(3)}"
    return page.absolute(following)


def _stated_count(html: str) -> int | None:
    """The number of pages a script of the page states."""
    for name in _COUNT_NAMES:
        start = html.find(name)
        while start >= 0:
            found = _COUNT.match(html, start + len(name))
            if found and not html[start - 1 : start].isalnum():
                return int(found.group(1))
            start = html.find(name, start + 1)
    return None
