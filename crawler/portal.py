"""What we know about a portal, as data: Portal, Listing and Layout, checked when imported.

Written by the files in ``spiders/``; read by ``crawler.spider`` (listings), ``crawler.extract``
(layouts) and everything that counts by portal. The same data serves crawl, re-extraction, tests
and statistics.
"""

import hashlib
import inspect
import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, fields
from typing import Literal

from parsel import Selector
from parsel.csstranslator import HTMLTranslator

from storage import Article

ListingKind = Literal["html", "json"]
Fix = Callable[[Article, Selector], Article]


class PortalError(Exception):
    """A portal's rules cannot work; raised on import, so `scrapy list` shows it at once."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One page template of a portal; the first layout whose ``content`` matches wins.

    All rules are CSS selectors. ``content`` selects the container of the main content, ``drop``
    what to remove inside it. The others select an element (its text is read), or end in
    ``::text`` or ``::attr(name)``. A field that is ``None`` here, or selects nothing, is read by
    the generic extractor's own rules.
    """

    name: str
    _: KW_ONLY
    content: str
    title: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    posted_at: str | None = None
    source: str | None = None
    byline: str | None = None
    origin: str | None = None
    editors: str | None = None
    drop: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page or feed that links to articles.

    ``url`` may hold ``{page}``; then page ``first_page`` is read from ``first_url`` when the
    portal numbers its first page differently (``index.html``, ``index_1.html``). ``links`` narrows
    an html listing to the elements matched by this CSS selector. For a json feed, ``items`` is the
    path to the array (``"datasource"``, ``""`` for the top level) and ``fields`` maps ``url``,
    ``title`` and ``date`` to the keys of an item.
    """

    url: str
    _: KW_ONLY
    channel: str | None = None
    pages: int = 1
    first_page: int = 1
    first_url: str | None = None
    kind: ListingKind = "html"
    links: str | None = None
    items: str = ""
    fields: tuple[tuple[str, str], ...] = (("url", "url"), ("title", "title"), ("date", "date"))

    def page_url(self, page: int) -> str:
        """Address of listing page ``page``, counted from 0."""
        if page == 0 and self.first_url:
            return self.first_url
        return self.url.replace("{page}", str(self.first_page + page))


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A site we have rules for.

    A host that begins with a dot stands for all its subdomains (``.people.com.cn``).
    ``article_url`` is a regular expression searched in the whole article address. ``fix`` is the
    one hook for oddities: a pure function of the article read and the page.
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    listings: tuple[Listing, ...] = ()
    article_url: str
    layouts: tuple[Layout, ...] = ()
    column_tags: tuple[str, ...] = ()
    fix: Fix | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+(:[a-z0-9.:-]+)?", self.name):
            raise PortalError(f"portal {self.name!r}: name must be lower-case letters, digits, _")
        if not self.hosts:
            raise PortalError(f"portal {self.name}: hosts is empty; name at least one host")
        for host in self.hosts:
            if host != host.lower() or "/" in host:
                raise PortalError(f"portal {self.name}: {host!r} is not a lower-case host name")
        try:
            re.compile(self.article_url)
        except re.error as error:
            raise PortalError(f"portal {self.name}: article_url is no pattern: {error}") from None
        names = [layout.name for layout in self.layouts]
        if len(set(names)) != len(names) or "generic" in names:
            raise PortalError(f"portal {self.name}: layout names must differ and not be 'generic'")
        for layout in self.layouts:
            self._check_layout(layout)
        for listing in self.listings:
            self._check_listing(listing)

    def _check_layout(self, layout: Layout) -> None:
        for field in fields(layout):
            selector = getattr(layout, field.name)
            if field.name == "name" or selector is None:
                continue
            if field.name in ("content", "drop") and "::" in selector:
                raise PortalError(
                    f"portal {self.name}, layout {layout.name}: {field.name} must select elements"
                )
            try:
                HTMLTranslator().css_to_xpath(selector)
            except Exception as error:  # cssselect raises several unrelated types
                raise PortalError(
                    f"portal {self.name}, layout {layout.name}: {field.name}={selector!r} is not"
                    f" a CSS selector: {error}"
                ) from None

    def _check_listing(self, listing: Listing) -> None:
        if listing.pages > 1 and "{page}" not in listing.url:
            raise PortalError(
                f"portal {self.name}: listing {listing.url} has {listing.pages} pages"
                " but no {page} in its url"
            )

    def has_host(self, url: str) -> bool:
        """Whether ``url`` is on one of the portal's hosts."""
        host = re.match(r"https?://([^/?#]+)", url, re.IGNORECASE)
        address = host.group(1).lower() if host else ""
        names = (address, address.partition(":")[0])
        return any(
            name.endswith(known) if known.startswith(".") else name == known
            for known in self.hosts
            for name in names
        )

    def is_article_url(self, url: str) -> bool:
        """Whether ``url`` is on one of the portal's hosts and matches ``article_url``."""
        return self.has_host(url) and re.search(self.article_url, url) is not None

    def rules_hash(self, layout: Layout | None) -> str:
        """Eight hex digits over everything that decides how ``layout`` reads a page.

        Only the rules that took part count: a layout added for a redesign leaves the readings of
        the old pages valid, a changed selector or ``fix`` does not.
        """
        source = inspect.getsource(self.fix) if self.fix else ""
        rules = repr((layout, self.column_tags, source))
        return hashlib.sha256(rules.encode()).hexdigest()[:8]
