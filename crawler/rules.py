"""Find a portal's rules by its name, and read stored captures by them.

Scrapy's spider loader knows all portals (``SPIDER_MODULES``); so neither the archive nor the
extractor imports one. Called by the session (re-reading during a crawl) and by the commands.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoaderProtocol, get_spider_loader

from crawler.extract import ExtractionError, join_pages, reader_name
from crawler.page import read_capture
from crawler.portal import Portal, PortalError
from storage import Article, Capture, CurrentReading, url_key


class HasRules(Protocol):
    """What this module needs of a spider class (``crawler.spider`` itself needs this module)."""

    def portal_for(self, name: str) -> Portal:
        """The rules for the portal called ``name``."""
        ...


class Rules:
    """The portals of a project, by name."""

    def __init__(self, settings: BaseSettings) -> None:
        self._loader: SpiderLoaderProtocol = get_spider_loader(settings)

    def portal(self, name: str | None) -> Portal | None:
        """The portal's rules; ``None`` for pages of no portal and for portals since removed.

        Portals configured by a list address are named ``family:host``; the family has the rules.
        """
        if name is None:
            return None
        try:
            spider = self._loader.load(name.partition(":")[0])
        except KeyError:
            return None
        return cast("HasRules", spider).portal_for(name)

    def portal_at(self, url: str) -> Portal | None:
        """The portal one of whose hosts serves ``url``."""
        for name in self._loader.list():
            # families of portals have no rules before they are given an address
            portal = getattr(self._loader.load(name), "portal", None)
            if isinstance(portal, Portal) and portal.has_host(url):
                return portal
        return None

    def portals(
        self, names: Sequence[str] = (), arguments: Mapping[str, str] | None = None
    ) -> list[Portal]:
        """The named portals, or all that need no argument to be one, by name.

        ``arguments`` are those of families of portals (``list=URL``). Raises ``PortalError`` for
        an unknown name and for a family without its argument.
        """
        known = sorted(self._loader.list())
        found = []
        for name in names or known:
            if name not in known:
                near = difflib.get_close_matches(name, known) or known
                raise PortalError(f"unknown portal {name!r}; did you mean {', '.join(near)}?")
            spider = self._loader.load(name)
            portal = getattr(spider, "portal", None)
            if portal is None and names:
                portal = getattr(spider(**(arguments or {})), "portal", None)
            if isinstance(portal, Portal):
                found.append(portal)
        return found

    def read(self, portal_name: str | None, captures: Sequence[Capture]) -> Article:
        """What today's rules read from stored captures, in page order.

        Raises ``ExtractionError`` for pages that cannot be read or do not make a whole article.
        """
        portal = self.portal(portal_name)
        pages = [read_capture(capture, portal) for capture in captures]
        following = pages[-1].next_page if pages else None
        if following and url_key(following) not in {url_key(c.url) for c in captures}:
            raise ExtractionError(f"page {len(pages) + 1} was not captured: {following}")
        return join_pages(pages)

    def is_current(self, reading: CurrentReading) -> bool:
        """Whether today's rules would read the page with the reader of ``reading``."""
        portal = self.portal(reading.portal)
        layouts = portal.layouts if portal else ()
        layout = next((layout for layout in layouts if layout.name == reading.layout), None)
        return reading.reader == reader_name(portal, layout)
