"""The article links in HTML, with the title and date shown beside each.

Shared by the kinds of listing that get HTML, whole or in pieces: pages, the records of jpage, the
fragments of jpaas, the sheets of a newspaper.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml.html import HtmlElement
from parsel import Selector
from scrapy.http import Response

from crawler.extract.decode import decode_body
from crawler.portal import Listing, Portal
from storage import Listed, canonical_url, url_key

_DATE = re.compile(r"(?:19|20)\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}")
# SAMR puts the date into the next <li>, CAC beside the heading around the link.
_ITEM_LEVELS = 4
_AROUND_ITEMS = frozenset(("body", "html", "main", "form"))
_MARKUP = re.compile(r"<a\s[^>]*href", re.IGNORECASE)
_QUOTED = re.compile(r"""["']((?:https?:)?//[^"'\s<>]+|\.{0,2}/[^"'\s<>]+)["']""")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


@dataclass(slots=True)
class _Anchor:
    """A link to an article: its element, address and key."""

    element: HtmlElement
    url: str
    key: str


def page_text(response: Response) -> str:
    """The body decoded as article pages are; ``ValueError`` when it is no text at all."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return decode_body(response.body, content_type or None, response.url).text


def article_links(html: str, url: str, listing: Listing, portal: Portal) -> list[Listed]:
    """Article links in the order of ``html``, each once.

    When no element links to an article, the markup inside scripts and comments is read: some
    portals write their lists by ``document.writeln`` or move them out of a comment. Raises
    ``ValueError`` when ``listing.links`` selects nothing.
    """
    page = Selector(text=html or "<html></html>")
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    for nested in page.css(listing.drop) if listing.drop else ():
        nested.drop()
    scopes: Iterable[Selector] = page.css(listing.links) if listing.links else [page]
    if listing.links and not scopes:
        raise ValueError(
            f"{url}: {listing.links!r} selects nothing; has the listing been redesigned?"
            " Correct `links` in the portal's file"
        )
    found = _collect(_anchors(scopes, base, portal), listing)
    if found:
        return found
    return _hidden_links(scopes, base, listing, portal)


def _anchors(scopes: Iterable[Selector], base: str, portal: Portal) -> list[_Anchor]:
    anchors = []
    for scope in scopes:
        for selector in scope.xpath("descendant-or-self::a[@href]"):
            url = article_address(base, selector.attrib["href"], portal)
            if url is not None:
                anchors.append(_Anchor(selector.root, url, url_key(url)))
    return anchors


def article_address(base: str, href: str, portal: Portal) -> str | None:
    """The canonical URL of a link when it is an article of the portal."""
    try:
        url = canonical_url(urljoin(base, href.strip()))
    except ValueError:  # javascript:, mailto:, and broken addresses
        return None
    return url if portal.is_article_url(url) else None


def _collect(anchors: list[_Anchor], listing: Listing) -> list[Listed]:
    """The links with what their items say; an item is what holds no other article's link."""
    keys_in: dict[HtmlElement, set[str]] = {}
    for anchor in anchors:
        for element in _around(anchor.element):
            keys_in.setdefault(element, set()).add(anchor.key)
    found: dict[str, Listed] = {}
    for anchor in anchors:
        title = tidy(anchor.element.get("title")) or tidy(text_of(anchor.element))
        known = found.get(anchor.key)
        date = _date_beside(anchor, keys_in, title or "")
        if known is None:
            if date or not listing.dated:
                found[anchor.key] = Listed(
                    url=anchor.url, title=title, date=date, channel=listing.channel
                )
        elif title and not known.title:  # a picture's link comes before the headline's
            found[anchor.key] = Listed(
                url=known.url, title=title, date=known.date or date, channel=listing.channel
            )
    return list(found.values())


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    for level, ancestor in enumerate(element.iterancestors()):
        if level == _ITEM_LEVELS or ancestor.tag in _AROUND_ITEMS:
            return
        yield ancestor


def _date_beside(anchor: _Anchor, keys_in: dict[HtmlElement, set[str]], title: str) -> str | None:
    for element in _around(anchor.element):
        if len(keys_in[element]) > 1:
            return None
        text = text_of(element).replace(text_of(anchor.element), " ").replace(title, " ")
        date = _DATE.search(text if element is not anchor.element else text_of(element))
        if date and (element is not anchor.element or date.group() not in title):
            return date.group()
    return None


def _hidden_links(
    scopes: Iterable[Selector], base: str, listing: Listing, portal: Portal
) -> list[Listed]:
    texts = [
        str(text)
        for scope in scopes
        for text in (
            *scope.xpath("descendant-or-self::script/text()").getall(),
            *(node.root.text or "" for node in scope.xpath("descendant-or-self::comment()")),
        )
    ]
    for text in texts:
        if not _MARKUP.search(text):
            continue
        inner = Selector(text=_ESCAPED.sub(_unescape, text).replace("<![CDATA[", ""))
        found = _collect(_anchors([inner], base, portal), listing)
        if found:
            return found
    addresses = (
        article_address(base, quoted, portal)
        for text in texts
        for quoted in _QUOTED.findall(text.replace("\\/", "/"))
    )
    return [
        Listed(url=url, channel=listing.channel)
        for url in dict.fromkeys(filter(None, addresses))
        if not listing.dated
    ]


def _unescape(escape: re.Match[str]) -> str:
    """A character of a JavaScript string: ``\\"``, ``\\/``, ``\\u4e00``; line breaks as spaces."""
    code, character = escape.groups()
    if code:
        return chr(int(code, 16))
    return " " if character in "nrt" else str(character)


def text_of(element: HtmlElement) -> str:
    """All text below an element."""
    return "".join(str(text) for text in element.itertext() if isinstance(text, str))


def tidy(text: object) -> str | None:
    """Text with its white space as single spaces; ``None`` when nothing is left."""
    return " ".join(str(text).split()) or None if text is not None else None
