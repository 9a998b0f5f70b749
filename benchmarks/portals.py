"""Crawl every shipped portal, served on this machine from the pages of our own writing.

    python -m benchmarks.portals [PORTAL ...]

Every host leads to a local server that answers with `tests/pages` and records what is asked. The
shipped spiders follow every listing to its end (`-a pages=all`) into a throw-away archive. Prints,
a portal: articles listed, found and archived, pages of listings followed of those there are, and
fields read as written (title, posted_at, source, text). Exits 1 when any differs: an article not
found, a page of a listing not asked for or asked for twice, a request beyond the end.
"""

import argparse
import datetime as dt
import http.server
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from crawler.discovery import newspaper
from crawler.family import FamilySpider
from crawler.session import session_of
from crawler.spider import PortalSpider
from storage import Archive, ArticleNotFound, canonical_url
from tests.portal_pages import PortalPage, list_url, portal_pages, shipped_spiders

TODAY = dt.date(2024, 12, 2)  # the day of the newspaper's pages
ISSUES = 3  # of the newspaper, with pages; `all` would ask for every issue since 2014
FIELDS = ("title", "posted_at", "source", "text")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("portals", nargs="*", metavar="PORTAL", help="only these")
    names = parser.parse_args().portals
    spiders = {n: s for n, s in shipped_spiders().items() if not names or n in names}
    pages = [page for page in portal_pages() if page.portal in spiders]
    if unknown := set(names) - set(spiders):
        print(f"no portal {', '.join(sorted(unknown))}; `scrapy list` shows them", file=sys.stderr)
        return 2
    newspaper.today = lambda: TODAY
    server = PageServer(pages)
    with tempfile.TemporaryDirectory() as folder:
        crawlers = crawl(spiders, server, Path(folder))
        server.stop()
        with Archive.open(Path(folder) / "archive.db") as archive:
            results = [check(name, crawlers[name], archive, server) for name in spiders]
    return report(results)


class PageServer:
    """Answers with the pages by host, address and body; ``asked`` counts every request but
    those for robots.txt, which no host has."""

    def __init__(self, pages: list[PortalPage]) -> None:
        self.pages = {_key(page.url, page.record.get("body", "")): page for page in pages}
        self.asked: Counter[str] = Counter()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host_map(self) -> dict[str, str]:
        """Every host of the pages at this server."""
        address = f"127.0.0.1:{self._server.server_port}"
        hosts = {urlsplit(page.url).hostname or "" for page in self.pages.values()}
        return dict.fromkeys(hosts, address)

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer("")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _answer(self, sent: str) -> None:
                key = _key(f"http://{self.headers['Host']}{self.path}", sent)
                page = outer.pages.get(key)
                if not self.path.startswith("/robots.txt"):
                    outer.asked[key] += 1
                body = page.body if page else b""
                self.send_response(200 if page else 404)
                # No charset: the pages' own declarations count.
                self.send_header(
                    "Content-Type", page.record["content_type"] if page else "text/html"
                )
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def _key(url: str, body: str) -> str:
    """Host, path and query, and the body; the scheme is lost on the way to this machine."""
    return f"{canonical_url(url).partition('://')[2]} {body}".strip()


def crawl(
    spiders: dict[str, type[PortalSpider]], server: PageServer, folder: Path
) -> dict[str, Crawler]:
    """Run all spiders in this process, as `scrapy crawl NAME -a pages=all` does."""
    handler = "tests.site.hostmap.HostMapDownloadHandler"
    settings = get_project_settings()
    settings.setdict(
        {
            "ARCHIVE_URL": f"sqlite:///{folder / 'archive.db'}",
            "ARCHIVE_WARC": str(folder / "warc"),
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "HOST_MAP": server.host_map,
            # Nobody is disturbed on the loopback, so nothing waits.
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(settings)
    crawlers = {}
    for name, spider in spiders.items():
        arguments = {"pages": "all", "force": "1"}
        if issubclass(spider, FamilySpider):
            arguments["list"] = list_url(name)
        elif any(listing.kind == "newspaper" for listing in spider.portal.listings):
            arguments["pages"] = str(ISSUES)
        crawlers[name] = process.create_crawler(spider)
        process.crawl(crawlers[name], **arguments)
    process.start()
    return crawlers


@dataclass(slots=True)
class Result:
    """What became of one portal."""

    name: str
    listed: int = 0
    found: int = 0
    archived: int = 0
    pages: int = 0
    followed: int = 0
    right: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def check(name: str, crawler: Crawler, archive: Archive, server: PageServer) -> Result:
    """Compare a portal's crawl with its pages and with what the server was asked for."""
    result = Result(name)
    own = {key: page for key, page in server.pages.items() if page.portal == name}
    for key, page in own.items():
        times = server.asked[key]
        if times != 1:
            result.problems.append(f"asked {times} times: {page.url} {page.record.get('body', '')}")
        if page.kind == "article":
            result.listed += 1
            check_article(page, archive, result)
        else:
            result.pages += 1
            result.followed += times > 0
    hosts = {urlsplit(page.url).hostname for page in own.values()}
    beyond = [k for k in server.asked if k not in server.pages and k.partition("/")[0] in hosts]
    result.problems += [f"asked beyond the end: {key}" for key in beyond]
    counts = session_of(crawler).report
    result.found = counts.listed
    result.problems += counts.problems
    if result.found != result.listed:
        result.problems.append(f"found {result.found} articles of {result.listed} listed")
    return result


def check_article(page: PortalPage, archive: Archive, result: Result) -> None:
    """Compare the archived article with what a person reads on its page."""
    wanted = page.record
    try:
        article = archive.version(page.url).article
    except ArticleNotFound:
        result.problems.append(f"not archived: {page.url}")
        return
    result.archived += 1
    text = [block.text for block in article.blocks if block.kind != "caption"]
    found = {
        "title": (_squash(article.title), _squash(wanted["title"])),
        "posted_at": (article.posted_at and article.posted_at.isoformat(), wanted["posted_at"]),
        "source": (article.source, wanted["source"]),
        "text": (
            [_squash(line) for line in text],
            [_squash(block["text"]) for block in wanted["blocks"]],
        ),
    }
    for name, (read, written) in found.items():
        result.right[name] += read == written
        if read != written:
            result.problems.append(f"{page.url}: {name} is {read!r}, written {written!r}")


def _squash(text: str | None) -> str | None:
    return "".join(text.split()) if text else text


def report(results: list[Result]) -> int:
    """Print a line a portal and every difference; 1 when there is any."""
    console = Console(soft_wrap=True, highlight=False, width=120)
    table = Table("portal", "listed", "found", "archived", "listing pages", *FIELDS)
    for result in results:
        table.add_row(
            result.name,
            str(result.listed),
            str(result.found),
            str(result.archived),
            f"{result.followed}/{result.pages}",
            *(f"{result.right[name]}/{result.listed}" for name in FIELDS),
        )
    console.print(table)
    problems = [f"{result.name}: {problem}" for result in results for problem in result.problems]
    for problem in problems:
        console.print(problem, markup=False)
    articles = sum(result.listed for result in results)
    pages = sum(result.pages for result in results)
    console.print(
        f"{len(results)} portals, {articles} articles on {pages} pages of listings,"
        f" {len(problems)} differences"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
