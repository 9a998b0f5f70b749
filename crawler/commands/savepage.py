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
from typing import Any
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.commands.extract import as_json
from crawler.extract import ExtractionError, extract
from crawler.logfile import project_folder
from crawler.one_page import FetchFailed, fetch_page
from crawler.portal import Portal, PortalError
from crawler.probe import find_seen
from crawler.rules import Rules
from storage import Article, canonical_url

# In the order a person reads a page; what only the machine knows (reader, offsets) is left out.
_FIELDS = (
    "url", "portal", "layout", "channel", "kicker", "title", "subtitle", "title_main", "column_tag",
    "posted_at", "posted_precision", "published_at", "published_precision", "published_basis",
    "source", "source_url", "origin", "byline", "byline_role", "authors", "editors", "uploader",
    "media_kind", "page_count", "next_page", "encoding", "blocks", "images", "attachments",
)  # fmt: skip
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
            body, content_type = self._page(url, None if opts.fresh else opts.probes)
            article = extract(body, url=url, content_type=content_type, portal=portal)
        except (FetchFailed, ExtractionError) as error:
            self._fail(str(error))
            return
        folder.mkdir(parents=True, exist_ok=True)
        page.write_bytes(gzip.compress(body, mtime=0))
        text = json.dumps(page_record(article, content_type), ensure_ascii=False, indent=2)
        record.write_text(text + "\n", "utf-8")
        print(f"{page}\n{record}")
        if not portal.is_article_url(url):
            print(f"note: {url} does not match the portal's article_url; no crawl would take it")
        print(
            f"read as {portal.name} / {article.layout}: {len(article.blocks)} blocks,"
            f" {len(article.text)} characters. Correct the JSON by reading the page; put strings of"
            ' sidebars into "absent". Real pages are third-party text: commit only your own writing'
            " in their structure."
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
        seen = find_seen(probes or project_folder("probes"), url)
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


def page_record(article: Article, content_type: str | None) -> dict[str, Any]:
    """What was read, as a test's JSON: texts without offsets, and an empty ``absent``."""
    read = as_json(article)
    record = {"content_type": content_type} | {name: read[name] for name in _FIELDS}
    record["blocks"] = [
        {name: block[name] for name in ("kind", "text", "level") if block[name] is not None}
        for block in read["blocks"]
    ]
    return record | {"absent": []}


def slug(url: str) -> str:
    """A file name from an address: the end of its path and query, without what differs never."""
    parts = urlsplit(url)
    path = re.sub(r"\.s?html?$|/(?:index)?$", "", parts.path)
    name = re.sub(r"[^0-9A-Za-z]+", "-", f"{path}-{parts.query}").strip("-").lower()
    return name[-_SLUG_LENGTH:].strip("-") or "home"
