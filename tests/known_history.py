"""What an archive must hold of articles whose every visit is known: the house rules once more.

A model small enough to be checked by reading, written without the product's code. A test tells it
what the server showed at each visit, and asks it what the archive must say, and when it must ask.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from storage import Archive

STEPS = tuple(dt.timedelta(days=days) for days in (1, 3, 7, 30, 90, 180))
CONFIRMED_AFTER = dt.timedelta(hours=6)
Content = tuple[str, ...]  # title, then the texts, without white space


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was shown: a content in a layout, or how the page was missing.

    ``first_at`` is when the first page came, ``last_at`` when the last one did.
    """

    first_at: dt.datetime
    last_at: dt.datetime
    missing: str | None = None
    content: Content = ()
    layout: str | None = None


@dataclass(slots=True)
class KnownVersion:
    """A content, when it was captured, and in which layouts it has been seen."""

    content: Content
    captured_at: dt.datetime
    layouts: set[str | None] = field(default_factory=set, compare=False)


@dataclass(slots=True)
class KnownAbsence:
    """When a page was not there."""

    kind: str
    missed_at: dt.datetime
    confirmed_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


@dataclass(slots=True, kw_only=True)
class KnownArticle:
    """One article: ``posted_at`` as its page states it; ``due_at`` is ``None`` before a visit."""

    url: str
    posted_at: dt.datetime
    visits: list[Visit] = field(default_factory=list)
    versions: list[KnownVersion] = field(default_factory=list)
    # content and layout, since the latest version
    suspects: set[tuple[Content, str | None]] = field(default_factory=set)
    absences: list[KnownAbsence] = field(default_factory=list)
    due_at: dt.datetime | None = None

    @property
    def gone_at(self) -> dt.datetime | None:
        """Since when it is known to be gone."""
        absence = self._open_absence()
        return absence.missed_at if absence and absence.confirmed_at else None

    def learn(self, visit: Visit) -> None:
        """Another visit, later than all before."""
        self.visits.append(visit)
        if visit.missing:
            self._miss(visit.missing, visit.last_at)
        else:
            self._see(visit)

    def _miss(self, kind: str, at: dt.datetime) -> None:
        absence = self._open_absence()
        if absence is None:
            self.absences.append(KnownAbsence(kind, at))
            self.due_at = at + CONFIRMED_AFTER
            return
        absence.confirmed_at = absence.confirmed_at or at
        self.due_at = next_step(absence.missed_at, at)

    def _see(self, visit: Visit) -> None:
        absence = self._open_absence()
        if absence is not None:
            absence.ended_at = visit.last_at
        latest = self.versions[-1] if self.versions else None
        if latest is None or (latest.content != visit.content and self._is_believed(visit, latest)):
            self.versions.append(KnownVersion(visit.content, visit.first_at))
            self.suspects = set()
        elif latest.content != visit.content:
            self.suspects.add((visit.content, visit.layout))
            self.due_at = visit.last_at + CONFIRMED_AFTER
            return
        self.versions[-1].layouts.add(visit.layout)
        if len(self.versions) > 1:
            since = self.versions[-1].captured_at
        else:
            since = min(self.posted_at, self.visits[0].first_at)
        self.due_at = next_step(since, visit.last_at)

    def _is_believed(self, visit: Visit, latest: KnownVersion) -> bool:
        """Another layout, or less than half the text, takes a second visit that agrees.

        What two layouts read is not compared: their readers are two.
        """
        is_short = 2 * _length(visit.content) < _length(latest.content)
        is_odd = is_short or visit.layout not in latest.layouts
        return not is_odd or (visit.content, visit.layout) in self.suspects

    def _open_absence(self) -> KnownAbsence | None:
        last = self.absences[-1] if self.absences else None
        return last if last and last.ended_at is None else None


def next_step(since: dt.datetime, at: dt.datetime) -> dt.datetime:
    """After a visit: the next of the days, unless it comes within a quarter of its distance."""
    for step in STEPS:
        if since + step - at > step / 4:
            return since + step
    return at + max(at - since, STEPS[-1])  # beyond any drill, which is all it has to say


def content_of(title: str, texts: Iterator[str]) -> Content:
    """What decides on versions."""
    return tuple("".join(text.split()) for text in (title, *texts))


def expected_content(expected: dict[str, Any]) -> Content:
    """Of a sample article's record."""
    blocks = expected["blocks"]
    return content_of(expected["title"], (b["text"] for b in blocks if b["kind"] != "caption"))


def differences(archive: Archive, articles: dict[str, KnownArticle]) -> list[str]:
    """What the archive says otherwise than the model, in words."""
    found = {article.url for article in archive.articles()}
    wrong = [f"{url}: not archived" for url in articles.keys() - found]
    wrong += [f"{url}: nobody published it" for url in found - articles.keys()]
    absences: dict[str, list[KnownAbsence]] = {}
    for absence in reversed(archive.absences()):
        absences.setdefault(absence.url, []).append(
            KnownAbsence(absence.kind, absence.missed_at, absence.confirmed_at, absence.ended_at)
        )
    for url in sorted(found & articles.keys()):
        known = articles[url]
        versions = [
            KnownVersion(
                content_of(
                    version.article.title or "",
                    (b.text for b in version.article.blocks if b.kind != "caption"),
                ),
                version.captured_at,
            )
            for version in archive.versions(url)
        ]
        pairs = {
            "versions": (versions, known.versions),
            "absences": (absences.get(url, []), known.absences),
            "gone_at": (archive.article(url).gone_at, known.gone_at),
        }
        for name, (is_so, must_be) in pairs.items():
            if is_so != must_be:
                wrong.append(f"{url}: {name}\n  {_told(is_so)}\n  not\n  {_told(must_be)}")
    return wrong


def _told(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, KnownVersion):
        text = "".join(value.content)
        return [f"{text[:30]}... {len(text)} {hash(text) % 10**6}", value.captured_at]
    if isinstance(value, KnownAbsence):
        return [value.kind, value.missed_at, value.confirmed_at, value.ended_at]
    return str(value)


def _length(content: Content) -> int:
    return len("".join(content[1:]))
