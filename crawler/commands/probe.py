"""``scrapy probe [PORTAL ...]``: do the rules of the portals still fit their pages?"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.logfile import name_log_file, project_folder
from crawler.portal import Portal, PortalError
from crawler.probe import Check, ProbeSpider, Seen, check_portal, probe_record
from crawler.quiet_hours import QuietHours
from crawler.rules import Rules
from crawler.session import open_archive
from storage import ArchiveError, Probe, clock

NOT_NOW = 75  # EX_TEMPFAIL, as for a crawl
_MARKS = {"fits": "ok", "note": "note", "drifted": "DRIFTED"}


class Command(ScrapyCommand):
    """Fetches a little of each portal and judges it; exits 1 when a portal has drifted."""

    requires_project = True

    def syntax(self) -> str:
        return "[-a NAME=VALUE] [--folder FOLDER] [PORTAL ...]"

    def short_desc(self) -> str:
        return "Check whether the portals' rules still fit their pages"

    def long_desc(self) -> str:
        return (
            "Fetches robots.txt, the first page of each listing and three articles of each portal"
            " (default: all that are on), as politely as a crawl, and says check by check what"
            " fits, what drifted and what to change. What was seen is kept in a folder for"
            " `scrapy savepage`. Exit status 1 when something drifted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
            help="argument of a family of portals: -a list=URL",
        )  # fmt: skip
        parser.add_argument("--folder", type=Path, help="where to keep the pages (default: probes)")
        parser.add_argument("--force", action="store_true", help="in quiet hours too")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        name_log_file(self.settings, "probe")
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("-a wants NAME=VALUE", print_help=False) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        console = Console(soft_wrap=True)
        try:
            portals = Rules(self.settings).portals(args, opts.spargs)
            hours = QuietHours.parse(self.settings.get("ARCHIVE_QUIET_HOURS"))
        except (PortalError, ValueError) as error:
            raise UsageError(str(error), print_help=False) from None
        if hours.covers(clock.now()) and not opts.force:
            console.print("not now: these are quiet hours; --force probes all the same")
            self.exitcode = NOT_NOW
            return
        try:
            open_archive(self.settings, create=True).close()
        except ArchiveError as error:
            print(f"scrapy probe: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        chosen = [Seen(portal) for portal in portals if args or not portal.off]
        for seen in chosen:
            self.crawler_process.crawl(ProbeSpider, seen=seen)
        self.crawler_process.start()
        folder = opts.folder or project_folder("probes")
        results = [self._judge(console, seen, folder) for seen in chosen]
        for portal in portals:
            if portal.off and not args:
                console.print(f"{portal.name}: off: {portal.off}", markup=False)
        self.exitcode = 0 if all(results) else 1

    def _judge(self, console: Console, seen: Seen, folder: Path) -> bool:
        """Print, write and archive the outcome of one portal; whether its rules fit."""
        assert self.settings is not None
        checks = check_portal(seen)
        probe = probe_record(seen, checks, str(seen.write(folder)))
        with open_archive(self.settings, create=True) as archive:
            archive.add_probe(probe)
        _show(console, seen.portal, checks, probe)
        return probe.is_passed


def _show(console: Console, portal: Portal, checks: list[Check], probe: Probe) -> None:
    drifted = sum(check.verdict == "drifted" for check in checks)
    outcome = f"{drifted} of {len(checks)} checks drifted" if drifted else "the rules fit"
    console.print(f"{portal.name} ({portal.title}): {outcome}", markup=False, highlight=False)
    for check in checks:
        mark = _MARKS[check.verdict]
        console.print(f"  {mark:<8}{check.name}: {check.found}", markup=False, highlight=False)
        if check.advice:
            console.print(f"          -> {check.advice}", markup=False, highlight=False)
    if not probe.is_real:
        console.print("  note    this machine answered, so the portal stays unprobed")
    console.print(f"  seen in {probe.folder}\n", markup=False, highlight=False)
