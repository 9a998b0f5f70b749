"""Ends a crawl whose archive refuses: what cannot be kept must not be fetched.

The archive is refusing when its disk is full or its database has been away for too long. Nothing
is lost: the ledger keeps every URL that was not committed.
"""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.session import session_of
from crawler.stopping import stop_crawl
from storage import ArchiveUnusable


class ArchiveGuardExtension:
    """Looks at what went wrong in the pipeline and in the spider."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.failed, signals.item_error)
        crawler.signals.connect(self.failed, signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def failed(self, failure: Failure) -> None:
        """Stop when it was the archive."""
        if isinstance(failure.value, ArchiveUnusable):
            session_of(self._crawler).report.problem_once(f"{failure.value}; the crawl has stopped")
            stop_crawl(self._crawler, "archive unusable", str(failure.value))
