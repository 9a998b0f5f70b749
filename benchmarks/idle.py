"""What it costs to look again at articles that have not changed.

    python -m benchmarks.idle [--articles N] [--archive URL]

Sample portals with ETags are archived into a throw-away archive; 400 days later, when every article
is due, `scrapy update` asks for all of them conditionally. Prints the bytes that each 304 adds,
WARC and database with indexes together (limit: 2048), and pages a CPU second, user and system, of
the process that updates, beside those of a bare Scrapy spider that asks for the same addresses
with the same ETags in the same run. Exits 1 above the limit.
"""

import argparse
import json
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, islice
from math import ceil
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.site.generator import most_articles
from tests.site.newsroom import Key, Page, key_of
from tests.site.record import SampleArticle
from tests.site.server import SampleSite
from tests.updating import Updater

LIMIT_BYTES = 2048
_LAST_NUMBER = re.compile(r"\d+(?=\.html\Z)")
_LONG = 7200  # seconds: ten thousand articles are archived first
DAYS_LATER = 400  # no article is looked at more rarely than once a year
# Not the server's catalogue: what autovacuum notes there does not grow with the visits.
OWN_BYTES = """
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
BARE = """
import json, sys
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

class Bare(Spider):
    name = "bare"
    handle_httpstatus_list = [304]

    async def start(self):
        for url, etag in json.load(open(sys.argv[1])):
            yield Request(url, headers={"If-None-Match": etag})

    def parse(self, response):
        self.crawler.stats.inc_value(f"status/{response.status}")

    def closed(self, reason):
        print(self.crawler.stats.get_value("status/304", 0))

handler = "tests.site.hostmap.HostMapDownloadHandler"
process = CrawlerProcess({
    "DOWNLOAD_HANDLERS": {"http": handler, "https": handler}, "HOST_MAP": json.loads(sys.argv[2]),
    "DOWNLOAD_DELAY": 0.001, "DOWNLOAD_DELAY_JITTER": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "REMOTE_CONTROL_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR",
})
process.crawl(Bare)
process.start()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Growth of an archive by an update in which nothing had changed."""

    unchanged: int  # answers 304
    warc_bytes: int
    database_bytes: int
    cpu_seconds: float

    @property
    def bytes_each(self) -> float:
        return (self.warc_bytes + self.database_bytes) / self.unchanged


class StillSite(SampleSite):
    """Sample portals whose articles have one page each and never change; found by a table."""

    def __init__(self, articles: int) -> None:
        super().__init__(articles=min(articles, most_articles()), conditional=True, rotate=False)
        self._kept: dict[Key, Page] = {}
        single = {key: n for key, n in self._articles.items() if n.page_count == 1}
        self._articles = dict(islice(single.items(), articles))
        copies = count(1)
        while len(self._articles) < articles:  # the same again at other addresses
            self._add_copies(single, next(copies), articles - len(self._articles))

    def _add_copies(self, single: dict[Key, SampleArticle], copy: int, missing: int) -> None:
        for key, article in islice(single.items(), missing):
            url = _LAST_NUMBER.sub(rf"{copy}\g<0>", article.url)
            other = key_of(url)
            self._articles[other] = replace(article, url=url)
            self._related[other] = self._related[key]

    def _listing_pages(self, host: str) -> int:
        """No more than fifty: the portals' rules read sixty pages of a listing."""
        listed = len(self._listed(host))
        return ceil(listed / max(20, ceil(listed / 50))) or 1

    def page(self, host: str, path: str) -> Page:
        if (host, path) not in self._kept:
            is_article = (host, path) in self._articles
            self._kept[host, path] = (
                self._render(self._families[host], (host, path), 1)
                if is_article
                else super().page(host, path)
            )
        return self._kept[host, path]


def measure(updater: Updater) -> Idle:
    """Archive everything, then look at everything again."""
    first = updater.update("--minutes", "600")
    assert first.status == 0, first.output + first.errors
    updater.site.requests.clear()
    before = _sizes(updater)
    again, seconds = _timed(lambda: updater.update("--minutes", "600", days=DAYS_LATER))
    assert again.status == 0, again.output + again.errors
    after = _sizes(updater)
    return Idle(
        unchanged=sum(request.status == 304 for request in updater.site.requests),
        warc_bytes=after[0] - before[0],
        database_bytes=after[1] - before[1],
        cpu_seconds=seconds,
    )


def measure_bare(site: SampleSite, folder: Path) -> tuple[int, float]:
    """Answers 304 and CPU seconds of a spider that only asks."""
    tags = [
        (f"https://{r.host}{r.path}", r.header("If-None-Match"))
        for r in site.requests
        if r.status == 304
    ]
    (folder / "tags.json").write_text(json.dumps(tags))
    command = [sys.executable, "-c", BARE, str(folder / "tags.json"), json.dumps(site.host_map)]
    done, seconds = _timed(
        lambda: subprocess.run(command, capture_output=True, text=True, check=True)
    )
    return int(done.stdout), seconds


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and the CPU seconds of the processes it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _sizes(updater: Updater) -> tuple[int, int]:
    """Bytes of the WARC files and of the database with its indexes."""
    warc = sum(path.stat().st_size for path in (updater.folder / "warc").iterdir())
    url = make_url(updater.archive_url)
    if url.get_backend_name() == "postgresql":
        with psycopg.connect(updater.archive_url, autocommit=True) as postgres:
            row = postgres.execute(OWN_BYTES).fetchone()
            assert row is not None
            return warc, row[0]
    assert url.database is not None
    sqlite = sqlite3.connect(url.database)
    sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sqlite.close()
    return warc, Path(url.database).stat().st_size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--archive", help="URL of an empty database (default: SQLite)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, StillSite(options.articles) as site:
        folder = Path(name)
        url = options.archive or f"sqlite:///{folder}/archive.db"
        idle = measure(Updater(site=site, archive_url=url, folder=folder, timeout_seconds=_LONG))
        if idle.unchanged != options.articles:
            sys.exit(f"{idle.unchanged} answers 304 of {options.articles} articles: no measure")
        answers, seconds = measure_bare(site, folder)
    print(
        f"{idle.unchanged} answers 304: {idle.bytes_each:.0f} bytes each (limit {LIMIT_BYTES}),"
        f" {idle.warc_bytes / idle.unchanged:.0f} WARC,"
        f" {idle.database_bytes / idle.unchanged:.0f} database"
    )
    pages, bare = idle.unchanged / idle.cpu_seconds, answers / seconds
    print(
        f"pages a CPU second: Jiedu {pages:.0f}, bare Scrapy {bare:.0f} ({answers} answers 304):"
        f" ratio {pages / bare:.2f}"
    )
    return 1 if idle.bytes_each > LIMIT_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
