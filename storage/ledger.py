"""The ledger: every URL found on a listing, from before its first fetch until it is archived.

Called by ``Archive``; ``storage.writing`` settles an entry in the transaction of its article.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select, update

from storage.clock import now
from storage.identity import canonical_url, url_key
from storage.listings import place_listing
from storage.record import LedgerEntry, Listed, ListingVisit
from storage.rows import insert_new
from storage.schedule import MAX_TRIES, next_try
from storage.schema import LedgerRow, ListingItemRow
from storage.tombstones import withdrawn_keys

logger = logging.getLogger(__name__)

_BATCH = 500  # a sitemap lists up to 50,000 URLs, a statement takes 32,766 values


def list_urls(
    connection: Connection,
    portal: str,
    page: ListingVisit,
    links: Sequence[Listed],
    left_out: Sequence[Listed] = (),
) -> int:
    """Enter what a listing page shows; how many of the ``links`` were not known to this portal.

    ``left_out`` are items that the operator's selection does not want: they are entered, and wait
    until a crawl lists them among its ``links``. A link that is no http or https URL is left out
    with a warning: one odd link must not cost the listing its others. Of a withdrawn article the
    address is entered, as done with and without its title.
    """
    at = now()
    listing_id = place_listing(connection, portal, page)
    rows = _ledger_rows(portal, page, links, "pending")
    rows = _ledger_rows(portal, page, left_out, "left_out") | rows
    new = 0
    keys = iter(sorted(rows))  # in one order, so that crawls of one portal do not deadlock
    while batch := list(islice(keys, _BATCH)):
        here = (LedgerRow.portal == portal) & LedgerRow.url_key.in_(batch)
        known = set(connection.scalars(select(LedgerRow.url_key).where(here)))
        withdrawn = withdrawn_keys(connection, batch)
        for key, number in withdrawn.items():
            rows[key] |= {"listed_title": None, "state": "done", "article_id": number}
        fresh = [rows[key] for key in batch if key not in known]
        insert_new(connection, LedgerRow, fresh)
        connection.execute(update(LedgerRow).where(here).values(listed_at=at))
        wanted = [key for key in batch if rows[key]["state"] == "pending"]
        connection.execute(
            update(LedgerRow)
            .where(LedgerRow.portal == portal, LedgerRow.url_key.in_(wanted))
            .where(LedgerRow.state == "left_out")
            .values(state="pending")
        )
        ids = connection.scalars(select(LedgerRow.id).where(here)).all()
        items = [{"listing_id": listing_id, "ledger_id": number} for number in ids]
        insert_new(connection, ListingItemRow, items)
        new += sum(row["state"] == "pending" for row in fresh)
    return new


def _ledger_rows(
    portal: str, page: ListingVisit, links: Sequence[Listed], state: str
) -> dict[str, dict[str, Any]]:
    """Rows by the key of their URL; of two links to one URL the later one counts."""
    at = now()
    rows: dict[str, dict[str, Any]] = {}
    for link in links:
        try:
            key, url = url_key(link.url), canonical_url(link.url)
        except ValueError as error:
            logger.warning("%s: a link was left out: %s", page.page_url, error)
            continue
        rows[key] = {
            "portal": portal,
            "url": url,
            "url_key": key,
            "listing_url": page.page_url,
            "channel": link.channel,
            "listed_title": link.title,
            "listed_date": link.date,
            "listed_day": link.day,
            "first_seen_at": at,
            "listed_at": at,
            "state": state,
            "tries": 0,
            "article_id": None,
        }
    return rows


def pending_urls(connection: Connection, portal: str) -> list[Listed]:
    """URLs listed by earlier crawls that are not archived yet and not given up, oldest first."""
    rows = connection.execute(
        select(LedgerRow.__table__)
        .where(
            LedgerRow.portal == portal,
            LedgerRow.state.in_(("pending", "failed")),
            LedgerRow.article_id.is_(None),
        )
        .order_by(LedgerRow.id)
    )
    return [_listed(row) for row in rows]


def due_urls(
    connection: Connection, portal: str, at: dt.datetime, *, after: int, limit: int
) -> list[tuple[int, Listed]]:
    """URLs to be asked for at ``at``, each with its number, those found first before the others.

    ``after`` is the last number of the page before.
    """
    rows = connection.execute(
        select(LedgerRow.__table__)
        .where(*_due(portal, at), LedgerRow.id > after)
        .order_by(LedgerRow.id)
        .limit(limit)
    )
    return [(row.id, _listed(row)) for row in rows]


def _due(portal: str, at: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        LedgerRow.portal == portal,
        LedgerRow.state.in_(("pending", "failed")),
        LedgerRow.article_id.is_(None),
        or_(LedgerRow.next_try_at.is_(None), LedgerRow.next_try_at <= at),
    )


def due_since(connection: Connection, portal: str, at: dt.datetime) -> list[dt.datetime]:
    """Since when each URL that is due has been waiting."""
    since = case(
        (LedgerRow.next_try_at.is_(None), LedgerRow.first_seen_at), else_=LedgerRow.next_try_at
    )
    return list(connection.scalars(select(since).where(*_due(portal, at))))


def ledger_entries(
    connection: Connection, portal: str | None, states: Sequence[str], after: int, limit: int
) -> list[tuple[int, LedgerEntry]]:
    """Entries with their numbers, oldest first, of one portal and of some states if named."""
    query = (
        select(LedgerRow.__table__).where(LedgerRow.id > after).order_by(LedgerRow.id).limit(limit)
    )
    if portal is not None:
        query = query.where(LedgerRow.portal == portal)
    if states:
        query = query.where(LedgerRow.state.in_(states))
    return [(row.id, _entry(row)) for row in connection.execute(query)]


def given_up(connection: Connection, portal: str, since: dt.datetime) -> int:
    """How many URLs were given up by a try since a time."""
    query = select(func.count()).where(
        LedgerRow.portal == portal, LedgerRow.state == "given_up", LedgerRow.tried_at >= since
    )
    return connection.scalar(query) or 0


def retry_urls(connection: Connection, portal: str | None, url: str | None) -> int:
    """Let URLs that were given up be asked for again; how many they are."""
    query = update(LedgerRow).where(LedgerRow.state == "given_up")
    if portal is not None:
        query = query.where(LedgerRow.portal == portal)
    if url is not None:
        query = query.where(LedgerRow.url_key == url_key(url))
    return connection.execute(query.values(state="pending", tries=0, next_try_at=None)).rowcount


def fail_url(connection: Connection, portal: str, url: str, reason: str) -> None:
    """Note a fetch that gave no response at all, or one too large to keep."""
    here = (LedgerRow.portal == portal) & (LedgerRow.url_key == url_key(url))
    values = {"tried_at": now(), "failure": reason} | _after_failure(now())
    connection.execute(update(LedgerRow).where(here).values(values))


def settle(
    connection: Connection,
    urls: Iterable[str],
    status: int,
    failure: str | None,
    article_id: int | None,
    *,
    is_fetch: bool = True,
    is_refused: bool = False,
) -> None:
    """Say what became of the listed URLs of a visit, in the ledgers of all portals.

    Without ``is_fetch`` a visit of earlier was read at last: no request was made. A refusal is no
    try of the URL: it says nothing of it. What was archived once stays done when its page fails or
    disappears later; the article's own times say when it is looked at again.
    """
    at = now()
    values: dict[str, Any] = {"last_status": status, "failure": failure}
    if is_fetch:
        values["tried_at"] = at
    if article_id is not None:
        values["article_id"] = article_id
    if failure is None or article_id is not None:
        values |= {"state": "done", "tries": 0, "next_try_at": None}
    elif not is_refused:
        values |= _after_failure(at)
    if failure is None:
        values["done_at"] = at
    keys = {url_key(url) for url in urls}
    connection.execute(update(LedgerRow).where(LedgerRow.url_key.in_(keys)).values(values))


def _after_failure(at: dt.datetime) -> dict[str, Any]:
    """One try more: later than the last time, or never unless a person asks for it."""
    is_archived = LedgerRow.article_id.is_not(None)
    is_last = LedgerRow.tries + 1 >= MAX_TRIES
    steps = [(LedgerRow.tries == n, next_try(n + 1, at)) for n in range(MAX_TRIES - 1)]
    return {
        "tries": case((is_archived, LedgerRow.tries), else_=LedgerRow.tries + 1),
        "state": case((is_archived, "done"), (is_last, "given_up"), else_="failed"),
        "next_try_at": case((is_archived, None), *steps, else_=None),
    }


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        url=row.url,
        title=row.listed_title,
        date=row.listed_date,
        channel=row.channel,
        day=row.listed_day,
    )


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        portal=row.portal,
        url=row.url,
        state=row.state,
        listed=_listed(row),
        listing_url=row.listing_url,
        first_seen_at=row.first_seen_at,
        listed_at=row.listed_at,
        tries=row.tries,
        tried_at=row.tried_at,
        next_try_at=row.next_try_at,
        last_status=row.last_status,
        failure=row.failure,
        done_at=row.done_at,
        article_id=row.article_id,
    )
