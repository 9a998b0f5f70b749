"""``scrapy savepage URL``: a page and a JSON of what is read from it, for a person to correct.

Both become a test of the portal (CONTRIBUTING.md). A page that ``scrapy probe`` has seen is taken
from there, so that it need not be fetched again.
"""

import argparse
import gzip
import json
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.extract import ExtractionError
from crawler.logfile import project_folder
from crawler.one_page import FetchFailed, fetch_page
from crawler.page_record import page_record
from crawler.portal import Portal, PortalError
from crawler.probe import find_seen
from crawler.rules import Rules
from storage import canonical_url

_SLUG_LENGTH = 60


class Command(ScrapyCommand):
    """Writes two files; never over a JSON that somebody may have corrected."""

    requires_project = True

    def syntax(self) -> str:
        return "[--portal NAME] [--folder FOLDER] [--fresh] [--replace] URL"

    def short_desc(self) -> str:
        return "Save a page and what is read from it, as a test to be corrected"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--portal", help="read by this portal's rules (default: by the host)")
        parser.add_argument("--folder", type=Path, help="where to (default: tests/pages)")
        parser.add_argument("--probes", type=Path, help="pages of `scrapy probe` (default: probes)")
        parser.add_argument("--fresh", action="store_true", help="fetch it even if a probe has it")
        parser.add_argument("--replace", action="store_true", help="write over an earlier JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one address", print_help=False)
        try:
            url = canonical_url(args[0])
            portal = self._portal(url, opts.portal)
        except (ValueError, PortalError) as error:
            raise UsageError(f"{args[0]}: {error}", print_help=False) from None
        folder = (opts.folder or project_folder("tests") / "pages") / portal.name.replace(":", "_")
        page, record = folder / f"{slug(url)}.html.gz", folder / f"{slug(url)}.json"
        if record.exists() and not opts.replace:
            self._fail(f"{record} exists and may have been corrected; --replace writes over it")
            return
        try:
            probes = opts.probes or project_folder("probes")
            body, content_type = self._page(url, None if opts.fresh else probes)
            read = page_record(body, url, content_type, portal)
        except (FetchFailed, ExtractionError, ValueError) as error:
            self._fail(str(error))
            return
        folder.mkdir(parents=True, exist_ok=True)
        page.write_bytes(gzip.compress(body, mtime=0))
        record.write_text(json.dumps(read, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(f"{page}\n{record}")
        if read["kind"] == "article":
            if not portal.is_article_url(url):
                print(f"note: {url} does not match article_url; no crawl would take it")
            found = f"an article by {portal.name} / {read['layout']}: {len(read['blocks'])} blocks"
        else:
            found = f"a listing of {portal.name}: {len(read.get('links', ()))} articles"
        print(
            f"read as {found}. Correct the JSON by reading the page; put words of sidebars into"
            ' "absent". Pages of portals are third-party text: commit only your own writing in'
            " their structure."
        )

    def _portal(self, url: str, name: str | None) -> Portal:
        assert self.settings is not None
        rules = Rules(self.settings)
        portal = rules.portal(name) if name else rules.portal_at(url)
        if portal is not None:
            return portal
        known = ", ".join(p.name for p in rules.portals())
        raise PortalError(
            f"unknown portal {name!r}; there are {known}"
            if name
            else f"no portal has this host; write its file first, or name one: --portal ({known})"
        )

    def _page(self, url: str, probes: Path | None) -> tuple[bytes, str | None]:
        seen = find_seen(probes, url) if probes else None
        if seen:
            entry, body = seen
            print(f"as `scrapy probe` saw it on {entry['seen_at'][:10]}; --fresh fetches it again")
            return body, entry["content_type"]
        assert self.crawler_process is not None
        response = fetch_page(self.crawler_process, url)
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return response.body, content_type or None

    def _fail(self, reason: str) -> None:
        print(f"scrapy savepage: {reason}", file=sys.stderr)
        self.exitcode = 1


def slug(url: str) -> str:
    """A file name from an address: the end of its path and query, without what differs never."""
    parts = urlsplit(url)
    path = re.sub(r"\.s?html?$|/(?:index)?$", "", parts.path)
    name = re.sub(r"[^0-9A-Za-z]+", "-", f"{path}-{parts.query}").strip("-").lower()
    return name[-_SLUG_LENGTH:].strip("-") or "home"
