"""Crawls in this process under leases: begun one by one, ended together, in ten seconds if need be.

Used by ``scrapy crawl`` and ``scrapy update``.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, cast

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.extensions.report import CrawlReportExtension
from crawler.session import session_of
from crawler.stopping import stop_crawl
from storage import Archive, ArchiveError, stop_waiting
from storage.leases import RENEW_SECONDS

logger = logging.getLogger(__name__)

GRACE_SECONDS = 6  # for what is being fetched when the process is told to end


class Crawls:
    """The crawls of this process, the leases they work under, and their common end.

    ``keeper`` is an archive of the process's own that holds the leases.
    """

    def __init__(self, process: AsyncCrawlerProcess, keeper: Archive) -> None:
        self._process, self._keeper = process, keeper
        self._open: dict[Crawler, str] = {}
        self._terminated = asyncio.Event()
        self.stopped: str | None = None  # the outcome with which all were stopped

    async def crawl(self, crawler: Crawler, portal: str, **arguments: Any) -> None:
        """One crawl, to its end."""
        self._open[crawler] = portal
        try:
            await self._process.crawl(crawler, **arguments)
        finally:
            self._open.pop(crawler, None)

    def open(self) -> list[tuple[Crawler, str]]:
        """Crawls under way, with their portals."""
        return list(self._open.items())

    def stop(self, outcome: str, reason: str) -> None:
        """End every crawl; none begins any more."""
        self.stopped = self.stopped or outcome
        for crawler in list(self._open):
            stop_crawl(crawler, outcome, reason)

    def run(self, work: Callable[[], Awaitable[None]], finish: Callable[[], int]) -> int:
        """Run ``work`` until it ends or the process is told to; the status that ``finish`` gives.

        What is still being fetched some seconds after SIGTERM is abandoned: the ledger has it.
        """
        failed: list[BaseException] = []

        async def main() -> None:
            from twisted.internet import reactor  # there is none before the process is made

            working = asyncio.ensure_future(work())
            renewing = asyncio.ensure_future(self._renew())
            ended = asyncio.ensure_future(self._terminated.wait())
            await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await asyncio.wait({working}, timeout=GRACE_SECONDS)
            renewing.cancel()
            ended.cancel()
            if not working.done():
                self._abandon(finish)
            if error := working.exception():
                failed.append(error)
            cast(Any, reactor).stop()

        loop = asyncio.get_event_loop()
        task = loop.create_task(main())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: self._tell(loop, number))
        self._process.start(stop_after_crawl=False, install_signal_handlers=False)
        del task
        if failed:
            raise failed[0]
        return finish()

    def _tell(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        """A signal came; it may have come in the middle of anything, also of waiting."""
        stop_waiting()
        signal.signal(number, signal.SIG_DFL)  # a second one ends the process at once
        loop.call_soon_threadsafe(self._terminate)

    def _terminate(self) -> None:
        logger.info("told to end: nothing more is asked for")
        self.stop("terminated", "the process was told to end")
        self._terminated.set()

    def _abandon(self, finish: Callable[[], int]) -> None:
        """Record the end of crawls whose last request does not come back, and leave."""
        for crawler in list(self._open):
            session_of(crawler).report.note("a page that did not come in time was abandoned")
            extension = crawler.get_extension(CrawlReportExtension)
            if extension is not None and crawler.spider is not None:
                extension.spider_closed(crawler.spider, "terminated")
            session_of(crawler).archive.close()
        status = finish()
        logging.shutdown()
        os._exit(status)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                mine = self._keeper.renew_leases()
            except ArchiveError as error:
                logger.warning("the leases could not be renewed: %s", error)
                continue
            for crawler, portal in list(self._open.items()):
                if portal not in mine:
                    reason = f"another process has taken over {portal}"
                    session_of(crawler).report.problem_once(reason)
                    stop_crawl(crawler, "lease lost", reason)
