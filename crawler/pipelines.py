"""ArchivePipeline: the one place that calls ``Archive.add``."""

from typing import Self

from scrapy.crawler import Crawler

from crawler.extract import ExtractionError
from crawler.item import ExtractedPage
from crawler.session import session_of
from storage import Added, ArchiveError, ArchiveUnusable


class ArchivePipeline:
    """Keeps every visit and counts what became of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: ExtractedPage) -> ExtractedPage:
        """Archive one visit; a visit without any response is noted in the ledger."""
        session = session_of(self._crawler)
        spider = self._crawler.spider
        assert spider is not None
        if item.kind in ("attachment", "image"):
            return self._keep_file(item)
        if item.captures:
            added = session.archive.add(
                item.captures,
                item.article,
                failure=item.failure,
                absence=item.absence,
                is_refused=item.is_refused,
            )
        else:
            failure = item.failure or "no response"
            session.archive.fail_url(spider.portal_name, item.url, failure)  # type: ignore[attr-defined]
            added = Added(state="failed", article_id=None, version=None, capture_ids=())
        if added.version is not None and item.captures[-1].status == 304:
            session.report.readings += self._refresh(item.url)
        session.report.count(added)
        if item.article is not None:
            session.report.count_page(item.article, added)
        if added.state == "failed":
            what = f"{item.url}: {item.failure}"
            if item.captures and item.captures[-1].kind == "listing":
                session.report.problem(what)
            else:
                session.report.failure(what)
        stats = self._crawler.stats
        assert stats is not None
        stats.inc_value(f"archive/{added.state}")
        return item

    def _keep_file(self, item: ExtractedPage) -> ExtractedPage:
        """Archive an attachment or image; that it cannot be had is a note and no failure."""
        session = session_of(self._crawler)
        if item.captures:
            session.archive.add(item.captures, None, failure=item.failure)
        if item.failure is None:
            session.report.files += 1
        else:
            session.report.files_failed += 1
            session.report.note(f"{item.url}: {item.failure}")
        return item

    def _refresh(self, url: str) -> bool:
        """Read an unmodified page's stored captures again if today's rules are others.

        A 304 brings no page to read; without this a new release would wait for an edit.
        """
        session = session_of(self._crawler)
        current = session.archive.current_reading(url)
        if current is None or session.rules.is_current(current):
            return False
        try:
            return session.archive.reread_version(current.version_id)
        except ArchiveUnusable:
            raise
        except (ArchiveError, ExtractionError) as error:
            session.report.problem(f"{url}: version {current.number} cannot be re-read: {error}")
            return False
