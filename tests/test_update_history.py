"""Weeks of daily updates over portals that edit, delete, redesign and fall silent.

The clock is turned, not waited for. What the server showed at every visit is known; a small model
of the house rules says what the archive must hold then, and the two are compared.
"""

import datetime as dt
import json
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from storage import SHANGHAI, Archive
from tests.site.newsroom import Page, key_of
from tests.site.portals.samples_gov import SamplesGov
from tests.site.portals.samples_juhe import SamplesJuhe
from tests.site.portals.samples_paper import SamplesPaper
from tests.site.server import SampleSite
from tests.updating import MONDAY, Updater

RULES = (SamplesGov, SamplesJuhe, SamplesPaper)
GOV, JUHE, PAPER = (rules.portal.hosts[0] for rules in RULES)
NAMES = {rules.portal.hosts[0]: rules.portal.name for rules in RULES}
THURSDAY = MONDAY + dt.timedelta(days=3)  # so that the days of redesign and drought are working
REDESIGN, DRY = 20, 25
OLD = 8  # articles a portal shows on the first day
KINDS = ("HTTP 404", "home page", "error page", "emptied")


class Portals(SampleSite):
    """Sample portals that publish by the day, and miss pages in every way there is."""

    def __init__(self, articles: int) -> None:
        super().__init__(articles=articles, rotate=False)
        self.missing: dict[str, str] = {}
        self.is_redesigned = False
        self.waiting = {host: self.articles(host) for host in self.hosts}
        for host in self.hosts:
            for url in self.waiting[host]:
                self.delete(url, unlist=True)

    def publish(self, host: str, at: dt.datetime) -> str:
        """The host's next article, posted at a time."""
        url = self.waiting[host].pop(0)
        key = key_of(url)
        stated = at.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(timespec="seconds")
        for table in (self._articles, self._written):
            table[key] = replace(table[key], posted_at=stated)
        self.restore(url)
        return url

    def page(self, host: str, path: str) -> Page:
        """The page as it is today: redesigned, or missing."""
        if path == "/":
            return _plain_page("<h1>首页</h1>" + "<p>要闻、专题、服务与更多。</p>" * 9)
        page = super().page(host, path)
        url = next((u for u in self.missing if key_of(u) == (host, path)), None)
        kind = self.missing.get(url or "")
        if kind == "HTTP 404":
            return replace(_plain_page("<p>404</p>"), status=404)
        if kind == "home page":
            return replace(_plain_page(""), status=302, location="/")
        if kind == "error page":
            return _plain_page("<h1>404</h1><p>抱歉，您访问的页面不存在。</p>")
        if kind == "emptied":
            return _emptied(page, host)
        if self.is_redesigned and host == GOV:
            body = page.body
            for layout in SamplesGov.portal.layouts:
                for name in layout.content.replace(">", " ").split():
                    body = body.replace(name[1:].encode(), b"neirong")
            return replace(page, body=body)
        return page


def _plain_page(body: str) -> Page:
    text = f"<html><head><title>样例</title></head><body>{body}</body></html>"
    return Page(status=200, body=text.encode(), content_type="text/html; charset=utf-8")


def _emptied(page: Page, host: str) -> Page:
    rules = next(rules for rules in RULES if rules.portal.hosts[0] == host)
    charset = (page.content_type.partition("charset=")[2] or "utf-8").lower()
    root = lxml_html.fromstring(page.body.decode("gb18030" if "gb" in charset else charset))
    for layout in rules.portal.layouts:
        for element in root.cssselect(layout.content):
            element.text = None
            for child in list(element):
                element.remove(child)
    text = lxml_html.tostring(root, encoding="unicode")
    return replace(page, body=text.encode("gb18030" if "gb" in charset else charset))


@dataclass(slots=True)
class Known:
    """What the archive must hold of one article after the visits so far."""

    versions: list[tuple[str, int]] = field(default_factory=list)  # content, day it was captured
    layouts: set[bool] = field(default_factory=set)  # latest version: read redesigned or not
    suspects: set[str] = field(default_factory=set)
    absences: list[dict[str, Any]] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)

    def see(self, day: int, content: str, *, redesigned: bool) -> None:
        """The page was there."""
        self.visits.append(day)
        if self.absences and self.absences[-1]["ended"] is None:
            self.absences[-1]["ended"] = day
        if not self.versions:
            self._add(content, day, redesigned)
        elif content == self.versions[-1][0]:
            self.layouts.add(redesigned)
        elif redesigned in self.layouts or content in self.suspects:
            self._add(content, day, redesigned)
        else:
            self.suspects.add(content)

    def miss(self, day: int, kind: str) -> None:
        """The page was not there."""
        self.visits.append(day)
        if not self.absences or self.absences[-1]["ended"] is not None:
            self.absences.append({"kind": kind, "missed": day, "confirmed": None, "ended": None})
        elif self.absences[-1]["confirmed"] is None:
            self.absences[-1]["confirmed"] = day

    def _add(self, content: str, day: int, redesigned: bool) -> None:
        self.versions.append((content, day))
        self.layouts, self.suspects = {redesigned}, set()


@pytest.mark.parametrize(
    "days", [6, pytest.param(40, marks=pytest.mark.soak)], ids=lambda days: f"{days} days"
)
@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_archive_equals_the_known_history(days: int, archive_url: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    with Portals(articles=3 * (OLD + 2 * days)) as site:
        updater = Updater(site=site, archive_url=archive_url, folder=tmp_path)
        known: dict[str, Known] = {}
        alarms: dict[int, str] = {}
        for day in range(days):
            _live(site, known, day, chance)
            site.requests.clear()
            jitter = chance.uniform(-0.01, 0.01)
            said = updater.update(days=3 + day + jitter)
            assert said.status in (0, 1), said.output + said.errors
            alarms[day] = "\n".join(n for n in said.output.splitlines() if "look:" in n)
            _learn(site, known, day)
        with updater.archive() as archive:
            assert _differences(archive, known) == []
        quiet = [url for url, one in known.items() if len(one.versions) == 1 and not one.absences]
        first = [one.visits for url, one in known.items() if url in quiet and one.visits[0] == 1]
        steps = [day for day in (1, 2, 4, 8, 31) if day < days]  # posted on day 1, seen that day
        assert first
        assert all(visits == steps for visits in first), first
        _check_alarms(alarms, days)


def _live(site: Portals, known: dict[str, Known], day: int, chance: random.Random) -> None:
    """What happens on the portals before the day's update."""
    today = THURSDAY + dt.timedelta(days=day)
    is_working = today.astimezone(SHANGHAI).weekday() < 5
    for host in sorted(site.hosts):
        for number in range(OLD if day == 0 else 2 if is_working else 0):
            if not (host == JUHE and day >= DRY):
                posted = today - dt.timedelta(hours=2 + 30 * number * (day == 0))
                known[site.publish(host, posted)] = Known()
        mine = [u for u in known if key_of(u)[0] == host and known[u].visits]
        living = [url for url in mine if url not in site.missing]
        if living:
            site.edit(chance.choice(living))
            if day % 2:
                site.missing[chance.choice(living)] = KINDS[(day // 2 + len(host)) % len(KINDS)]
        gone = [url for url in mine if url in site.missing]
        if gone and day % 5 == 4:
            del site.missing[chance.choice(gone)]
    site.is_redesigned = day >= REDESIGN


def _learn(site: Portals, known: dict[str, Known], day: int) -> None:
    """What each visit of the day was shown."""
    asked = {(request.host, request.path) for request in list(site.requests)}
    for url, one in known.items():
        if key_of(url) not in asked:
            continue
        if kind := site.missing.get(url):
            one.miss(day, kind)
        else:
            is_redesigned = site.is_redesigned and key_of(url)[0] == GOV
            one.see(day, _content(site.expected(url)), redesigned=is_redesigned)


def _content(expected: dict[str, Any]) -> str:
    texts = [block["text"] for block in expected["blocks"] if block["kind"] != "caption"]
    return json.dumps([expected["title"], *texts], ensure_ascii=False)


def _differences(archive: Archive, known: dict[str, Known]) -> list[str]:
    wrong = []
    found: dict[str, list[Any]] = {url: [] for url in known}
    for absence in reversed(archive.absences()):
        found[absence.url].append(absence)
    for url, one in known.items():
        versions = [
            (
                json.dumps(
                    [v.article.title, *(b.text for b in v.article.blocks if b.kind != "caption")],
                    ensure_ascii=False,
                ),
                _day(v.captured_at),
            )
            for v in archive.versions(url)
        ]
        if versions != one.versions:
            wrong.append(
                f"{url}: versions {[d for _, d in versions]} not"
                f" {[d for _, d in one.versions]} {versions} {one.versions}"
            )
        absences = [
            {
                "kind": absence.kind,
                "missed": _day(absence.missed_at),
                "confirmed": _day(absence.confirmed_at),
                "ended": _day(absence.ended_at),
            }
            for absence in found[url]
        ]
        if absences != one.absences:
            wrong.append(f"{url}: absences {absences} not {one.absences}")
        last = one.absences[-1] if one.absences else {"confirmed": None, "ended": None}
        gone = last["missed"] if last["confirmed"] is not None and last["ended"] is None else None
        if _day(archive.article(url).gone_at) != gone:
            wrong.append(f"{url}: gone {archive.article(url).gone_at}, not on day {gone}")
    return wrong


def _day(moment: dt.datetime | None) -> int | None:
    """The simulated day of a moment within its update."""
    if moment is None:
        return None
    return round((moment - THURSDAY) / dt.timedelta(days=1))


def _check_alarms(alarms: dict[int, str], days: int) -> None:
    """Both alarms within two runs, and no other on any day."""
    assert {day: said for day, said in alarms.items() if said and day < REDESIGN} == {}
    if days <= DRY + 1:
        return
    redesign = [day for day, said in alarms.items() if "look: generic" in said]
    assert REDESIGN <= redesign[0] <= REDESIGN + 1
    dry = [day for day, said in alarms.items() if "look: dried up" in said]
    assert DRY <= dry[0] <= DRY + 1
    meant = ("look: generic", "look: dried up", "fit none of the layouts")
    lines = [line for said in alarms.values() for line in said.splitlines()]
    assert [line for line in lines if not any(words in line for words in meant)] == []
