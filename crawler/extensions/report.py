"""Begin and finish the archive's row of a crawl; put its counts where commands find them."""

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.session import session_of


class CrawlReportExtension:
    """One crawl row a spider run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        """Enter the crawl."""
        session_of(self._crawler).archive.begin_crawl("crawl", getattr(spider, "portal_name", None))

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """Close it with its counts."""
        session = session_of(self._crawler)
        errors = (self._crawler.stats and self._crawler.stats.get_value("log_count/ERROR")) or 0
        if errors:
            session.report.problem(f"{errors} errors in the log")
        if reason == "quiet hours":
            session.report.note("stopped, for quiet hours have begun; the next crawl goes on")
        elif reason not in ("finished", "refused"):
            session.report.problem(f"stopped early: {reason}; the next crawl goes on")
        session.archive.finish_crawl(reason, session.report.counts())
