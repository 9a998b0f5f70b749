"""extract: the article in a page, as one record; the heart of the crawler.

Called by the spider and by re-reading, with nothing but bytes, an address and a portal's rules:
the same input gives the same record, on any machine, at any time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from lxml.etree import _Element as Element
from parsel import Selector

from crawler.extract.blocks import build_blocks
from crawler.extract.content import Content, find_content, find_in
from crawler.extract.copies import find_copies
from crawler.extract.dates import Moment, day_moment, parse_moment, parse_url_date
from crawler.extract.errors import ExtractionError
from crawler.extract.extent import extend
from crawler.extract.layout import (
    choose_layout,
    read_field,
    read_link,
    removed_elements,
)
from crawler.extract.media import read_attachments, read_images, read_links
from crawler.extract.metadata import Facts, clean_source, read_facts
from crawler.extract.origin import parse_origin
from crawler.extract.page import Page, normalise_url, parse_page
from crawler.extract.pages import find_next_page
from crawler.extract.people import (
    Byline,
    find_tail_authors,
    find_wire_authors,
    parse_byline,
    parse_editors,
    split_names,
)
from crawler.extract.policy import read_policy
from crawler.extract.text import PageLines, read_lines
from crawler.extract.title import Title, find_kicker, find_subtitle, find_title, split_column_tag
from crawler.extract.trim import Trimmed, trim
from crawler.portal import Layout, Portal
from storage import Article, Block
from storage.record import MediaKind, PublishedBasis

# Raise whenever a change alters what is read from any page: digests are compared only between
# readings of the same release, so a forgotten step would look like an edit by the publisher.
RELEASE = "3"
_SHORT_TEXT = (
    50  # characters; under that a page with a large image is a 图解, with a player a video
)
_WIRE_BLOCKS = 4  # blocks at the start in which a wire head can stand
_TAIL_BLOCKS = 3  # blocks at the end that can close with their author


@dataclass(slots=True)
class _Reading:
    """Everything between the bytes and the record, kept for ``explain``."""

    article: Article
    lines: PageLines
    content: Content
    trimmed: Trimmed


def extract(
    body: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    portal: Portal | None = None,
) -> Article:
    """The article in ``body``, the page fetched from ``url`` with that Content-Type header.

    ``Article.url`` is the canonical URL, the page's own ``rel=canonical`` if it is an article
    address of ``portal``, ``about:blank`` when no address is known. Raises ``ExtractionError``,
    and nothing else, when there is no article: empty or binary body, no text and no image.
    """
    with _uncollected():
        return _read(body, url, content_type, portal).article


def reader_name(portal: Portal | None, layout: Layout | None) -> str:
    """The reader that reads a page by this layout today: release and hash of the rules."""
    return f"{RELEASE}+{portal.rules_hash(layout) if portal else 'generic'}"


def explain(
    body: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    portal: Portal | None = None,
) -> list[str]:
    """Why the page is read as it is: container, kept and dropped lines with the reason, in words.

    Raises ``ExtractionError`` where ``extract`` does.
    """
    with _uncollected():
        reading = _read(body, url, content_type, portal)
    article, content = reading.article, reading.content
    explained = [
        f"encoding: {article.encoding}, {article.decode_errors} undecodable",
        f"reader: {article.reader}, layout: {article.layout}",
        f"title: {article.title}",
        *content.notes,
        f"lines {content.first} to {content.last - 1} of {len(reading.lines.lines)}",
    ]
    kept = set(reading.trimmed.numbers)
    for number in range(content.first, content.last):
        line = reading.lines.lines[number]
        shown = line.text[:60] if line.image is None else f"[image {line.image.get('src')}]"
        why = "kept" if number in kept else f"dropped: {content.dropped.get(number)}"
        explained.append(f"{number:5} {line.kind:9} {why} | {shown}")
    return explained


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off while a page is read.

    A page makes a great many objects and no cycles; each pass of the collector over all of them
    finds nothing, and on large pages the passes cost more than the reading.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(
    body: bytes | str, url: str | None, content_type: str | None, portal: Portal | None
) -> _Reading:
    page = parse_page(body, url=url, content_type=content_type)
    selector = Selector(root=page.root, type="html")
    chosen = choose_layout(selector, portal)
    layout = chosen[0] if chosen else None
    lines, copies = _shown_once(read_lines(page.root, page.where), chosen[1] if chosen else None)
    stated = read_field(selector, layout.title if layout else None)
    title = find_title(page, lines.lines, stated)
    if chosen:
        removed = removed_elements(selector, chosen[0].drop)
        content = find_in(lines, chosen[1], removed)
    else:
        content = find_content(lines, title.line)
    if content is None:
        raise ExtractionError(
            f"no article found ({page.where}): the page holds neither running text nor a large"
            " image; check that the address is an article, or add a layout to the portal"
        )
    if not chosen:
        extend(lines, content, title.line)
    content.notes += sorted(set(copies.values()))
    trimmed = trim(lines, content, title.text, title.line)
    blocks = build_blocks(lines.lines, trimmed)
    first_text = _first_text(lines, trimmed, content)
    facts = read_facts(page, lines.lines, content, title.line, first_text)
    article = _compose(page, portal, layout, lines, content, trimmed, blocks, title, facts)
    if layout:
        article = _apply_layout(article, selector, layout, page, trimmed, facts)
    if not article.byline:  # `（郭示例）` at the end of the text is often its editor
        authors = tuple(name for name in article.authors if name not in article.editors)
        article = replace(article, authors=authors)
    article = _settle_times(article, facts, layout, selector, url)
    if portal:
        article = _fix(article, selector, portal)
    article = replace(article, policy=read_policy(article))
    return _Reading(article, lines, content, trimmed)


def _shown_once(page: PageLines, named: Element | None) -> tuple[PageLines, dict[int, str]]:
    """The lines without second copies; the container a layout names is never one."""
    copies = find_copies(page)
    first, last = page.ranges.get(named, (0, 0)) if named is not None else (0, 0)
    if not copies or (last > first and all(number in copies for number in range(first, last))):
        return page, {}
    return page.without(copies), copies


def _fix(article: Article, selector: Selector, portal: Portal) -> Article:
    if portal.fix is None:
        return article
    try:
        return portal.fix(article, selector)
    except Exception as error:  # a portal's own code: one page it fails on must not end a crawl
        raise ExtractionError(
            f"the fix of portal {portal.name} failed on {article.url}: {error!r}; correct it"
        ) from error


def _first_text(lines: PageLines, trimmed: Trimmed, content: Content) -> int:
    return next((n for n in trimmed.numbers if lines.lines[n].text), content.first)


def _compose(
    page: Page,
    portal: Portal | None,
    layout: Layout | None,
    lines: PageLines,
    content: Content,
    trimmed: Trimmed,
    blocks: tuple[Block, ...],
    title: Title,
    facts: Facts,
) -> Article:
    images = read_images(page, lines.lines, trimmed.numbers)
    media_kind = _media_kind(blocks, len(images), lines, content)
    if not blocks and media_kind == "text":
        raise ExtractionError(
            f"no article found ({page.where}): nothing is left once navigation, notices and lists"
            " are taken out; `scrapy extract --explain` shows why, a layout can name the container"
        )
    main, tag = (
        split_column_tag(title.text, portal.column_tags if portal else ())
        if title.text
        else (None, None)
    )
    byline = trimmed.byline
    return Article(
        url=_article_url(page, portal),
        reader=reader_name(portal, layout),
        layout=layout.name if layout else "generic",
        portal=portal.name if portal else None,
        title=title.text,
        title_main=main,
        column_tag=tag,
        kicker=find_kicker(lines.lines, title.line),
        subtitle=find_subtitle(lines.lines, title.line),
        byline=byline.text if byline else None,
        byline_role=byline.role if byline else None,
        authors=_authors(byline, blocks, facts),
        editors=trimmed.editors or facts.editors,
        source=facts.source or next((s for s in map(clean_source, trimmed.sources) if s), None),
        source_url=facts.source_url,
        origin=trimmed.origin,
        uploader=facts.uploader,
        blocks=blocks,
        links=read_links(page, lines.lines, trimmed.numbers),
        images=images,
        attachments=read_attachments(page, lines.lines, trimmed.numbers, content),
        media_kind=media_kind,
        next_page=find_next_page(page, lines.lines),
        encoding=page.encoding,
        decode_errors=page.decode_errors,
    )


def _authors(byline: Byline | None, blocks: tuple[Block, ...], facts: Facts) -> tuple[str, ...]:
    """A byline comes first, then a wire story's reporters, the page's head, the last lines."""
    if byline and byline.authors:
        return byline.authors
    paragraphs = [block for block in blocks if block.kind == "paragraph"]
    for block in paragraphs[:_WIRE_BLOCKS]:
        names = find_wire_authors(block.text)
        if names:
            return names
    if facts.authors:
        return facts.authors
    tails = (find_tail_authors(block.text) for block in paragraphs[-_TAIL_BLOCKS:])
    return next((names for names in tails if names), ())


def _media_kind(
    blocks: tuple[Block, ...], images: int, lines: PageLines, content: Content
) -> MediaKind:
    length = sum(len(block.text) for block in blocks if block.kind != "caption")
    if length >= _SHORT_TEXT:
        return "text"
    if any(True for _ in content.container.iter("video", "embed", "object")):
        return "video"
    return "图解" if images else "text"


def _article_url(page: Page, portal: Portal | None) -> str:
    own = page.canonical
    if portal is None:
        return own
    canonical = (link for link in page.root.iter("link") if link.get("rel") == "canonical")
    for link in islice(canonical, 1):
        address = page.absolute(link.get("href"))
        if address and portal.is_article_url(address):
            try:
                return normalise_url(address)
            except ExtractionError:
                return own
    return own


def _apply_layout(
    article: Article,
    selector: Selector,
    layout: Layout,
    page: Page,
    trimmed: Trimmed,
    facts: Facts,
) -> Article:
    """Fields a layout's own selectors read; the rest stays as the general rules say."""
    source = clean_source(read_field(selector, layout.source))
    if source:
        link = page.absolute(read_link(selector, layout.source))
        article = replace(article, source=source, source_url=link or article.source_url)
    signed = read_field(selector, layout.byline)
    if signed:
        byline = parse_byline(signed)
        authors = byline.authors if byline else split_names(signed)
        article = replace(
            article,
            byline=signed,
            byline_role=byline.role if byline else article.byline_role,
            authors=authors or article.authors,
        )
    origin = read_field(selector, layout.origin)
    if origin:
        article = replace(article, origin=parse_origin(origin) or article.origin)
    editors = read_field(selector, layout.editors)
    if editors:
        article = replace(article, editors=parse_editors(editors) or article.editors)
    return replace(
        article,
        kicker=read_field(selector, layout.kicker) or article.kicker,
        subtitle=read_field(selector, layout.subtitle) or article.subtitle,
    )


def _settle_times(
    article: Article, facts: Facts, layout: Layout | None, selector: Selector, url: str | None
) -> Article:
    """posted_at, and published_at by the first of: origin line, metadata, visible time, address."""
    meta = facts.posted if facts.posted_is_meta else None
    shown = parse_moment(read_field(selector, layout.posted_at if layout else None))
    posted = shown or facts.posted or parse_url_date(url)
    published: Moment | None = meta or posted
    published_basis: PublishedBasis | None = None
    if article.origin and article.origin.date:
        published, published_basis = day_moment(article.origin.date), "origin"
    elif published:
        published_basis = "meta" if meta else "visible" if shown or facts.posted else "url"
    return replace(
        article,
        posted_at=posted.at if posted else None,
        posted_precision=posted.precision if posted else None,
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_basis=published_basis,
    )
