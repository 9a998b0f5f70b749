"""A line of progress a portal on a terminal while the log goes to a file; nothing in cron."""

import sys
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.session import session_of

_STATES = ("new", "changed", "unchanged", "older", "suspect", "gone", "failed")


class _Display:
    """The process's one live display: a terminal has room for one, a process for many crawls."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._running = 0

    def begin(self, name: str) -> TaskID:
        """A line for another crawl; the first one starts the display."""
        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}", table_column=Column(no_wrap=True), markup=False),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[counts]}", markup=False),
                console=Console(stderr=True),
            )
            self._progress.start()
        self._running += 1
        return self._progress.add_task(name, total=None, counts="")

    def update(self, line: TaskID, *, done: int, total: int | None, counts: str) -> None:
        """Show what is done so far."""
        if self._progress is not None:
            self._progress.update(line, completed=done, total=total, counts=counts)

    def end(self) -> None:
        """A crawl is over; the last one ends the display, its lines stay."""
        self._running -= 1
        if self._running <= 0 and self._progress is not None:
            self._progress.stop()
            self._progress, self._running = None, 0


_display = _Display()


class ProgressExtension:
    """Shows the running counts after every visit."""

    def __init__(self, crawler: Crawler) -> None:
        if not sys.stderr.isatty() or not crawler.settings.get("LOG_FILE"):
            raise NotConfigured
        self._crawler = crawler
        self._line: TaskID | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        self._line = _display.begin(getattr(spider, "portal_name", spider.name))

    def item_scraped(self, spider: Spider) -> None:
        if self._line is None:
            return
        report = session_of(self._crawler).report
        done = sum(getattr(report, state) for state in _STATES)
        wanted = report.listed - report.left_out
        _display.update(
            self._line,
            done=done,
            # An earlier crawl's URLs and rechecks come on top of what was listed.
            total=wanted if done <= wanted else None,
            counts=(
                f"{report.listed} listed, {report.new} new, {report.changed} changed,"
                f" {report.unchanged} unchanged, {report.gone} gone, {report.failed} failed"
            ),
        )

    def spider_closed(self, spider: Spider) -> None:
        if self._line is not None:
            self.item_scraped(spider)
            self._line = None
            _display.end()
