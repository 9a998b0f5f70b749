"""Which listed articles an operator wants: by date, title and channel.

Built from ``-a since= until= match= channel=`` by ``crawler.spider``. A listing does not always
say enough (no date, a title cut short): then the article is fetched, archived, and judged after.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.extract.dates import parse_moment, parse_url_date
from crawler.portal import Listing, Portal
from storage import Article, Listed

Judgement = Literal["in", "out", "unsure"]
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_CUT = ("...", "…", "⋯")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Both dates belong to the selection; ``words`` are alternatives looked for in titles."""

    since: dt.date | None = None
    until: dt.date | None = None
    words: tuple[str, ...] = ()
    channel: str | None = None

    @classmethod
    def parse(
        cls,
        since: str | None = None,
        until: str | None = None,
        match: str | None = None,
        channel: str | None = None,
    ) -> "Selection":
        """The selection of an operator's words; ``ValueError`` saying how to write them.

        A date is 2024-03-01, 2024-03 or 2024: its first day for ``since``, its last for
        ``until``. ``match`` is a word or several with ``|`` between.
        """
        first, last = _first_day("since", since), _last_day("until", until)
        if first and last and first > last:
            raise ValueError(f"-a since={since} is after -a until={until}; nothing lies between")
        words = tuple(_squash(word) for word in (match or "").split("|"))
        if match is not None and not all(words):
            raise ValueError(f"-a match={match}: give a word of the title, several with | between")
        return cls(since=first, until=last, words=words if match else (), channel=channel or None)

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.words or self.channel)

    def judge(self, listed: Listed) -> Judgement:
        """Whether a listed article is wanted, as far as its listing says."""
        if self.channel and listed.channel != self.channel:
            return "out"
        title = listed.title or ""
        is_cut = not title or title.endswith(_CUT)
        judgements = (
            self._judge_day(listed.day or listed_day(listed)),
            self._judge_title(title, "unsure" if is_cut else "out"),
        )
        return "out" if "out" in judgements else "unsure" if "unsure" in judgements else "in"

    def has(self, article: Article) -> bool:
        """Whether an article that has been read belongs to the selection."""
        return (
            self._judge_day(article.posted_date or article.published_date) != "out"
            and self._judge_title(article.title or "", "out") != "out"
        )

    def is_past(self, links: Sequence[Listed]) -> bool:
        """Whether a listing page shows only articles before ``since``: later pages do too."""
        days = [link.day or listed_day(link) for link in links]
        since = self.since
        return since is not None and bool(days) and all(day and day < since for day in days)

    def wants_issue(self, listing: Listing, url: str) -> bool:
        """Whether a page of a listing is to be asked for: a newspaper's issues carry their day."""
        moment = parse_url_date(url) if listing.kind == "newspaper" else None
        return moment is None or self._judge_day(moment.at.date()) != "out"

    def _judge_day(self, day: dt.date | None) -> Judgement:
        if not (self.since or self.until):
            return "in"
        if day is None:
            return "unsure"
        is_in = (not self.since or day >= self.since) and (not self.until or day <= self.until)
        return "in" if is_in else "out"

    def _judge_title(self, title: str, otherwise: Judgement) -> Judgement:
        if not self.words or any(word in _squash(title) for word in self.words):
            return "in"
        return otherwise


def select_listings(portal: Portal, channel: str | None) -> tuple[Listing, ...]:
    """The portal's listings of a channel, or all; ``ValueError`` naming the channels it has."""
    chosen = tuple(n for n in portal.listings if not channel or n.channel == channel)
    if not chosen and channel:
        known = "、".join(dict.fromkeys(n.channel for n in portal.listings if n.channel))
        raise ValueError(
            f"-a channel={channel}: {portal.name} has "
            + (f"the channels {known}" if known else "no channels to choose from")
        )
    return chosen


def listed_day(listed: Listed) -> dt.date | None:
    """The day of the date a listing shows, ``None`` when it shows none with a year."""
    moment = parse_moment(listed.date)
    return moment.at.date() if moment else None


def _first_day(name: str, text: str | None) -> dt.date | None:
    parts = _date_parts(name, text)
    return _date(name, text, parts[0], parts[1] or 1, parts[2] or 1) if parts else None


def _last_day(name: str, text: str | None) -> dt.date | None:
    parts = _date_parts(name, text)
    if parts is None:
        return None
    year, month, day = parts
    if day:
        return _date(name, text, year, month or 1, day)
    after = _date(name, text, year + (month or 12) // 12, (month or 12) % 12 + 1, 1)
    return after - dt.timedelta(days=1)


def _date_parts(name: str, text: str | None) -> tuple[int, int | None, int | None] | None:
    if text is None or not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"-a {name}={text}: give a day as 2024-03-01, or 2024-03, or 2024")
    year, month, day = (int(part) if part else None for part in found.groups())
    return year or 0, month, day


def _date(name: str, text: str | None, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"-a {name}={text}: there is no such day") from None


def _squash(text: str) -> str:
    """Titles are compared without white space and case: listings pad and fold both."""
    return "".join(text.split()).casefold()
