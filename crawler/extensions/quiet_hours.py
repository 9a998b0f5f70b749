"""Ends a crawl cleanly when quiet hours begin; the next one goes on from the ledger."""

import asyncio
import datetime as dt
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.quiet_hours import QuietHours
from crawler.stopping import stop_crawl
from storage import clock


class QuietHoursExtension:
    """Sets an alarm for the beginning of the next quiet hours."""

    def __init__(self, crawler: Crawler) -> None:
        hours = QuietHours.parse(crawler.settings.get("ARCHIVE_QUIET_HOURS"))
        if not hours.spans:
            raise NotConfigured
        self._crawler, self._hours = crawler, hours
        self._alarm: asyncio.TimerHandle | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def now(self) -> dt.datetime:
        """The time; tests turn the clock."""
        return clock.now()

    def spider_opened(self, spider: Spider) -> None:
        """Set the alarm."""
        seconds = self._hours.seconds_until(self.now())
        assert seconds is not None
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._stop)

    def spider_closed(self, spider: Spider) -> None:
        """The crawl ended first."""
        if self._alarm:
            self._alarm.cancel()

    def _stop(self) -> None:
        stop_crawl(self._crawler, "quiet hours", "quiet hours have begun")
