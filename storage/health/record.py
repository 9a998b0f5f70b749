"""What is told of a portal's health: frozen records, made by ``storage.health.reading``.

Printed by ``jiedu health`` and the summary of an update, kept in its crawl row as JSON.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

WarningKind = Literal[
    "dried up", "generic", "no date", "no source", "text shrank", "failures", "backlog"
]
Figures = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A page that shows it; ``capture_id`` is ``None`` for an item that was only listed."""

    url: str
    captured_at: dt.datetime  # or first listed
    capture_id: int | None = None
    layout: str | None = None
    failure: str | None = None

    def as_record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "url": self.url,
            "captured_at": _iso(self.captured_at),
            "capture_id": self.capture_id,
            "layout": self.layout,
            "failure": self.failure,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthWarning:
    """Something a person should look at: ``text`` says what, since when and what to do.

    ``figures`` are those the judgement rests on. ``fitted`` is the last page that was as it should
    be (of a portal that dried up: its last new article), ``unfit`` the first that was not.
    """

    kind: WarningKind
    portal: str
    text: str
    since: dt.datetime | None
    figures: Figures
    fitted: Evidence | None = None
    unfit: Evidence | None = None

    def with_evidence(self, fitted: Evidence | None, unfit: Evidence | None) -> "HealthWarning":
        """The same with the pages that show it."""
        return replace(self, fitted=fitted, unfit=unfit)

    def as_record(self) -> dict[str, Any]:
        """For JSON; ``kind`` and ``portal`` tell one warning from another."""
        return {
            "kind": self.kind,
            "portal": self.portal,
            "text": self.text,
            "since": self.since and _iso(self.since),
            "figures": dict(self.figures),
            "fitted": self.fitted and self.fitted.as_record(),
            "unfit": self.unfit and self.unfit.as_record(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Pages that were read and how many of them lacked something; ``text_length`` is a median."""

    read: int = 0
    generic: int = 0
    without_date: int = 0
    without_source: int = 0
    text_length: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMeasures:
    """What one run of a portal brought.

    ``pages`` are all it read, ``fresh`` those that showed something new: by them drift is judged.
    ``visits`` are articles asked for and listing pages read. ``None``: an earlier release did not
    measure it.
    """

    id: int
    started_at: dt.datetime
    outcome: str | None
    listed: int
    new: int
    changed: int
    failed: int
    visits: int
    listings_read: int
    pages: Pages
    fresh: Pages
    requests: int | None = None
    response_seconds: float | None = None
    response_seconds_p95: float | None = None
    backlog_days: float | None = None

    def as_record(self) -> dict[str, Any]:
        """For JSON."""
        pages = self.pages
        return {
            "id": self.id,
            "started_at": _iso(self.started_at),
            "outcome": self.outcome,
            "listed": self.listed,
            "new": self.new,
            "changed": self.changed,
            "failed": self.failed,
            "visits": self.visits,
            "listings_read": self.listings_read,
            "pages_read": pages.read,
            "generic": pages.generic,
            "without_date": pages.without_date,
            "without_source": pages.without_source,
            "text_length": pages.text_length,
            "requests": self.requests,
            "response_seconds": self.response_seconds,
            "response_seconds_p95": self.response_seconds_p95,
            "backlog_days": self.backlog_days,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A portal's runs, the newest last, and what is wrong with it."""

    portal: str
    runs: tuple[RunMeasures, ...]
    warnings: tuple[HealthWarning, ...]


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
