"""``scrapy list [--status]``: the portals, and what is known of each."""

import argparse
import datetime as dt
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text
from scrapy.commands.list import Command as ScrapyList
from scrapy.exceptions import UsageError

from crawler.portal import Portal
from crawler.probe import ProbeState, probe_state
from crawler.rules import Rules
from crawler.session import open_archive
from storage import SHANGHAI, ArchiveError, ArchiveNotFound, Crawl, Probe

_COLOURS = {
    "probed": "green",
    "drifted": "red",
    "unprobed": "yellow",
    "from pages": "",
    "off": "dim",
}


class Command(ScrapyList):
    """Scrapy's list of names, or a table with ``--status``."""

    def syntax(self) -> str:
        return "[--status]"

    def short_desc(self) -> str:
        return "List the portals, with --status what is known of each"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--status",
            action="store_true",
            help="what the rules were built from, whether a probe saw them fit, the last crawl",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unexpected {args[0]!r}", print_help=False)
        if not opts.status:
            super().run(args, opts)
            return
        assert self.settings is not None
        portals = Rules(self.settings).portals()
        crawls: dict[str, Crawl | None] = {}
        probes: list[Probe] = []
        try:
            with open_archive(self.settings, create=False) as archive:
                probes = archive.probes()
                crawls = {portal.name: archive.last_crawl(portal.name) for portal in portals}
        except ArchiveNotFound:
            pass  # nothing has been crawled or probed yet
        except ArchiveError as error:
            print(f"scrapy list: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("portal", "title", "built from", "state", "last crawl"):
            table.add_column(column, overflow="fold", no_wrap=column == "portal")
        for portal in portals:
            state = probe_state(portal, probes)
            crawl = crawls.get(portal.name)
            table.add_row(
                portal.name, portal.title, portal.evidence, _state(portal, state), _crawl(crawl)
            )
        Console().print(table)


def _state(portal: Portal, state: ProbeState) -> Text:
    if portal.off:
        return Text(f"off: {portal.off}", style=_COLOURS["off"])
    when = f" {_day(state.probe.probed_at)}" if state.probe else ""
    checks = state.probe.checks if state.probe else ()
    wrong = [check["name"] for check in checks if check["verdict"] == "drifted"]
    said = f": {', '.join(wrong)}" if wrong else ""
    return Text(f"{state.word}{when}{said}", style=_COLOURS[state.word])


def _crawl(crawl: Crawl | None) -> Text:
    if crawl is None:
        return Text("never", style="dim")
    counts = crawl.counts
    numbers = ", ".join(f"{counts.get(n, 0)} {n}" for n in ("listed", "new", "failed"))
    said = crawl.outcome or "not finished"
    text = Text(f"{_day(crawl.started_at)} {said}" + (f": {numbers}" if counts else ""))
    if counts.get("refusal"):
        text.append(f"; {counts['refusal']}", style="red")
    return text


def _day(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d")
