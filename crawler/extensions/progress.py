"""A line of progress on a terminal while the log goes to a file; nothing in cron."""

import sys
from typing import Self

from rich.console import Console
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.session import session_of


class ProgressExtension:
    """Shows the running counts after every visit."""

    def __init__(self, crawler: Crawler) -> None:
        if not sys.stderr.isatty() or not crawler.settings.get("LOG_FILE"):
            raise NotConfigured
        self._crawler = crawler
        self._status = Console(stderr=True).status("")
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        self._status.start()
        self.item_scraped(spider)

    def item_scraped(self, spider: Spider) -> None:
        report = session_of(self._crawler).report
        self._status.update(
            f"{spider.name}: {report.listed} listed, {report.new} new, {report.changed} changed,"
            f" {report.unchanged} unchanged, {report.gone} gone, {report.failed} failed"
        )

    def spider_closed(self, spider: Spider) -> None:
        self._status.stop()
