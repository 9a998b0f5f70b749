"""Read found pages and add them to the archive, each once, oldest first.

The same path as a crawl takes: portal rules, pages of an article joined, ``Archive.add``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from crawler.extract import ExtractionError, join_pages
from crawler.importing.found import Found
from crawler.page import read_capture
from crawler.portal import Portal
from crawler.rules import Rules
from crawler.spider import MAX_PAGES
from storage import Archive, Article, Capture, url_key

# Addresses that may be a later page of another one: t20240604_1_2.html, content_1_2.htm, ?page=2.
_LATER_PAGE = re.compile(r"_\d{1,2}(?=\.s?html?$)|[?&](?:page|p)=\d{1,2}$", re.IGNORECASE)


@dataclass(slots=True)
class ImportReport:
    """What became of the found pages."""

    states: Counter[str] = field(default_factory=Counter)
    known: int = 0  # imported before
    foreign: int = 0  # no article of a portal
    failures: list[str] = field(default_factory=list)


class Importer:
    """Adds pages to an archive by the rules of one portal, or of each page's own."""

    def __init__(self, archive: Archive, rules: Rules, portal: Portal | None = None) -> None:
        self._archive, self._rules, self._portal = archive, rules, portal
        self._index: dict[str, list[Found]] = {}
        self._used: set[int] = set()

    def run(self, found: Iterable[Found]) -> ImportReport:
        """Import everything; raises ``ArchiveError`` when the archive refuses."""
        report = ImportReport()
        pages = sorted(found, key=lambda page: page.captured_at)
        for page in pages:
            self._index.setdefault(url_key(page.url), []).append(page)
        later = []
        for page in pages:
            if self._may_continue(page):
                later.append(page)
            else:
                self._import(page, report)
        for page in later:
            if id(page) not in self._used:
                self._import(page, report)
        return report

    def _may_continue(self, page: Found) -> bool:
        """Whether the address is one of a later page of another that was found."""
        first = _LATER_PAGE.sub("", page.url)
        return first != page.url and url_key(first) in self._index

    def _import(self, page: Found, report: ImportReport) -> None:
        portal = self._portal or self._rules.portal_at(page.url)
        is_article = portal is not None and portal.is_article_url(page.url)
        if not is_article and not (page.is_chosen and portal is None):
            report.foreign += 1
            return
        if self._archive.find_capture(page.url, page.captured_at) is not None:
            report.known += 1
            self._mark(page)
            return
        if page.status == 304 and page.same_as:
            self._add_unmodified(page, page.same_as, portal, report)
        elif page.status in (404, 410):
            self._add(page, (self._capture(page, portal, 1),), None, None, report)
        elif page.status == 200:
            captures, article, failure = self._read(page, portal)
            self._add(page, captures, article, failure, report)
        else:
            report.foreign += 1

    def _mark(self, page: Found) -> None:
        """Remember the pages that continue one imported before, so that none becomes an article."""
        for capture in self._archive.visit_captures(page.url, page.captured_at):
            for other in self._index.get(url_key(capture.url), ()):
                if other.captured_at == capture.captured_at:
                    self._used.add(id(other))

    def _add(
        self,
        page: Found,
        captures: Sequence[Capture],
        article: Article | None,
        failure: str | None,
        report: ImportReport,
    ) -> None:
        added = self._archive.add(captures, article, failure=failure)
        report.states[added.state] += 1
        if added.state == "failed":
            report.failures.append(f"{page.where}: {page.url}: {failure}")

    def _add_unmodified(
        self, page: Found, original: Found, portal: Portal | None, report: ImportReport
    ) -> None:
        earlier = self._archive.find_capture(original.url, original.captured_at)
        capture = replace(self._capture(page, portal, 1), body=b"", revisits=earlier)
        self._add(page, (capture,), None, None, report)

    def _read(
        self, page: Found, portal: Portal | None
    ) -> tuple[tuple[Capture, ...], Article | None, str | None]:
        """The pages of an article and what they say, or why nothing could be read."""
        captures: list[Capture] = []
        articles: list[Article] = []
        current: Found | None = page
        while current is not None and len(captures) < MAX_PAGES:
            self._used.add(id(current))
            captures.append(self._capture(current, portal, len(captures) + 1))
            try:
                articles.append(read_capture(captures[-1], portal))
            except ExtractionError as error:
                return tuple(captures), None, str(error)
            following = articles[-1].next_page
            if not following or url_key(following) in {url_key(c.url) for c in captures}:
                break
            current = self._nearest(following, page)
            if current is None:
                reason = f"page {len(captures) + 1} is missing: {following} was not found"
                return tuple(captures), None, reason
        return tuple(captures), join_pages(articles), None

    def _nearest(self, url: str, page: Found) -> Found | None:
        """The capture of ``url`` taken closest to that of ``page``."""
        candidates = [other for other in self._index.get(url_key(url), ()) if other.status == 200]
        return min(
            candidates, key=lambda other: abs(other.captured_at - page.captured_at), default=None
        )

    def _capture(self, page: Found, portal: Portal | None, number: int) -> Capture:
        return replace(page.load(), portal=portal.name if portal else None, page=number)
