"""Weeks of work in the sample portals' offices: what is published, changed and lost day by day.

Called by the drift drill, which runs an update every evening. The same days each time.
"""

import datetime as dt
import random

from storage import SHANGHAI
from tests.known_history import KnownArticle, expected_content
from tests.site.losses import LOSSES
from tests.site.newsroom import key_of
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"
FIRST_DAY = dt.date(2026, 11, 5)  # a Thursday: the days of redesign and drought are working days
UPDATE_AT = dt.time(18, 0)
# Minutes cron is early or late. No two differ by the 10 minutes by which a visit may come early,
# so it is never a matter of seconds whether something is due.
JITTERS = (-13, -7, 0, 6, 12)
SHORTENED_EVERY = 6  # days: an office that cuts half its articles short is not what is drilled
AGES = (1.2, 2.4, 5, 9, 20, 29.5, 60, 120, 200)  # days, of what stands there on the first day


class DailyLife:
    """Three offices; one is redesigned on a day and one publishes nothing more from a day on."""

    def __init__(self, site: SampleSite, *, redesign: int, dry: int | None) -> None:
        self._site, self._redesign, self._dry = site, redesign, dry
        self._chance = random.Random(7)
        self._losses = 0
        self._lost: dict[str, int] = {}  # since which day
        self._changed: set[str] = set()
        self._shortened: dict[str, int] = {}  # by host, the last day
        self.is_redesigned = False
        self.articles: dict[str, KnownArticle] = {}
        for host in site.hosts:
            for url in site.articles(host):
                self._enter(url)
            for age in AGES:
                noon = dt.datetime.combine(FIRST_DAY, dt.time(12), SHANGHAI)
                self._publish(host, noon - dt.timedelta(days=age))

    def update_at(self, day: int) -> dt.datetime:
        """When this day's update starts."""
        begin = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=day), UPDATE_AT, SHANGHAI)
        return begin + dt.timedelta(minutes=self._chance.choice(JITTERS))

    def live(self, day: int) -> None:
        """What happens between the update before and this day's."""
        if day == self._redesign:
            self._be_redesigned()
        for host in self._site.hosts:
            self._publish_all(host, day)
            if day:
                self._change(host, day)

    def lost(self, url: str) -> bool:
        """Whether the article's page is missing now."""
        return url in self._lost

    def _publish_all(self, host: str, day: int) -> None:
        today = FIRST_DAY + dt.timedelta(days=day)
        is_working, was_working = today.weekday() < 5, 0 < today.weekday() < 6
        chance = self._chance
        if host == JUHE and self._dry is not None and day >= self._dry:
            return
        if host == PAPER and was_working and day and chance.random() < 0.4:  # after the update
            self._publish(host, _at(today - dt.timedelta(days=1), chance, 20, 22))
        count = chance.randint(2, 3) if is_working else int(host == PAPER)
        for _ in range(count):
            self._publish(host, _at(today, chance, 8, 17))

    def _change(self, host: str, day: int) -> None:
        chance, site = self._chance, self._site
        living = [url for url in self._visited(host) if url not in self._lost]
        gone = [url for url in self._visited(host) if url in self._lost]
        for url in gone:
            if day - self._lost[url] > 1 and chance.random() < 0.25:
                site.restore(url)
                del self._lost[url]
        due = [url for url in living if self._is_due(url, day)]
        for urls in (due, living):
            if urls:
                self._edit(chance.choice(urls))
        if due and day - self._shortened.get(host, -4) >= SHORTENED_EVERY:
            self._shorten(chance.choice(due))
            self._shortened[host] = day
        back = [url for url in living if url in self._changed]
        if back and chance.random() < 0.3:
            site.revert(chance.choice(back))
        if due and chance.random() < 0.6:
            self._lose(host, chance.choice(due), day)

    def _edit(self, url: str) -> None:
        self._site.edit(url)
        self._changed.add(url)

    def _shorten(self, url: str) -> None:
        before = expected_content(self._site.expected(url))
        after = expected_content(self._site.shorten(url))
        share = len("".join(after[1:])) / len("".join(before[1:]))
        assert share == 1 or share < 0.45, f"{url}: neither short nor long: {share}"
        self._changed.add(url)

    def _lose(self, host: str, url: str, day: int) -> None:
        how = LOSSES[self._losses % len(LOSSES)]
        self._losses += 1
        if how == "emptied" and host == GOV and self.is_redesigned:
            how = "HTTP 404"  # where no layout fits, nobody knows where the text would be
        self._site.lose(url, how)
        self._lost[url] = day

    def _be_redesigned(self) -> None:
        for url in [url for url in self._lost if key_of(url)[0] == GOV]:
            self._site.restore(url)
            del self._lost[url]
        self._site.redesign(GOV, "2026")
        self.is_redesigned = True

    def _visited(self, host: str) -> list[str]:
        return [u for u, a in self.articles.items() if key_of(u)[0] == host and a.visits]

    def _is_due(self, url: str, day: int) -> bool:
        evening = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=day), UPDATE_AT, SHANGHAI)
        due_at = self.articles[url].due_at
        return due_at is not None and due_at < evening

    def _publish(self, host: str, posted_at: dt.datetime) -> None:
        self._enter(self._site.publish(host, posted_at))

    def _enter(self, url: str) -> None:
        posted_at = dt.datetime.fromisoformat(self._site.expected(url)["posted_at"])
        self.articles[url] = KnownArticle(url=url, posted_at=posted_at)


def _at(day: dt.date, chance: random.Random, begin: int, end: int) -> dt.datetime:
    time = dt.time(chance.randrange(begin, end), chance.randrange(60))
    return dt.datetime.combine(day, time, SHANGHAI)
