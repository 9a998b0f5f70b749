"""What the sample portals publish now: articles, listings, and everything an editor may change.

The part of ``SampleSite`` that knows pages; ``server`` sends them, ``disturbances`` spoils them.
"""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from tests.site.families import Family, GovFamily, JuheFamily, PaperFamily
from tests.site.families.family import ListedArticle, PageRequest
from tests.site.generator import compose_article
from tests.site.losses import APOLOGY, LOCATIONS, STATUSES, Loss, emptied
from tests.site.record import SampleArticle

Key = tuple[str, str]  # host and path
FAMILIES: tuple[Family, ...] = (GovFamily(), PaperFamily(), JuheFamily())
LISTING_PAGES, MOST_LISTED = 3, 20  # a listing has three pages until they would grow too long
RELATED = 5
OPENED = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)  # Last-Modified of what never changed
# Words `edit` changes when not told which: the first that stands in the article.
EDITS = (("推进", "推动"), ("加强", "强化"), ("提升", "提高"), ("建立", "构建"), ("支持", "扶持"))
DISALLOWED = "/private/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response without faults; ``modified_at`` is ``None`` for a page that is never the same."""

    status: int
    body: bytes
    content_type: str = "text/html"
    location: str | None = None
    modified_at: dt.datetime | None = None


def key_of(url: str) -> Key:
    """Host and path of an address: the scheme and the query decide nothing here."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.path or "/"


class Newsroom:
    """The articles and listings of all sample portals.

    Methods take and give full addresses and raise ``KeyError`` for an address that is none of
    ours. ``rotate`` switches the aggregator's hit counters and sidebars on; without them its pages
    are the same bytes on every visit.
    """

    def __init__(self, articles: Sequence[SampleArticle], *, rotate: bool = True) -> None:
        self.rotate = rotate
        self._lock = threading.RLock()
        self._families = {family.host: family for family in FAMILIES}
        self._templates = {family.host: family.templates[0] for family in FAMILIES}
        self._articles = {key_of(article.url): article for article in articles}
        self._written = dict(self._articles)
        self._moved: dict[Key, Key] = {}  # an old address to the new one
        self._listed_at: dict[Key, Key] = {}  # the address a listing links to, when not the own
        self._deleted: dict[Key, bool] = {}  # whether the listing drops it as well
        self._lost: dict[Key, Loss] = {}
        self._without_items: set[str] = set()
        self._changes: Counter[str] = Counter()  # by host or address: what Last-Modified counts
        self._visits: Counter[str] = Counter()
        self._related = {key: self._others(key) for key in self._articles}
        self._serials = Counter(key[0] for key in self._articles)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The sample portals' host names."""
        return tuple(self._families)

    def articles(self, host: str) -> list[str]:
        """Addresses of the articles the host's listing shows, newest first."""
        with self._lock:
            return [self._articles[key].url for key in self._listed(host)]

    def listings(self, host: str) -> list[str]:
        """Addresses of the pages of the host's listing."""
        family = self._families[host]
        with self._lock:
            pages = self._listing_pages(host)
        return [family.url(family.listing_path(page)) for page in range(1, pages + 1)]

    def pages(self, url: str) -> list[str]:
        """Addresses of all pages of an article."""
        key = self._current(url)
        family, article = self._families[key[0]], self._articles[key]
        count = article.page_count
        return [family.url(family.page_path(key[1], page)) for page in range(1, count + 1)]

    def expected(self, url: str) -> dict[str, Any]:
        """What must be read from the article as it is published now, with ``layout``.

        For the old address of a moved article: the record under its new address.
        """
        with self._lock:
            key = self._current(url)
            article, family = self._articles[key], self._families[key[0]]
            layout = family.layouts[self._templates[key[0]]]
            absent = (*family.absent_for(article), *(i.title for i in self._related[key]))
        return replace(article, absent=absent).expected() | {
            "portal": family.portal,
            "layout": layout,
        }

    def edit(self, url: str, old: str | None = None, new: str | None = None) -> dict[str, Any]:
        """Replace the first ``old`` in the article by ``new``, or change one word of its text.

        Gives the record now expected; raises ``ValueError`` when ``old`` does not stand there.
        """
        with self._lock:
            key = self._current(url)
            article = self._articles[key]
            if old is None:
                old, new = _word_to_change(article)
            self._articles[key] = article.replaced(old, new or "")
            self._changes[article.url] += 1
        return self.expected(url)

    def publish(self, host: str, posted_at: dt.datetime, *, reprints: str | None = None) -> str:
        """Add another composed article to the host's listing; its address.

        ``reprints`` names an article of another portal whose text it takes, but for its last block.
        """
        with self._lock:
            family = self._families[host]
            name = family.portal.removeprefix("samples_")
            article = compose_article(name, self._serials[host], posted_at)
            if reprints is not None:
                article = article.reprinting(self._articles[self._current(reprints)])
            self._serials[host] += 1
            key = key_of(article.url)
            self._articles[key] = self._written[key] = article
            self._related[key] = self._others(key)
        return article.url

    def shorten(self, url: str) -> dict[str, Any]:
        """Take all but the first paragraph from the article; the record now expected."""
        with self._lock:
            key = self._current(url)
            article = self._articles[key]
            first = next(block for block in article.blocks if block["kind"] == "paragraph")
            self._articles[key] = replace(article, blocks=(first,), page_count=1)
            self._changes[article.url] += 1
        return self.expected(url)

    def revert(self, url: str) -> None:
        """Publish the words the article began with."""
        with self._lock:
            key = self._current(url)
            self._articles[key] = self._written[key]
            self._changes[self._articles[key].url] += 1

    def move(self, url: str, *, relist: bool = False) -> str:
        """Give the article a new address and redirect (301) from the old one; the new address.

        Its listing goes on linking to the old address unless ``relist``.
        """
        with self._lock:
            old = self._current(url)
            family = self._families[old[0]]
            new = (old[0], family.moved_path(old[1]))
            for table in (self._articles, self._written):
                table[new] = replace(table.pop(old), url=family.url(new[1]))
            self._related[new] = self._related.pop(old)
            self._moved[old] = new
            if not relist:
                self._listed_at[new] = self._listed_at.get(old, old)
            return family.url(new[1])

    def delete(self, url: str, *, unlist: bool = False) -> None:
        """Answer 404 for the article; its listing still shows it unless ``unlist``."""
        with self._lock:
            self._deleted[self._current(url)] = unlist

    def lose(self, url: str, how: Loss) -> None:
        """Let the article's page be missing in one of the ways portals have; it stays listed."""
        with self._lock:
            self._lost[self._current(url)] = how

    def loss_of(self, url: str) -> Loss | None:
        """How the article's page is missing now by ``lose``."""
        return self._lost.get(self._current(url))

    def restore(self, url: str) -> None:
        """Take back ``delete`` and ``lose``."""
        with self._lock:
            key = self._follow(key_of(url))
            self._deleted.pop(key, None)
            self._lost.pop(key, None)

    def redesign(self, host: str, template: str | None = None) -> str:
        """Show the host's articles in another template, the next one by default; its name."""
        templates = self._families[host].templates
        with self._lock:
            if template is None:
                template = templates[(templates.index(self._templates[host]) + 1) % len(templates)]
            if template not in templates:
                raise KeyError(f"{host} has the templates {', '.join(templates)}, not {template!r}")
            self._templates[host] = template
            self._changes[host] += 1
        return template

    def empty_listing(self, host: str, empty: bool = True) -> None:
        """Serve the host's listing without any item (or with them again)."""
        with self._lock:
            (self._without_items.add if empty else self._without_items.discard)(host)

    def page(self, host: str, path: str) -> Page:
        """What the portal answers for a path when nothing goes wrong."""
        family = self._families[host]
        with self._lock:
            for number, listing in enumerate(self.listings(host), 1):
                if key_of(listing)[1] == path:
                    return self._listing_page(family, number)
            if how := self._lost.get((host, path)):
                return self._lost_page(family, (host, path), how)
            return self._article_page(family, path) or _other_page(family, path)

    def _lost_page(self, family: Family, key: Key, how: Loss) -> Page:
        if how in LOCATIONS:
            return Page(status=302, body=b"", location=LOCATIONS[how])
        if how == "emptied":
            return self._render(family, key, 1, emptied(self._articles[key]))
        return replace(_html(family, APOLOGY, modified=None), status=STATUSES.get(how, 200))

    def _article_page(self, family: Family, path: str) -> Page | None:
        for key, article in self._articles.items():
            if key[0] != family.host or key in self._deleted:
                continue
            for number in range(1, article.page_count + 1):
                if family.page_path(key[1], number) == path:
                    return self._render(family, key, number)
        for old, new in self._moved.items():
            if old == (family.host, path) and self._follow(new) not in self._deleted:
                return Page(status=301, body=b"", location=family.url(new[1]))
        return None

    def _render(
        self, family: Family, key: Key, number: int, shown: SampleArticle | None = None
    ) -> Page:
        article = shown or self._articles[key]
        is_rotating = self.rotate and isinstance(family, JuheFamily)
        self._visits[family.host] += 1
        wanted = PageRequest(
            article=article,
            page=number,
            path=key[1],
            template=self._templates[family.host],
            related=self._related[key],
            visit=self._visits[family.host] if is_rotating else 0,
        )
        changes = self._changes[article.url] + self._changes[family.host]
        return _html(family, family.article_html(wanted), modified=None if is_rotating else changes)

    def _listing_page(self, family: Family, number: int) -> Page:
        keys = self._listed(family.host)
        pages = self._listing_pages(family.host)
        size = ceil(len(keys) / pages) if keys else 0
        shown = keys[(number - 1) * size : number * size]
        if family.host in self._without_items:
            shown = []
        html = family.listing_html([self._line(key) for key in shown], number, pages)
        return _html(family, html, modified=None)

    def _listing_pages(self, host: str) -> int:
        count = len(self._listed(host))
        size = min(MOST_LISTED, ceil(count / LISTING_PAGES))
        return ceil(count / size) if size else 1

    def _listed(self, host: str) -> list[Key]:
        keys = [k for k in self._articles if k[0] == host and not self._deleted.get(k)]
        return sorted(keys, key=lambda k: (self._articles[k].posted_at, k[1]), reverse=True)

    def _line(self, key: Key) -> ListedArticle:
        article = self._articles[key]
        return ListedArticle(
            path=self._listed_at.get(key, key)[1],
            title=article.title,
            posted_at=dt.datetime.fromisoformat(article.posted_at),
            description=article.description,
        )

    def _others(self, key: Key) -> list[ListedArticle]:
        """The portal's next articles: fixed at the start, so a page changes only by its edits."""
        listed = self._listed(key[0])
        place = listed.index(key)
        others = [*listed[place + 1 :], *listed[:place]]
        return [self._line(other) for other in others[:RELATED]]

    def _follow(self, key: Key) -> Key:
        while key in self._moved:
            key = self._moved[key]
        return key

    def _current(self, url: str) -> Key:
        key = self._follow(key_of(url))
        if key not in self._articles:
            raise KeyError(f"{url} is no article of the sample portals")
        return key


def _word_to_change(article: SampleArticle) -> tuple[str, str]:
    text = "\n".join(block["text"] for block in article.blocks)
    for old, new in EDITS:
        if old in text:
            place = text.index(old)  # with its neighbours, so that the title is left alone
            before = text[max(0, place - 3) : place].rpartition("\n")[2]
            after = text[place + len(old) : place + len(old) + 3].partition("\n")[0]
            if before + old + after not in article.title:
                return before + old + after, before + new + after
    if text:
        return text[-2:], text[-2:].replace("。", "") + "（修订）。"
    return article.title, article.title + "（修订）"


def _html(family: Family, html: str, *, modified: int | None) -> Page:
    return Page(
        status=200,
        body=html.encode(family.encoding),
        content_type=f"text/html; charset={family.declared}",
        modified_at=None if modified is None else OPENED + dt.timedelta(hours=modified),
    )


def _other_page(family: Family, path: str) -> Page:
    """Files and pages that are no articles: images, attachments, the home page, a private one."""
    if path.endswith(".png"):
        return Page(status=200, body=PNG, content_type="image/png", modified_at=OPENED)
    if path.endswith(".jpg"):
        return Page(status=200, body=JPEG, content_type="image/jpeg", modified_at=OPENED)
    if path.endswith((".pdf", ".docx", ".xlsx")):
        return Page(status=200, body=PDF, content_type="application/pdf", modified_at=OPENED)
    if path == "/" or path.startswith(DISALLOWED):
        link = family.listing_path(1)
        html = f'<html><body><a href="{link}">{family.channel}</a></body></html>'
        return _html(family, html, modified=0)
    if path == LOCATIONS["error address"]:
        return _html(family, APOLOGY, modified=None)
    html = "<html><head><title>404</title></head><body><h1>您访问的页面不存在</h1></body></html>"
    return replace(_html(family, html, modified=None), status=404)


# The smallest files of their kinds that programs accept.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000050001a5f645400000"
    "000049454e44ae426082"
)
JPEG = bytes.fromhex(
    "ffd8ffdb00430003020202020203020202030303030406040404040408060605"
    "0609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c1213"
    "1210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008"
    "010100003f00d2cf20ffd9"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # noqa: E501
