"""Reads a portal's runs and ledger from the archive and judges them: ``Archive.health``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.health.drift import Jump, find_jump, find_shrink
from storage.health.evidence import (
    Condition,
    failed_page,
    fitted_page,
    has_date,
    has_source,
    is_long,
    last_arrival,
    of_layout,
    unfit_page,
    was_answered,
)
from storage.health.record import Figures, Health, HealthWarning, Pages, RunMeasures, WarningKind
from storage.health.rhythm import FIRST_LOAD, HISTORY, find_drought
from storage.record import SHANGHAI
from storage.schema import CrawlRow, LedgerRow

RUNS = (
    500  # the newest that are looked at: three weeks of hourly runs, a year and more of daily ones
)
_COMMANDS = ("crawl", "update")
_BACKLOG_RUNS = 8
_LEAST_PAGES = 2
_LEAST_VISITS = 3
_STATES = ("new", "changed", "unchanged", "older", "suspect", "missing", "gone", "failed")


def crawled_portals(connection: Connection) -> list[str]:
    """Portals that were crawled, by name."""
    query = select(CrawlRow.portal).where(CrawlRow.command.in_(_COMMANDS)).distinct()
    return sorted(name for name in connection.scalars(query) if name)


def read_health(connection: Connection, portal: str) -> Health:
    """The portal's newest finished runs, and what is unlike its earlier ones."""
    query = (
        select(CrawlRow.__table__)
        .where(
            CrawlRow.portal == portal,
            CrawlRow.command.in_(_COMMANDS),
            CrawlRow.finished_at.is_not(None),
        )
        .order_by(CrawlRow.id.desc())
        .limit(RUNS)
    )
    runs = [measured_run(row) for row in reversed(connection.execute(query).all())]
    found = [_drought(connection, portal, runs), _shrink(connection, portal, runs)]
    found += [_jump(connection, portal, runs, share) for share in _SHARES]
    found.append(backlog_warning(portal, runs))
    warnings = tuple(warning for warning in found if warning)
    return Health(portal=portal, runs=tuple(runs), warnings=warnings)


def measured_run(row: Row[Any]) -> RunMeasures:
    """A crawl row's counts; those of earlier releases lack most of them."""
    counts: Mapping[str, Any] = row.counts or {}
    number = {name: int(counts.get(name) or 0) for name in (*_STATES, "listed")}
    pages = _pages(counts, "pages_read")
    fresh = counts.get("fresh")
    listings_read = counts.get("listings_read")
    if listings_read is None:
        listings_read = int(number["listed"] > 0)
    return RunMeasures(
        id=row.id,
        started_at=row.started_at,
        outcome=row.outcome,
        listed=number["listed"],
        new=number["new"],
        changed=number["changed"],
        failed=number["failed"],
        visits=sum(number[name] for name in _STATES) + listings_read,
        listings_read=listings_read,
        pages=pages,
        fresh=_pages(fresh, "pages") if isinstance(fresh, dict) else pages,
        requests=counts.get("requests"),
        response_seconds=counts.get("response_seconds"),
        response_seconds_p95=counts.get("response_seconds_p95"),
        backlog_days=counts.get("backlog_days"),
    )


def _pages(counts: Mapping[str, Any], read: str) -> Pages:
    return Pages(
        read=int(counts.get(read) or 0),
        generic=int(counts.get("generic") or 0),
        without_date=int(counts.get("without_date") or 0),
        without_source=int(counts.get("without_source") or 0),
        text_length=counts.get("text_length"),
    )


# -- nothing new ----------------------------------------------------------------------------------


def _drought(
    connection: Connection, portal: str, runs: Sequence[RunMeasures]
) -> HealthWarning | None:
    read = [run.started_at for run in runs if run.listings_read]
    seen = LedgerRow.first_seen_at
    here = LedgerRow.portal == portal
    first, last = connection.execute(select(func.min(seen), func.max(seen)).where(here)).one()
    if len(read) < 2 or last is None:
        return None
    since = max(first + FIRST_LOAD, last - HISTORY)
    query = select(seen).where(here, seen > since).distinct()
    arrivals = [moment for moment in connection.scalars(query) if moment]
    drought = find_drought(arrivals, read[-1], read[-2])
    if drought is None:
        return None
    warning = HealthWarning(
        kind="dried up",
        portal=portal,
        text=(
            f"nothing new for {drought.gap:g} working days, since"
            f" {drought.since.astimezone(SHANGHAI):%Y-%m-%d %H:%M}; the longest wait before was"
            f" {drought.longest}. Look at the listing in a browser: if it shows newer articles, its"
            f" address or its pages have changed; `scrapy probe {portal}` says what still fits"
        ),
        since=drought.since,
        figures={
            "working_days": drought.gap,
            "longest_before": drought.longest,
            "limit": drought.limit,
            "gaps": drought.gaps,
        },
    )
    return warning.with_evidence(last_arrival(connection, portal, drought.since), None)


# -- shares that jumped ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """A share that is watched: how to count it, what to say, and the pages that show it."""

    kind: WarningKind
    count: Callable[[RunMeasures], tuple[int, int]]
    least: int
    what: str
    advice: str
    fits: Condition


_SHARES = (
    _Share(
        kind="generic",
        count=lambda run: (run.fresh.generic, run.fresh.read),
        least=_LEAST_PAGES,
        what="articles fit none of the layouts",
        advice="the portal has been redesigned: add a layout to its file; `scrapy probe {portal}`"
        " shows what fits",
        fits=of_layout,
    ),
    _Share(
        kind="no date",
        count=lambda run: (run.fresh.without_date, run.fresh.read),
        least=_LEAST_VISITS,
        what="articles have no date",
        advice="its place on the page has changed: correct `posted_at` in the portal's file",
        fits=has_date,
    ),
    _Share(
        kind="no source",
        count=lambda run: (run.fresh.without_source, run.fresh.read),
        least=_LEAST_VISITS,
        what="articles have no source",
        advice="its place on the page has changed: correct `source` in the portal's file",
        fits=has_source,
    ),
    _Share(
        kind="failures",
        count=lambda run: (run.failed, run.visits),
        least=_LEAST_VISITS,
        what="visits failed",
        advice="read the reasons in the summary and the log; a portal that cannot be reached for"
        " days may have moved",
        fits=was_answered,
    ),
)


def _jump(
    connection: Connection, portal: str, runs: Sequence[RunMeasures], share: _Share
) -> HealthWarning | None:
    jump = find_jump([share.count(run) for run in runs], share.least)
    if jump is None:
        return None
    since = runs[jump.first]
    warning = HealthWarning(
        kind=share.kind,
        portal=portal,
        text=(
            f"{jump.part} of {jump.whole} {share.what} since"
            f" {since.started_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}, usually {jump.usual:.0%};"
            f" {share.advice.format(portal=portal)}"
        ),
        since=since.started_at,
        figures=_figures(jump),
    )
    if share.kind == "failures":
        unfit = failed_page(connection, portal, since.id)
        return warning.with_evidence(fitted_page(connection, portal, share.fits, unfit), unfit)
    return _with_pages(connection, warning, share.fits, since.id)


def _shrink(
    connection: Connection, portal: str, runs: Sequence[RunMeasures]
) -> HealthWarning | None:
    jump = find_shrink([(run.fresh.read, run.fresh.text_length) for run in runs])
    if jump is None:
        return None
    since = runs[jump.first]
    warning = HealthWarning(
        kind="text shrank",
        portal=portal,
        text=(
            f"the texts of the last {jump.whole} articles have {jump.now:.0f} characters (median),"
            f" usually {jump.usual:.0f}, since"
            f" {since.started_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}; main content is being"
            " missed: compare a page with `scrapy extract --explain URL` and correct `content` in"
            " the portal's file"
        ),
        since=since.started_at,
        figures=_figures(jump),
    )
    return _with_pages(connection, warning, is_long(jump.usual / 2), since.id)


def _with_pages(
    connection: Connection, warning: HealthWarning, fits: Condition, crawl_id: int
) -> HealthWarning:
    unfit = unfit_page(connection, warning.portal, fits, crawl_id)
    return warning.with_evidence(fitted_page(connection, warning.portal, fits, unfit), unfit)


def _figures(jump: Jump) -> Figures:
    return {
        "now": round(jump.now, 3),
        "usual": round(jump.usual, 3),
        "part": jump.part,
        "whole": jump.whole,
    }


# -- a backlog that grows -------------------------------------------------------------------------


def backlog_warning(portal: str, runs: Sequence[RunMeasures]) -> HealthWarning | None:
    """Whether the backlog grew in each of the last runs; a run that did not say so ends the row."""
    last = runs[-_BACKLOG_RUNS - 1 :]
    days = [run.backlog_days for run in last if run.backlog_days is not None]
    if len(days) <= _BACKLOG_RUNS or any(b >= a for b, a in pairwise(days)):
        return None
    return HealthWarning(
        kind="backlog",
        portal=portal,
        text=(
            f"the backlog grew in each of the last {_BACKLOG_RUNS} runs, from {days[0]:g} to"
            f" {days[-1]:g} days; run `scrapy update` more often or longer (--minutes), or recheck"
            " more rarely"
        ),
        since=last[0].started_at,
        figures={"before": days[0], "now": days[-1]},
    )
