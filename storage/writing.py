"""What one visit does to the tables, inside one transaction.

Called by ``Archive.add`` and ``Archive.place_visit`` only; ``storage.chain`` decides on versions.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from storage import absences, rechecks
from storage.absences import GONE
from storage.aliases import addresses, find_article, place_identity
from storage.captures import Fetched
from storage.chain import Reread, latest_version, place_article
from storage.clock import recording_time
from storage.errors import CaptureNotFound
from storage.former import remember_captures
from storage.identity import url_key
from storage.ledger import settle
from storage.reading import stored_capture
from storage.record import AbsenceKind, Added, Article, Capture, StoredCapture
from storage.schedule import Schedule
from storage.schema import ArticleRow, CaptureRow, VersionRow
from storage.tombstones import require_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a visit brought: an article, or why there is none.

    ``absence`` says that the page was not there; ``is_refused`` that the portal would not show it,
    which is no fault of the page.
    """

    article: Article | None = None
    failure: str | None = None
    absence: AbsenceKind | None = None
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Under which crawl, and by which schedule, a visit is entered.

    ``number`` is the visit's own: when a connection is lost in the middle of a commit, it tells
    whether the visit has been entered.
    """

    crawl_id: int
    schedule: Schedule
    number: uuid.UUID


def check_visit(visit: Sequence[Capture], outcome: Outcome) -> None:
    """Raise ``ValueError`` for a visit that cannot be recorded, before anything is written."""
    article, failure = outcome.article, outcome.failure
    said = (article is not None, failure is not None, outcome.absence is not None)
    if not visit or sum(said) > 1:
        raise ValueError("a visit is captures and either an article, a failure or an absence")
    for capture in visit:
        url_key(capture.url)
        _check_time(capture.captured_at, f"{capture.url}: captured_at")
    last = visit[-1]
    speaks_for_itself = last.kind != "article" or last.status in (304, *GONE)
    if article is None:
        if failure is None and outcome.absence is None and not speaks_for_itself:
            raise ValueError(f"{last.url}: no article and no failure; say why it was not read")
        return
    url_key(article.url)
    if all(capture.page is None for capture in visit):
        raise ValueError(f"{article.url}: an article needs a capture that is a page of it")
    for name in ("posted_at", "published_at"):
        _check_time(getattr(article, name), f"{article.url}: {name}")


def recorded_visit(connection: Connection, number: uuid.UUID) -> Added | None:
    """What became of a visit whose commit was not answered; ``None`` when it was not done."""
    rows = connection.execute(
        select(CaptureRow.__table__).where(CaptureRow.visit == number).order_by(CaptureRow.id)
    ).all()
    if not rows:
        return None
    last = rows[-1]
    version = connection.execute(
        select(VersionRow.number, VersionRow.captured_at).where(VersionRow.id == last.version_id)
    ).one_or_none()
    state = "kept" if last.kind != "article" else "failed"
    if last.is_suspect:
        state = "suspect"
    elif version is not None:
        is_its_first = version.captured_at in {row.captured_at for row in rows}
        state = ("new" if version.number == 1 else "changed") if is_its_first else "unchanged"
    return Added(
        state=state,  # type: ignore[arg-type]
        article_id=last.article_id,
        version=version.number if version else None,
        capture_ids=tuple(row.id for row in rows),
    )


def record_unread(
    connection: Connection, entry: Entry, visit: Sequence[Fetched], outcome: Outcome
) -> Added:
    """A visit from which no article was read: 304, missing, failed, a listing or an attachment.

    Raises ``ArticleWithdrawn``, as do the other two.
    """
    last = visit[-1].capture
    if last.kind != "article":
        ids = _insert_captures(connection, entry, visit, failure=outcome.failure)
        state = "failed" if outcome.failure else "kept"
        return Added(state=state, article_id=None, version=None, capture_ids=ids)  # type: ignore[arg-type]
    article_id = _visited_article(connection, visit)
    # Locked, so that two visits at once are not both the first to miss it.
    require_open(connection, article_id, is_locked=True)
    failure, version = outcome.failure, None
    absence = outcome.absence or (GONE.get(last.status) if failure is None else None)
    if failure is None and absence is None:
        version = latest_version(connection, article_id) if article_id else None
        if version is None or not _vouches_for(connection, visit[-1].revisits_id, version.id):
            failure, version = "HTTP 304 for a content that is not the latest version", None
    ids = _insert_captures(
        connection,
        entry,
        visit,
        article_id=article_id,
        version_id=version.id if version else None,
        failure=failure or absence,
    )
    at = last.captured_at
    state, is_return = "failed", False
    if version is not None:
        assert article_id is not None
        is_return = absences.end(connection, article_id, at, ids[-1])
        rechecks.seen(connection, article_id, at, entry.schedule)
        state = "unchanged"
    elif absence is not None:
        state = _miss(connection, article_id, absence, at, ids[-1], entry.schedule)
    elif article_id is not None and not outcome.is_refused:
        rechecks.fail(connection, article_id, at)
    settle(
        connection,
        addresses(fetched.capture for fetched in visit),
        last.status,
        failure or absence,
        article_id,
        is_refused=outcome.is_refused,
    )
    return Added(
        state=state,  # type: ignore[arg-type]
        article_id=article_id,
        version=version.number if version else None,
        capture_ids=ids,
        is_return=is_return,
    )


def record_article(
    connection: Connection,
    entry: Entry,
    visit: Sequence[Fetched],
    article: Article,
    reread: Reread | None,
) -> Added:
    """A visit from which ``article`` was read."""
    captures = [fetched.capture for fetched in visit]
    urls = addresses(captures)
    article_id = place_identity(connection, article, urls, captures[0].captured_at)
    require_open(connection, article_id)  # it is locked
    ids = _insert_captures(connection, entry, visit, article_id=article_id)
    pages = [
        (n, capture) for n, capture in zip(ids, captures, strict=True) if capture.page is not None
    ]
    added = place_article(
        connection,
        article_id,
        article,
        page_ids=[number for number, _ in pages],
        capture_ids=ids,
        captured_at=pages[0][1].captured_at,
        reread=reread,
    )
    added = _note_seen(connection, added, pages[-1][1].captured_at, entry.schedule)
    settle(connection, urls, captures[-1].status, None, article_id)
    return added


def _note_seen(connection: Connection, added: Added, at: dt.datetime, schedule: Schedule) -> Added:
    """The page was there: it is not missing, and is due again."""
    assert added.article_id is not None
    is_return = absences.end(connection, added.article_id, at, added.capture_ids[-1])
    if added.state == "suspect":
        rechecks.doubt(connection, added.article_id, at, schedule)
    elif added.state != "older":
        rechecks.seen(connection, added.article_id, at, schedule)
    return replace(added, is_return=is_return)


def _miss(
    connection: Connection,
    article_id: int | None,
    kind: str,
    at: dt.datetime,
    capture_id: int,
    schedule: Schedule,
) -> str:
    """The page was not there; whether that is known for certain now."""
    if article_id is None:
        return "missing"
    if absences.miss(connection, article_id, kind, at, capture_id):
        since = connection.execute(
            select(ArticleRow.gone_at).where(ArticleRow.id == article_id)
        ).scalar_one()
        rechecks.gone(connection, article_id, since or at, at, schedule)
        return "gone"
    if absences.is_open(connection, article_id):
        rechecks.doubt(connection, article_id, at, schedule)
    return "missing"


def stored_visit(connection: Connection, visit: str) -> list[StoredCapture]:
    """The captures of a stored visit in the order they were fetched, or ``CaptureNotFound``."""
    try:
        number = uuid.UUID(visit)
    except ValueError:
        raise CaptureNotFound(f"no visit {visit!r}: it is no visit's number") from None
    rows = connection.execute(
        select(CaptureRow.__table__).where(CaptureRow.visit == number).order_by(CaptureRow.id)
    )
    captures = [stored_capture(row) for row in rows]
    if all(capture.page is None for capture in captures):
        raise CaptureNotFound(f"no visit {visit} with a page that could be read")
    return captures


def record_visit_again(
    connection: Connection,
    captures: Sequence[StoredCapture],
    article: Article,
    reread: Reread | None,
    schedule: Schedule,
) -> Added:
    """Give a stored visit the article now read from it."""
    urls = addresses(captures)
    article_id = place_identity(connection, article, urls, captures[0].captured_at)
    require_open(connection, article_id)  # it is locked
    remember_captures(connection, (capture.id for capture in captures))
    pages = [capture for capture in captures if capture.page is not None]
    added = place_article(
        connection,
        article_id,
        article,
        page_ids=[capture.id for capture in pages],
        capture_ids=[capture.id for capture in captures],
        captured_at=pages[0].captured_at,
        reread=reread,
    )
    added = _note_seen(connection, added, pages[-1].captured_at, schedule)
    settle(connection, urls, captures[-1].status, None, article_id, is_fetch=False)
    return added


def _visited_article(connection: Connection, visit: Sequence[Fetched]) -> int | None:
    """The article a 304 vouches for, or the one known at an address of the visit."""
    if visit[-1].capture.status == 304 and visit[-1].revisits_id is not None:
        vouched = select(CaptureRow.article_id).where(CaptureRow.id == visit[-1].revisits_id)
        article_id = connection.scalar(vouched)
        if article_id is not None:
            return article_id
    return find_article(connection, addresses(fetched.capture for fetched in visit))


def _vouches_for(connection: Connection, capture_id: int | None, version_id: int) -> bool:
    """Whether a 304 says that this version stands: its request carried that capture's validators.

    Between request and answer another process may have added a version.
    """
    shown = select(CaptureRow.version_id).where(CaptureRow.id == capture_id)
    return capture_id is None or connection.scalar(shown) == version_id


def _insert_captures(
    connection: Connection,
    entry: Entry,
    visit: Sequence[Fetched],
    *,
    article_id: int | None = None,
    version_id: int | None = None,
    failure: str | None = None,
) -> tuple[int, ...]:
    shared = {
        "crawl_id": entry.crawl_id,
        "article_id": article_id,
        "version_id": version_id,
        "visit": entry.number,
        "recorded_at": recording_time(connection),
        "is_suspect": False,
        "failure": failure,
    }
    ids = []
    for fetched in visit:
        row = shared | _capture_values(fetched)
        if fetched.capture.page is None:  # a redirect hop shows no version
            row["version_id"] = None
        ids.append(
            connection.execute(insert(CaptureRow).values(row).returning(CaptureRow.id)).scalar_one()
        )
    return tuple(ids)


def _capture_values(fetched: Fetched) -> dict[str, Any]:
    capture, place = fetched.capture, fetched.place
    headers = {name.lower(): value for name, value in reversed(capture.headers)}
    return {
        "page": capture.page,
        "kind": capture.kind,
        "portal": capture.portal,
        "url": capture.url,
        "url_key": url_key(capture.url),
        "method": capture.method,
        "status": capture.status,
        "mime": headers.get("content-type", "").partition(";")[0].strip().lower() or None,
        "captured_at": capture.captured_at,
        "record_type": place.record_type,
        "revisits_id": fetched.revisits_id,
        "warc_file": place.file,
        "warc_offset": place.offset,
        "warc_length": place.length,
        "warc_record_id": place.record_id,
        "payload_digest": fetched.payload_digest,
        "body_digest": fetched.body_digest,
        "size_bytes": len(capture.body),
        "etag": headers.get("etag") or None,
        "last_modified": headers.get("last-modified") or None,
        "truncated": capture.truncated,
        "filename": capture.filename,
    }


def _check_time(moment: dt.datetime | None, what: str) -> None:
    if moment is None:
        return
    try:
        is_usable = moment.utcoffset() is not None and moment.astimezone(dt.UTC) is not None
    except OverflowError:  # the first and the last day of the calendar
        is_usable = False
    if not is_usable:
        raise ValueError(f"{what} {moment!r} is no time with a zone that UTC can express")
