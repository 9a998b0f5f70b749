"""``scrapy extract FILE|URL``: what would be read from a page, as JSON; nothing is stored."""

import argparse
import dataclasses
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.extract import ExtractionError, explain, extract
from crawler.one_page import FetchFailed, fetch_page
from crawler.portal import Portal
from crawler.rules import Rules
from storage import Article


class Command(ScrapyCommand):
    """Prints the record of one page; exits 1 when it cannot be read."""

    requires_project = True

    def syntax(self) -> str:
        return "[--explain] [--portal NAME] [--url URL] FILE|URL"

    def short_desc(self) -> str:
        return "Print what is read from a saved page or an address"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--explain", action="store_true", help="say why, block by block")
        parser.add_argument("--portal", help="read by this portal's rules (default: by its host)")
        parser.add_argument("--url", help="address a saved FILE came from")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one file or address", print_help=False)
        assert self.settings is not None
        url: str | None
        content_type: str | None
        if args[0].startswith(("http://", "https://")):
            assert self.crawler_process is not None
            try:
                response = fetch_page(self.crawler_process, args[0])
            except FetchFailed as error:
                print(f"scrapy extract: {error}", file=sys.stderr)
                self.exitcode = 1
                return
            url, body = response.url, response.body
            content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
        else:
            url, content_type = opts.url, None
            try:
                body = Path(args[0]).read_bytes()
            except OSError as error:
                print(f"scrapy extract: {args[0]}: {error.strerror}", file=sys.stderr)
                self.exitcode = 1
                return
        rules = Rules(self.settings)
        portal = rules.portal_at(url) if url else None
        if opts.portal:
            portal = rules.portal(opts.portal)
            if portal is None:
                raise UsageError(f"unknown portal {opts.portal!r}", print_help=False)
        self._show(body, url, content_type, portal, opts.explain)

    def _show(
        self,
        body: bytes,
        url: str | None,
        content_type: str | None,
        portal: Portal | None,
        is_explained: bool,
    ) -> None:
        try:
            if is_explained:
                for line in explain(body, url=url, content_type=content_type, portal=portal):
                    print(line)
                print()
            article = extract(body, url=url, content_type=content_type, portal=portal)
        except ExtractionError as error:
            print(f"scrapy extract: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        print(json.dumps(as_json(article), ensure_ascii=False, indent=2))


def as_json(article: Article) -> dict[str, Any]:
    """The record as JSON types: times as ISO 8601, ``text`` and the dates included."""
    record: dict[str, Any] = _plain(dataclasses.asdict(article))
    for name in ("posted_date", "published_date", "text"):
        record[name] = _plain(getattr(article, name))
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, dt.date):  # datetimes too
        return value.isoformat()
    return value
