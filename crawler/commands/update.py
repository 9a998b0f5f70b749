"""``scrapy update [PORTAL ...]``: the one line for cron: does what is due and says what it did."""

import argparse
import sys

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError

from crawler.logfile import name_log_file
from crawler.portal import PortalError
from crawler.quiet_hours import QuietHours
from crawler.session import open_archive
from crawler.update import Update, UpdateResult, alert, summary_lines
from crawler.update.portals import choose
from storage import Archive, ArchiveError, clock

NOT_NOW = 75  # EX_TEMPFAIL of sysexits.h: the same command may be right later
_MINUTES = 50.0  # an hourly cron job is over when the next one begins


class Command(ScrapyCommand):
    """Exit status: 0 fine, 1 something needs a person, 75 now is not the time, 2 wrong usage."""

    requires_project = True

    def syntax(self) -> str:
        return "[--minutes N] [--requests N] [PORTAL ...]"

    def short_desc(self) -> str:
        return "Do what is due: listings, new articles, rechecks; made for cron"

    def long_desc(self) -> str:
        return (
            "Reads the listings that are due, asks for what they show that is not archived, looks"
            " again at what was missing or doubtful, then at known articles, the most overdue"
            " first. Without names: all portals that are on. It ends after --minutes or"
            " --requests and the next one goes on; it may be killed at any time. Exit status 0:"
            " fine, 1: something needs a person (lines beginning with look), 75: other processes"
            " work on every portal, or these are quiet hours."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--minutes", default=str(_MINUTES), help="end after so many minutes (default: 50)"
        )
        parser.add_argument("--requests", help="end after so many requests of all portals together")
        parser.add_argument(
            "--force",
            action="store_true",
            help="in quiet hours too, and before the time a portal asked for",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        name_log_file(self.settings, "update")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        console = Console(soft_wrap=True)
        minutes = _number("--minutes", opts.minutes)
        requests = None if opts.requests is None else int(_number("--requests", opts.requests))
        try:
            hours = QuietHours.parse(self.settings.get("ARCHIVE_QUIET_HOURS"))
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        if opts.force:
            self.settings.set("ARCHIVE_QUIET_HOURS", None, priority="cmdline")
        elif hours.covers(clock.now()):
            console.print("not now: these are quiet hours; --force updates all the same")
            self.exitcode = NOT_NOW
            return
        try:
            with open_archive(self.settings, create=True) as keeper:
                probes = keeper.prepare_warc().parent / "probes"
                chosen = choose(self.settings, keeper, list(dict.fromkeys(args)))
                update = Update(
                    self.crawler_process,
                    keeper,
                    chosen,
                    minutes=minutes,
                    requests=requests,
                    folder=lambda seen: str(seen.write(probes)),
                    is_forced=opts.force,
                )
                self.exitcode = update.run(lambda result: self._finish(console, keeper, result))
        except PortalError as error:
            raise UsageError(str(error), print_help=False) from None
        except ArchiveError as error:
            print(f"scrapy update: {error}", file=sys.stderr)
            self.exitcode = 1

    def _finish(self, console: Console, keeper: Archive, result: UpdateResult) -> int:
        """Print the summary and give the alarm; the exit status."""
        assert self.settings is not None
        if result.ended or result.requests:
            ended = f", ended early: {result.ended}" if result.ended else ""
            result.notes.append(f"{result.requests} requests{ended}")
        if not self.settings.get("ARCHIVE_CONTACT"):
            result.notes.append("set ARCHIVE_CONTACT, so that webmasters can reach you")
        lines = list(summary_lines(result))
        for line in lines:
            console.print(line, markup=False, highlight=False)
        status = NOT_NOW if result.is_busy else 1 if result.needs_person else 0
        command = self.settings.get("ARCHIVE_ALERT")
        if command and status == 1 and (complaint := alert(command, keeper, result, lines)):
            console.print(f"look: {complaint}", markup=False, highlight=False)
        return status


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e9:
        raise UsageError(f"{name} {text}: give a number above 0", print_help=False)
    return number
