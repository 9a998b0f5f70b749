"""What we know about a portal, as data: Portal, Listing and Layout, checked when imported.

Written by the files in ``spiders/``; read by ``crawler.spider`` (listings), ``crawler.extract``
(layouts) and everything that counts by portal. The same data serves crawl, re-extraction, tests
and statistics.
"""

import datetime as dt
import hashlib
import inspect
import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Literal

from parsel import Selector
from parsel.csstranslator import HTMLTranslator

from storage import Article

ListingKind = Literal[
    "html", "json", "ucap", "gkmlpt", "jpage", "jpaas", "hanweb", "sitemap", "rss", "newspaper"
]
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
    """A page or feed that links to articles; ``kind`` names the module of ``crawler.discovery``.

    ``pages`` is how many pages a crawl follows when ``-a pages`` does not say. What else is read
    depends on the kind; a field another kind would ignore is an error on import.

    html: ``url`` may hold ``{page}``; then page ``first_page`` is read from ``first_url`` when the
    portal names its first page differently (``index.html``, ``index_1.html``). ``paging`` is
    ``numbered``, ``reverse`` (the first page has the highest number) or ``next`` (only the 下一页
    link tells). ``links`` narrows the page to what this CSS selector matches, ``drop`` removes
    lists nested in the items, ``dated`` ignores links without a date beside them.

    json: ``url`` and ``form`` (sent by POST) may hold ``{page}`` and ``{offset}``, the number of
    items before the page (needs ``page_size``). ``items`` is the dotted path to the array (``""``
    for the top level), ``fields`` maps ``url``, ``title`` and ``date`` to the keys of an item,
    ``total`` is the path to the number of all items.

    jpage: the column page, or a dataproxy address with ``{start}`` and ``{end}`` and a
    ``page_size``. jpaas: the column page; ``unit`` is the ``tagId`` of the list when the page has
    several. hanweb: the column page of either, or a plain one. ucap: the column page or its search
    address. gkmlpt: the index page with the category as its fragment (``/gkmlpt/index#5``). All
    but the last two read ``links`` and ``drop`` in the HTML they get.

    newspaper: ``url`` is the first page of an issue with ``{date:%Y%m/%d}``, ``since`` the first
    issue, ``older`` pairs of a date and the address of the issues before it. A page of the listing
    is an issue.
    """

    url: str
    _: KW_ONLY
    channel: str | None = None
    pages: int = 1
    first_page: int = 1
    first_url: str | None = None
    kind: ListingKind = "html"
    paging: Literal["numbered", "reverse", "next"] = "numbered"
    links: str | None = None
    drop: str | None = None
    dated: bool = False
    items: str = ""
    fields: tuple[tuple[str, str], ...] = (("url", "url"), ("title", "title"), ("date", "date"))
    total: str | None = None
    page_size: int | None = None
    form: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    since: dt.date | None = None
    older: tuple[tuple[dt.date, str], ...] = ()

    def page_url(self, page: int) -> str:
        """Address of listing page ``page``, counted from 0."""
        if page == 0 and self.first_url:
            return self.first_url
        return self.url.replace("{page}", str(self.first_page + page))


# Which fields beside url, channel, pages and kind mean something to a kind of listing.
_IN_HTML = ("links", "drop", "dated")
LISTING_FIELDS: dict[ListingKind, tuple[str, ...]] = {
    "html": ("first_page", "first_url", "paging", *_IN_HTML),
    "json": ("first_page", "items", "fields", "total", "page_size", "form"),
    "ucap": ("page_size",),
    "gkmlpt": (),
    "jpage": ("page_size", *_IN_HTML),
    "jpaas": ("page_size", "unit", *_IN_HTML),
    "hanweb": ("page_size", *_IN_HTML),
    "sitemap": (),
    "rss": (),
    "newspaper": ("since", "older", *_IN_HTML),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A site we have rules for.

    A host that begins with a dot stands for all its subdomains (``.people.com.cn``).
    ``article_url`` is a regular expression searched in the whole article address. ``fix`` is the
    one hook for oddities: a pure function of the article read and the page. ``evidence`` says what
    the rules were built from: ``page`` real pages of the portal, ``code`` what others' programs
    rely on. ``off`` is why the portal is not crawled unless the operator insists (``-a force=1``).
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    listings: tuple[Listing, ...] = ()
    article_url: str
    layouts: tuple[Layout, ...] = ()
    column_tags: tuple[str, ...] = ()
    fix: Fix | None = None
    evidence: Literal["page", "code"] = "code"
    off: str | None = None

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
            where = f"layout {layout.name}: {field.name}"
            self._check_selector(where, selector, elements=field.name in ("content", "drop"))

    def _check_selector(self, where: str, selector: str, *, elements: bool) -> None:
        if elements and "::" in selector:
            raise PortalError(f"portal {self.name}, {where} must select elements")
        try:
            HTMLTranslator().css_to_xpath(selector)
        except Exception as error:  # cssselect raises several unrelated types
            raise PortalError(
                f"portal {self.name}, {where}={selector!r} is not a CSS selector: {error}"
            ) from None

    def _check_listing(self, listing: Listing) -> None:
        where = f"listing {listing.url}"
        if listing.kind not in LISTING_FIELDS:
            raise PortalError(
                f"portal {self.name}, {where}: no kind {listing.kind!r};"
                f" there are {', '.join(LISTING_FIELDS)}"
            )
        plain = Listing(listing.url)
        known = ("url", "channel", "pages", "kind", *LISTING_FIELDS[listing.kind])
        for field in fields(listing):
            if field.name not in known and getattr(listing, field.name) != getattr(
                plain, field.name
            ):
                raise PortalError(
                    f"portal {self.name}, {where}: {field.name} means nothing to {listing.kind}"
                )
        for name in ("links", "drop"):
            selector = getattr(listing, name)
            if selector is not None:
                self._check_selector(f"{where}: {name}", selector, elements=True)
        problem = _listing_problem(listing)
        if problem:
            raise PortalError(f"portal {self.name}, {where}: {problem}")

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


def _listing_problem(listing: Listing) -> str | None:
    """Why the fields of a listing cannot work together, ``None`` when they can."""
    templates = (listing.url, *(value for _, value in listing.form))
    is_paged = any("{page}" in text or "{offset}" in text for text in templates)
    match listing.kind:
        case "html" if listing.paging == "reverse" and "{page}" not in listing.url:
            return "reverse paging needs {page} in the url"
        case "html" if listing.paging == "reverse" and not listing.first_url:
            return "reverse paging needs first_url, the page without a number"
        case "json" if listing.pages > 1 and not is_paged:
            return f"it has {listing.pages} pages but no {{page}} in its url or form"
        case "json" if any("{offset}" in text for text in templates) and not listing.page_size:
            return "{offset} needs page_size"
        case "json" if "url" not in dict(listing.fields):
            return "fields must name the key of an item's url"
        case "jpage" if "{start}" in listing.url and not listing.page_size:
            return "{start} needs page_size, the records of one request"
        case "newspaper":
            if "{date:" not in listing.url or listing.since is None:
                return "a newspaper needs {date:...} in its url, and since"
            try:
                [
                    url.format(date=listing.since)
                    for url in (listing.url, *dict(listing.older).values())
                ]
            except (KeyError, ValueError, IndexError) as error:
                return f"its address cannot be made: {error!r}"
        case "gkmlpt" if "#" not in listing.url:
            return "name the category as the fragment, as the browser shows it (/gkmlpt/index#5)"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Portals of one making, configured by a list address instead of a file each.

    ``listing`` is the pattern of their listings; its ``url`` is an example shown to the operator.
    """

    name: str
    title: str
    listing: Listing
    article_url: str
    layouts: tuple[Layout, ...] = ()
    evidence: Literal["page", "code"] = "code"

    def portal(self, list_url: str) -> Portal:
        """The family's rules for the site that serves ``list_url``.

        Raises ``PortalError`` for what is no http address.
        """
        address = list_url.strip()
        found = re.match(r"https?://([^/?#@\s]+)(?:[/?#]|\Z)", address, re.IGNORECASE)
        host, _, port = found.group(1).lower().partition(":") if found else ("", "", "")
        if not host or "[" in host or not (port.isdecimal() or not port):
            raise PortalError(
                f"{self.name}: {list_url!r} is no http address; give the list page, e.g."
                f" -a list={self.listing.url}"
            )
        return Portal(
            name=f"{self.name}:{host}:{port}" if port else f"{self.name}:{host}",
            title=f"{self.title} {host}",
            hosts=(host,),
            listings=(replace(self.listing, url=address),),
            article_url=self.article_url,
            layouts=self.layouts,
            evidence=self.evidence,
        )
