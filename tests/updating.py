"""Run `scrapy update` on the sample portals from a test, at any date, and kill it."""

import datetime as dt
import signal
from collections import Counter
from dataclasses import dataclass

from storage import Archive
from tests.commands import Command
from tests.crawling import Crawled, Operator
from tests.site.server import SampleSite

MONDAY = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)  # nine in the morning in Shanghai


@dataclass(frozen=True, slots=True, kw_only=True)
class Updater(Operator):
    """An operator whose updates happen some days after a Monday."""

    def update(self, *arguments: str, days: float = 0, **environment: str) -> Crawled:
        """One update, to its end."""
        return self.scrapy(*self._command(arguments), **self._clock(days), **environment)

    def begin(self, *arguments: str, days: float = 0, **environment: str) -> Command:
        """One update, under way."""
        values = self.environment() | self._clock(days) | environment
        return Command("scrapy", self._command(arguments), values)

    def _command(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return ("update", "--logfile", str(self.folder / "update.log"), *arguments)

    def _clock(self, days: float) -> dict[str, str]:
        return {"JIEDU_CLOCK": (MONDAY + dt.timedelta(days=days)).isoformat()}


def end(process: Command, number: int = signal.SIGKILL) -> tuple[str, str]:
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
