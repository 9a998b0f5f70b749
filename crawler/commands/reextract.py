"""``scrapy reextract``: read the stored captures again by today's rules, without the network."""

import argparse
import datetime as dt
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.extract import ExtractionError
from crawler.rules import Rules
from crawler.session import open_archive
from storage import SHANGHAI, Archive, ArchiveError


class Command(ScrapyCommand):
    """New readings of old captures; never a new version of what was read before."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--portal NAME] [--since YYYY-MM-DD]"

    def short_desc(self) -> str:
        return "Read stored captures again by today's rules"

    def long_desc(self) -> str:
        return (
            "Reads every version's stored captures by today's rules and keeps the result as a"
            " new reading where the reader is new. Pages that could not be read before are tried"
            " again. Exit status 1 when something could not be read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--portal", help="only this portal")
        parser.add_argument("--since", help="only captures since this day, YYYY-MM-DD")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"unexpected {args[0]!r}", print_help=False)
        assert self.settings is not None
        try:
            since = _day(opts.since)
            with open_archive(self.settings, create=True) as archive:
                archive.begin_crawl("reextract", opts.portal)
                self._reread(archive, Rules(self.settings), opts.portal, since)
        except ArchiveError as error:
            print(f"scrapy reextract: {error}", file=sys.stderr)
            self.exitcode = 1

    def _reread(
        self, archive: Archive, rules: Rules, portal: str | None, since: dt.datetime | None
    ) -> None:
        counts = {"versions": 0, "readings": 0, "recovered": 0, "unreadable": 0}
        for version_id in archive.version_ids(portal, since):
            counts["versions"] += 1
            try:
                counts["readings"] += archive.reread_version(version_id)
            except (ArchiveError, ExtractionError) as error:
                counts["unreadable"] += 1
                print(f"scrapy reextract: {error}", file=sys.stderr)
        for visit, name, capture_ids in list(archive.unread_visits(portal, since)):
            try:
                captures = [archive.read_capture(number) for number in capture_ids]
                article = rules.read(name, captures)
            except ExtractionError:
                continue  # still unreadable, as its failure says
            except ArchiveError as error:
                counts["unreadable"] += 1
                print(f"scrapy reextract: {error}", file=sys.stderr)
                continue
            archive.place_visit(visit, article)
            counts["recovered"] += 1
        archive.finish_crawl("finished", counts)
        print(
            f"{counts['versions']} versions, {counts['readings']} new readings,"
            f" {counts['recovered']} pages read at last, {counts['unreadable']} unreadable"
        )
        self.exitcode = 1 if counts["unreadable"] else 0


def _day(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise UsageError(f"--since {text}: give a day as YYYY-MM-DD", print_help=False) from None
