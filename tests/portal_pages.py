"""The pages of our own writing for every shipped portal, and what a person reads there.

``tests/pages/<portal>/<slug>.html.gz`` is a response (a listing may be JSON or XML all the same),
``<slug>.json`` says its address and what it holds:

- ``kind`` ``article``: ``layout``, ``title``, ``posted_at``, ``source``, ``blocks`` and further
  fields of ``storage.Article`` the page shows; ``absent`` are words of the page that are no part
  of the article.
- ``kind`` ``listing``: ``links`` in page order, ``claimed`` items and ``pages`` as the page states
  them, ``following`` addresses (and bodies, after a space). ``listing`` is the number of the
  portal's listing, ``page`` that of its page, both from 0; ``body`` is what is sent by POST.
- ``kind`` ``shell``: a listing's page that only leads to its feed.

Families of portals (``trs``, ...) have the pages of one invented site.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from crawler.family import FamilySpider
from crawler.portal import Portal
from crawler.spider import PortalSpider

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPage:
    """One saved response and its record."""

    portal: str
    slug: str
    body: bytes
    record: dict[str, Any]

    @property
    def url(self) -> str:
        """The address it is served at."""
        return str(self.record["url"])

    @property
    def kind(self) -> str:
        """``article``, ``listing`` or ``shell``."""
        return str(self.record["kind"])

    @property
    def name(self) -> str:
        """The page's files, for test names and messages."""
        return f"{self.portal}/{self.slug}"

    @property
    def key(self) -> str:
        """What the server is asked for: address and, after a space, the body of a POST."""
        return f"{self.url} {self.record.get('body', '')}".strip()


def portal_pages() -> Iterator[PortalPage]:
    """All pages, by portal."""
    for path in sorted(PAGES.glob("*/*.json")):
        record = json.loads(path.read_text("utf-8"))
        body = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
        yield PortalPage(portal=path.parent.name, slug=path.stem, body=body, record=record)


def shipped_spiders() -> dict[str, type[PortalSpider]]:
    """The shipped spiders by name."""
    loader = get_spider_loader(Settings({"SPIDER_MODULES": ["spiders"]}))
    spiders: dict[str, type[PortalSpider]] = {}
    for name in loader.list():
        spider = loader.load(name)
        assert issubclass(spider, PortalSpider)
        spiders[name] = spider
    return spiders


def list_url(name: str) -> str:
    """The list address of the invented site a family's pages belong to."""
    own = [page for page in portal_pages() if page.portal == name and page.kind != "article"]
    first = next((page for page in own if page.kind == "shell"), None) or next(
        page for page in own if page.record["page"] == 0
    )
    return first.url.replace("list_1.", "list_{page}.")


def shipped_portals() -> dict[str, Portal]:
    """The rules of every shipped portal; those of a family for the site of its pages."""
    return {
        name: spider.family.portal(list_url(name))
        if issubclass(spider, FamilySpider)
        else spider.portal
        for name, spider in shipped_spiders().items()
    }
