"""``scrapy crawl PORTAL``: Scrapy's command with a summary, a log file and an exit status."""

import argparse
import difflib
import logging
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError

from crawler.logfile import name_log_file
from crawler.portal import PortalError
from crawler.process import Crawls
from crawler.quiet_hours import QuietHours
from crawler.session import open_archive, session_of
from crawler.update.run import retry_at
from crawler.update.summary import busy_text
from storage import SHANGHAI, Archive, ArchiveError, Coverage, clock

logger = logging.getLogger(__name__)

NOT_NOW = 75  # EX_TEMPFAIL of sysexits.h: the same command may be right later


class Command(ScrapyCrawl):
    """Crawls one portal; exits 1 when a person should look, 75 when now is not the time."""

    def syntax(self) -> str:
        return "[options] PORTAL"

    def short_desc(self) -> str:
        return "Crawl a portal into the archive and print what was new"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--force",
            action="store_true",
            help="crawl a portal that is off, in quiet hours, or before it asked to come back",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        name_log_file(self.settings, "crawl")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one portal; `scrapy list` shows them", print_help=False)
        assert self.settings is not None
        assert self.crawler_process is not None
        name = args[0]
        known = self.crawler_process.spider_loader.list()
        if name not in known:
            near = difflib.get_close_matches(name, known) or sorted(known)
            raise UsageError(
                f"unknown portal {name!r}; did you mean {', '.join(near)}?", print_help=False
            )
        console = Console(soft_wrap=True)
        if opts.force or opts.spargs.get("force"):
            opts.force, opts.spargs["force"] = True, opts.spargs.get("force", "1")
            self.settings.set("ARCHIVE_QUIET_HOURS", None, priority="cmdline")
        try:
            _check_bytes(self.settings.get("ARCHIVE_ATTACHMENT_BYTES"))
            hours = QuietHours.parse(self.settings.get("ARCHIVE_QUIET_HOURS"))
            spider_class = self.crawler_process.spider_loader.load(name)
            spider = spider_class(**opts.spargs)  # arguments are checked before anything starts
        except (PortalError, ValueError, TypeError) as error:
            raise UsageError(str(error), print_help=False) from None
        try:
            with open_archive(self.settings, create=True) as keeper:
                warc = keeper.prepare_warc()
                portal = getattr(spider, "portal_name", name)
                why_not = None if opts.force else _why_not_now(keeper, portal, hours)
                if why_not:
                    why_not += "; --force crawls all the same"
                elif holder := keeper.take_lease(portal):
                    why_not = busy_text(holder)
                if why_not:
                    console.print(f"{name}: not now: {why_not}", markup=False)
                    self.exitcode = NOT_NOW
                    return
                self.exitcode = self._crawl(console, keeper, name, portal, opts.spargs)
        except ArchiveError as error:
            print(f"scrapy crawl: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        console.print(
            f"archive {keeper.address}\nWARC    {warc}\nlog     {self.settings['LOG_FILE']}"
        )

    def _crawl(
        self, console: Console, keeper: Archive, name: str, portal: str, arguments: dict[str, str]
    ) -> int:
        """Crawl under the lease that ``keeper`` holds; the exit status."""
        assert self.settings is not None
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        crawler = self._create_crawler(name)
        crawls = Crawls(self.crawler_process, keeper)
        log = self.settings["LOG_FILE"]

        def finish() -> int:
            if crawler.spider is None:
                console.print(f"the crawl did not start; see {log}")
                return 1
            status = self._summarise(console, crawler, name, portal)
            try:
                keeper.release_lease(portal)
            except ArchiveError as error:  # dead processes hold nothing
                logger.warning("the lease could not be given back: %s", error)
            return status

        async def work() -> None:
            await crawls.crawl(crawler, portal, **arguments)

        return crawls.run(work, finish)

    def _summarise(self, console: Console, crawler: Crawler, name: str, portal: str) -> int:
        """Print what the crawl did and what someone should look at; its exit status."""
        assert self.settings is not None
        report = session_of(crawler).report
        console.print(
            f"{name}: {report.listed} listed, {report.new} new, {report.changed} changed,"
            f" {report.unchanged} unchanged, {report.suspect} suspect, {report.missing} missing,"
            f" {report.gone} gone, {report.failed} failed"
        )
        for failure in report.failures:
            console.print(f"  look: {failure}", markup=False, highlight=False)
        for problem in report.problems:
            console.print(f"  look: {problem}", markup=False, highlight=False)
        try:
            with open_archive(self.settings, create=False) as archive:
                for line in coverage_lines(archive.coverage(portal)):
                    console.print(line, markup=False, highlight=False)
        except ArchiveError as error:
            console.print(f"  look: {error}", markup=False, highlight=False)
            return 1
        if report.files or report.files_failed:
            console.print(f"  files: {report.files} kept, {report.files_failed} not to be had")
        notes = list(report.notes)
        if not self.settings.get("ARCHIVE_CONTACT"):
            notes.append("set ARCHIVE_CONTACT, so that webmasters can reach you")
        for note in notes:
            console.print(f"  note: {note}", markup=False, highlight=False)
        return 1 if report.needs_person else 0


def _check_bytes(value: object) -> None:
    if not str(value).isdecimal() or int(str(value)) == 0:
        raise ValueError(f"ARCHIVE_ATTACHMENT_BYTES={value}: give a number of bytes")


def coverage_lines(entries: Sequence[Coverage]) -> Iterator[str]:
    """One line a listing: what it claims and what became of what it showed."""
    for entry in entries:
        if entry.listing_url is None:
            continue
        total, claimed = entry.total, "unknown" if entry.claimed is None else entry.claimed
        line = (
            f"  {entry.channel or entry.listing_url}: {claimed} claimed, {total.seen} seen,"
            f" {total.archived} archived, {total.waiting} waiting, {total.failed} failed"
        )
        yield f"{line}, {total.left_out} left out" if total.left_out else line


def _why_not_now(archive: Archive, portal: str, hours: QuietHours) -> str | None:
    """Why a crawl of the portal is not to start at this time."""
    now = clock.now()
    if hours.covers(now):
        return "these are quiet hours (ARCHIVE_QUIET_HOURS)"
    if until := retry_at(archive, portal):
        return f"the portal asked not to be asked before {until.astimezone(SHANGHAI):%F %T %Z}"
    return None
