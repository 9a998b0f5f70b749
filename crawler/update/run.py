"""The run of an update: leases, probes, crawls side by side, a common end, and the row of it.

Called by ``scrapy update``.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.budget import Budget
from crawler.plan import UpdatePlan
from crawler.portal import Portal
from crawler.probe import ProbeSpider, Seen, check_portal, probe_record, probe_state
from crawler.process import Crawls
from crawler.session import session_of
from crawler.update.portals import Chosen, in_rows
from crawler.update.summary import PortalResult, UpdateResult, busy_text
from storage import SHANGHAI, Archive, ArchiveError, clock
from storage.schedule import MAX_TRIES

logger = logging.getLogger(__name__)


class Update:
    """One `scrapy update` over some portals."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        keeper: Archive,
        chosen: list[Chosen],
        *,
        minutes: float,
        requests: int | None,
        folder: Callable[[Seen], str],
        is_forced: bool = False,
    ) -> None:
        self._process, self._keeper, self._chosen = process, keeper, chosen
        self._minutes, self._is_forced, self._folder = minutes, is_forced, folder
        self._budget = Budget(requests)
        self._crawls = Crawls(process, keeper)
        self._update_id = 0
        self._began_at = clock.now()
        self._leased: list[str] = []
        self.result = UpdateResult(portals=[PortalResult(portal=one.portal.name) for one in chosen])
        self._results = {portal.portal: portal for portal in self.result.portals}

    def run(self, finish: Callable[[UpdateResult], int]) -> int:
        """Update; ``finish`` gets the result, says it, and gives the exit status.

        When other processes work on every portal, nothing is begun.
        """
        self._note_clock()
        mine = [one for one in self._chosen if self._take(one)]
        if not mine:
            return finish(self.result)
        self._update_id = self._keeper.begin_update()
        return self._crawls.run(lambda: self._work(mine), lambda: self._finish(finish))

    def _take(self, one: Chosen) -> bool:
        """Take the portal's lease, unless somebody has it or the portal is not to be asked yet."""
        name, result = one.portal.name, self._results[one.portal.name]
        if not self._is_forced and (until := retry_at(self._keeper, name)):
            result.state = "not now"
            result.said = f"it asked not to be asked before {until.astimezone(SHANGHAI):%F %T %Z}"
            return False
        holder = self._keeper.take_lease(name)
        if holder is not None:
            result.state, result.said = "busy", busy_text(holder)
            return False
        self._leased.append(name)
        return True

    async def _work(self, chosen: list[Chosen]) -> None:
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(
            self._minutes * 60, self._crawls.stop, "time is up", f"{self._minutes:g} minutes are up"
        )
        try:
            await asyncio.gather(*(self._work_row(row) for row in in_rows(chosen)))
        finally:
            alarm.cancel()

    async def _work_row(self, row: list[Chosen]) -> None:
        for one in row:
            if self._crawls.stopped or self._budget.is_spent:
                return
            if await self._fits(one.portal):
                await self._crawl(one)
                self._look(one.portal.name)
            self._release(one.portal.name)

    def _look(self, portal: str) -> None:
        """Compare the portal with its own history, and see what was given up."""
        result = self._results[portal]
        try:
            result.warnings = [w.as_record() for w in self._keeper.health(portal).warnings]
            given_up = self._keeper.given_up(portal, self._began_at)
        except ArchiveError as error:
            result.problems.append(f"its health could not be read: {error}")
            return
        if given_up:
            result.problems.append(
                f"{given_up} URLs were given up after {MAX_TRIES} tries; `jiedu ledger --state"
                f" given_up --portal {portal}` shows them with the reason"
            )

    async def _fits(self, portal: Portal) -> bool:
        """Whether a portal's rules may be used: those never seen to fit are probed first."""
        probes = self._keeper.probes(portal.name)
        if probe_state(portal, probes).word != "unprobed" or any(p.is_passed for p in probes):
            return True
        seen = Seen(portal)
        crawler = self._process.create_crawler(ProbeSpider)
        await self._crawls.crawl(crawler, portal.name, seen=seen, budget=self._budget)
        if self._crawls.stopped or self._budget.is_spent:
            return False  # it has not seen all it wanted to see
        checks = check_portal(seen)
        probe = probe_record(seen, checks, self._folder(seen))
        self._keeper.add_probe(probe)
        if probe.is_passed:
            return True
        result = self._results[portal.name]
        result.state = "not probed"
        result.said = "its rules were never seen to fit, and a probe says they do not"
        result.problems += [f"{c.name}: {c.found}" for c in checks if c.verdict == "drifted"]
        result.notes.append(
            f"`scrapy probe {portal.name}` shows more; what was seen: {probe.folder}"
        )
        return False

    async def _crawl(self, one: Chosen) -> None:
        result = self._results[one.portal.name]
        crawler = self._process.create_crawler(one.spider)
        plan = UpdatePlan(update_id=self._update_id)
        result.state = "updated"
        try:
            await self._crawls.crawl(
                crawler, one.portal.name, plan=plan, budget=self._budget, **one.arguments
            )
        except Exception as error:
            logger.exception("%s: the crawl did not start", one.portal.name)
            result.problems.append(f"the crawl did not start: {error}; the log has more")
            return
        self._take_report(crawler, result)

    def _take_report(self, crawler: Crawler, result: PortalResult) -> None:
        report = session_of(crawler).report
        result.counts = report.counts()
        result.problems += report.problems
        result.notes += report.notes
        result.outcome = (crawler.stats and crawler.stats.get_value("finish_reason")) or "not ended"

    def _release(self, portal: str) -> None:
        try:
            self._keeper.release_lease(portal)
            self._leased.remove(portal)
        except ArchiveError as error:  # dead processes hold nothing: the next run takes it
            logger.warning("%s: the lease could not be given back: %s", portal, error)

    def _finish(self, finish: Callable[[UpdateResult], int]) -> int:
        """Enter the update with its counts, give the leases back."""
        self.result.requests = self._budget.sent
        self.result.ended = self._crawls.stopped
        if self._budget.is_spent and self._crawls.stopped is None:
            self.result.ended = "its requests are spent"
        for crawler, portal in self._crawls.open():  # abandoned
            result = self._results[portal]
            self._take_report(crawler, result)
            result.outcome = self._crawls.stopped
        for portal in list(self._leased):
            self._release(portal)
        status = finish(self.result)
        try:
            self._keeper.finish_update(
                self._update_id,
                self._crawls.stopped or "finished",
                self.result.as_record() | {"exit_status": status},
            )
        except ArchiveError as error:
            logger.error("the end of the update could not be recorded: %s", error)
        return status

    def _note_clock(self) -> None:
        """A clock that was set back gives wrong times, not wrong contents; someone should know."""
        newest = self._keeper.newest_record()
        if newest is not None and newest > clock.now() + dt.timedelta(minutes=5):
            self.result.problems.append(
                f"the clock stands at {clock.now():%F %T} UTC and the archive has records of"
                f" {newest:%F %T} UTC: one of the two is wrong; set the clock right. Everything is"
                " kept all the same, versions in the order they were seen"
            )


def retry_at(archive: Archive, portal: str) -> dt.datetime | None:
    """The time before which a portal that refused does not want to be asked, if it is to come."""
    last = archive.last_crawl(portal)
    stated = last and last.counts.get("retry_at")
    until = dt.datetime.fromisoformat(stated) if stated else None
    return until if until and clock.now() < until else None
