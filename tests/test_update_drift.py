"""The drift drill: weeks of daily updates over portals that edit, lose, redesign and fall silent.

The clock is turned, not waited for. What the server showed at every visit is written down; a model
of the house rules says what the archive must hold then, and the two are compared.
"""

import datetime as dt
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage import StoredCapture
from tests.crawling import Crawled
from tests.daily_life import DailyLife
from tests.known_history import Visit, differences, expected_content
from tests.site.losses import LOCATIONS
from tests.site.newsroom import key_of
from tests.site.server import SampleSite
from tests.updating import MONDAY, Updater

EARLY = dt.timedelta(minutes=10)  # what is due so soon is asked for as well
UNSURE = dt.timedelta(seconds=90)  # the time in an update at which it is looked up
KINDS = {"error address": "error page"}  # how the archive calls a loss


@dataclass(slots=True, kw_only=True)
class Drill:
    """Days of a site, an operator and what is known of them."""

    site: SampleSite
    updater: Updater
    life: DailyLife
    alarms: dict[int, set[tuple[str, str]]] = field(default_factory=dict)  # portal and kind
    last_capture: int = 0

    def run(self, day: int) -> None:
        """One day: the offices work, the update runs, its visits are written down."""
        self.life.live(day)
        begin = self.life.update_at(day)
        self.site.requests.clear()
        said = self.updater.update(days=(begin - MONDAY) / dt.timedelta(days=1))
        self.alarms[day] = _alarms(said)
        with self.updater.archive() as archive:
            captures = [c for c in archive.captures() if c.id > self.last_capture]
        self.last_capture = max(capture.id for capture in captures)
        assert all(begin <= c.captured_at < begin + dt.timedelta(minutes=2) for c in captures)
        asked = []
        must, may = self._due(begin)
        for host in self.site.hosts:
            for url, visit in self._visits(host, captures):
                self.life.articles[url].learn(visit)
                asked.append(url)
        assert sorted(asked) == sorted(set(asked))
        assert must <= set(asked) <= must | may, (day, must - set(asked), set(asked) - must - may)

    def _due(self, begin: dt.datetime) -> tuple[set[str], set[str]]:
        """What the update has to ask for, and what is due within seconds of the limit."""
        must, may = set(), set()
        for url, article in self.life.articles.items():
            if article.due_at is None or article.due_at <= begin + EARLY:
                must.add(url)
            elif article.due_at <= begin + EARLY + UNSURE:
                may.add(url)
        return must, may

    def _visits(self, host: str, captures: list[StoredCapture]) -> list[tuple[str, Visit]]:
        """The article visits of a day on one host, each with its article's address.

        Every request the host got has its capture, and there is no other.
        """
        sent = [r for r in self.site.requests if r.host == host and r.path != "/robots.txt"]
        kept = [capture for capture in captures if key_of(capture.url)[0] == host]
        asked = Counter((request.path, request.status) for request in sent)
        assert asked == Counter((key_of(c.url)[1], c.status) for c in kept)
        firsts = {key_of(url)[1]: url for url in self.life.articles if key_of(url)[0] == host}
        together = defaultdict(list)
        for capture in kept:
            if capture.kind == "article":
                together[capture.visit].append(capture)
        visits = []
        for pages in together.values():
            first, *following = [key_of(page.url)[1] for page in pages]
            url = firsts[first]
            assert following == self._following(url, pages[0].status)
            visits.append((url, self._visit(url, pages[0].captured_at, pages[-1].captured_at)))
        return visits

    def _following(self, url: str, status: int) -> list[str]:
        """Paths that a visit goes on to from an article's first page."""
        how = self.site.loss_of(url)
        if how in LOCATIONS:
            return [LOCATIONS[how]]
        if how or status != 200:
            return []
        return [key_of(page)[1] for page in self.site.pages(url)[1:]]

    def _visit(self, url: str, first_at: dt.datetime, last_at: dt.datetime) -> Visit:
        if how := self.site.loss_of(url):
            return Visit(first_at=last_at, last_at=last_at, missing=KINDS.get(how, how))
        expected = self.site.expected(url)
        return Visit(
            first_at=first_at,
            last_at=last_at,
            content=expected_content(expected),
            layout=expected["layout"],
        )


def _alarms(said: Crawled) -> set[tuple[str, str]]:
    """Portals and kinds of what an update asks a person to look at."""
    assert "Traceback" not in said.errors, said.errors
    alarms, portal = set(), ""
    for line in said.output.splitlines():
        if found := re.match(r"(samples_\w+): ", line):
            portal = found[1]
        if "look: " in line:
            alarms.add((portal, line.partition("look: ")[2]))
    assert said.status == (1 if alarms else 0), said.output + said.errors
    return alarms


@pytest.mark.parametrize(
    ("days", "redesign", "dry", "backend"),
    [
        pytest.param(6, 4, None, "sqlite", id="6 days"),
        pytest.param(40, 20, 25, "sqlite", id="40 days", marks=pytest.mark.soak),
    ],
)
def test_the_archive_equals_the_known_history(
    days: int, redesign: int, dry: int | None, archive_url: str, tmp_path: Path
) -> None:
    with SampleSite(articles=12, conditional=True) as site:
        updater = Updater(site=site, archive_url=archive_url, folder=tmp_path)
        drill = Drill(site=site, updater=updater, life=DailyLife(site, redesign=redesign, dry=dry))
        for day in range(days):
            drill.run(day)
        with updater.archive() as archive:
            wrong = differences(archive, drill.life.articles)
        assert not wrong, "\n".join(wrong)
    _check_alarms(drill.alarms, redesign, dry)
    _check_reach(drill, days)


def _check_alarms(alarms: dict[int, set[tuple[str, str]]], redesign: int, dry: int | None) -> None:
    """Both alarms within two runs, and no other on any day."""
    told = {day: {(p, _kind(text)) for p, text in said} for day, said in alarms.items()}
    first = {
        kind: min(d for d in told if kind in told[d]) for said in told.values() for kind in said
    }
    redesigned = {k: day for k, day in first.items() if k[0] == "samples_gov"}
    assert min(redesigned.values()) in (redesign, redesign + 1), alarms
    must = {("samples_gov", "layouts")}
    if dry is not None:
        must |= {("samples_gov", "generic"), ("samples_juhe", "dried up")}
        assert first["samples_gov", "generic"] in (redesign, redesign + 1), alarms
        assert first["samples_juhe", "dried up"] in (dry, dry + 1), alarms
    assert first.keys() == must, alarms


def _kind(text: str) -> str:
    return (
        "layouts"
        if "fit none of the layouts" in text and ":" not in text[:20]
        else (text.partition(":")[0])
    )


def _check_reach(drill: Drill, days: int) -> None:
    """That the days had everything the drill is about."""
    articles = drill.life.articles.values()
    absences = [absence for article in articles for absence in article.absences]
    assert any(absence.confirmed_at for absence in absences)
    assert any(absence.ended_at for absence in absences)
    assert any(len(article.versions) > 2 for article in articles)
    if days > 20:
        kinds = {absence.kind for absence in absences}
        assert kinds == {"HTTP 404", "HTTP 410", "home page", "error page", "emptied"}
        assert any(len(article.absences) > 1 for article in articles)
