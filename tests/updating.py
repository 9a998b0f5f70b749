"""Run `scrapy update` on the sample portals from a test, at any date, and kill it."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

from storage import Archive
from tests.crawling import ROOT, Crawled, Operator
from tests.site.server import SampleSite

MONDAY = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)  # nine in the morning in Shanghai


@dataclass(frozen=True, slots=True, kw_only=True)
class Updater(Operator):
    """An operator whose updates happen some days after a Monday."""

    def update(self, *arguments: str, days: float = 0, **environment: str) -> Crawled:
        """One update, to its end."""
        return self.scrapy(*self._command(arguments), **self._clock(days), **environment)

    def begin(self, *arguments: str, days: float = 0, **environment: str) -> subprocess.Popen[str]:
        """One update, under way."""
        values = {
            "SCRAPY_PROJECT": "samples",
            "JIEDU_HOST_MAP": json.dumps(self.site.host_map),
            "ARCHIVE_URL": self.archive_url,
            "ARCHIVE_WARC": str(self.folder / "warc"),
            "ARCHIVE_CONTACT": "webmaster@samples.example",
            "ARCHIVE_QUIET_HOURS": "",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *self._command(arguments)],
            cwd=ROOT,
            env=os.environ | values | self._clock(days) | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return ("update", "--logfile", str(self.folder / "update.log"), *arguments)

    def _clock(self, days: float) -> dict[str, str]:
        return {"JIEDU_CLOCK": (MONDAY + dt.timedelta(days=days)).isoformat()}


def end(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> tuple[str, str]:
    """Send a signal and wait; what the process said."""
    process.send_signal(number)
    return process.communicate(timeout=60)


def asked(site: SampleSite) -> Counter[str]:
    """How often each article's first page was asked for."""
    urls = {url.partition("://")[2]: url for host in site.hosts for url in site.articles(host)}
    return Counter(urls[r.host + r.path] for r in list(site.requests) if r.host + r.path in urls)


def unsound(archive: Archive, site: SampleSite) -> list[str]:
    """What is wrong with an archive that should hold every article of the site exactly once."""
    wrong = []
    for host in site.hosts:
        for url in site.articles(host):
            versions = archive.versions(url)
            if [version.number for version in versions] != [1] or not versions[0].article.blocks:
                wrong.append(f"{url}: {len(versions)} versions")
    total = sum(len(site.articles(host)) for host in site.hosts)
    if archive.counts()["articles"] != total:
        wrong.append(f"{archive.counts()['articles']} articles of {total}")
    wrong += [f"{e.url}: {e.state}" for e in archive.ledger() if e.state != "done"]
    for capture in archive.captures():
        archive.read_capture(capture.id)  # raises when bytes and row disagree
    return wrong
