"""``scrapy import``: backfill from WARC files and pages saved by hand, with their own times."""

import argparse
import datetime as dt
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.importing import Found, Importer, ImportFailed, find_records, find_saved_pages
from crawler.rules import Rules
from crawler.session import open_archive
from storage import SHANGHAI, ArchiveError

_WARC = (".warc", ".warc.gz")
_SHOWN = 20  # reasons printed; a folder may have thousands


class Command(ScrapyCommand):
    """The same path as a crawl takes, without the network; running it twice adds nothing."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--portal NAME] [--captured-at TIME] FILE.warc.gz|FOLDER|PAGE.html ..."

    def short_desc(self) -> str:
        return "Import WARC files and saved pages with their own capture times"

    def long_desc(self) -> str:
        return (
            "Imports the article pages of WARC files (time: WARC-Date) and HTML pages saved by"
            " hand. A saved page's address and time come from a .json beside it, else its address"
            " from the page (saved from url, canonical link) and its time from --captured-at or the"
            " file. Folders are searched for both. Exit status 1 when something could not be read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--portal", help="read by this portal's rules (default: by the host)")
        parser.add_argument("--captured-at", help="time of saved pages: 2024-06-14T09:43:00")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name a WARC file, a folder, or a saved page", print_help=False)
        assert self.settings is not None
        rules = Rules(self.settings)
        portal = rules.portal(opts.portal) if opts.portal else None
        if opts.portal and portal is None:
            raise UsageError(f"unknown portal {opts.portal!r}", print_help=False)
        captured_at = _time(opts.captured_at)
        said: list[str] = []
        try:
            found, unresolved = _find([Path(arg) for arg in args], captured_at, said)
            with open_archive(self.settings, create=True, rules=rules) as archive:
                archive.begin_crawl("import", opts.portal)
                report = Importer(archive, rules, portal).run(found)
                said += report.failures
                counts = {**report.states, "known": report.known, "foreign": report.foreign}
                archive.finish_crawl("finished", {**counts, "problems": said[:_SHOWN]})
        except (ImportFailed, ArchiveError) as error:
            print(f"scrapy import: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        states = ", ".join(f"{count} {state}" for state, count in sorted(report.states.items()))
        print(
            f"{len(found)} pages found: {states or 'none imported'}; {report.known} imported"
            f" before, {report.foreign} no article of a portal, {unresolved} revisits of pages that"
            " are not here"
        )
        for line in said[:_SHOWN]:
            print(f"  look: {line}")
        if len(said) > _SHOWN:
            print(f"  and {len(said) - _SHOWN} more")
        self.exitcode = 1 if said else 0


def _find(
    paths: list[Path], captured_at: dt.datetime | None, said: list[str]
) -> tuple[list[Found], int]:
    """Everything below the paths; raises ``ImportFailed`` for a path that is not there."""
    warc_files: list[Path] = []
    found: list[Found] = []
    for path in paths:
        if not path.exists():
            raise ImportFailed(f"{path}: there is no such file or folder")
        if path.is_dir():
            warc_files += sorted(p for p in path.rglob("*") if p.name.lower().endswith(_WARC))
            found += find_saved_pages(path, captured_at, said)
        elif path.name.lower().endswith((".html", ".htm", ".shtml", ".html.gz", ".htm.gz")):
            found += find_saved_pages(path, captured_at, said)
        else:
            warc_files.append(path)
    records, unresolved = find_records(warc_files, said)
    return [*found, *records], unresolved


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--captured-at {text}: write a time as 2024-06-14T09:43:00", print_help=False
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
