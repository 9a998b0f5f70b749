"""What one visit does to the tables, inside one transaction.

Called by ``Archive.add`` and ``Archive.place_visit`` only; ``storage.chain`` decides on versions.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.aliases import addresses, find_article, place_identity
from storage.captures import Fetched
from storage.chain import Reread, latest_version, place_article
from storage.clock import now
from storage.errors import CaptureNotFound
from storage.identity import url_key
from storage.ledger import settle
from storage.reading import stored_capture
from storage.record import Added, Article, Capture, StoredCapture
from storage.schema import ArticleRow, CaptureRow
from storage.tombstones import require_open

GONE = (404, 410)


def check_visit(visit: Sequence[Capture], article: Article | None, failure: str | None) -> None:
    """Raise ``ValueError`` for a visit that cannot be recorded, before anything is written."""
    if not visit or (article is not None and failure is not None):
        raise ValueError("a visit is captures and either an article or a failure")
    for capture in visit:
        url_key(capture.url)
        _check_time(capture.captured_at, f"{capture.url}: captured_at")
    last = visit[-1]
    speaks_for_itself = last.kind != "article" or last.status in (304, *GONE)
    if article is None:
        if failure is None and not speaks_for_itself:
            raise ValueError(f"{last.url}: no article and no failure; say why it was not read")
        return
    url_key(article.url)
    if all(capture.page is None for capture in visit):
        raise ValueError(f"{article.url}: an article needs a capture that is a page of it")
    for name in ("posted_at", "published_at"):
        _check_time(getattr(article, name), f"{article.url}: {name}")


def record_unread(
    connection: Connection, crawl_id: int, visit: Sequence[Fetched], failure: str | None
) -> Added:
    """A visit from which no article was read: 304, gone, failed, a listing or an attachment.

    Raises ``ArticleWithdrawn``, as do the other two.
    """
    captures = [fetched.capture for fetched in visit]
    last = captures[-1]
    is_article = last.kind == "article"
    article_id = version_id = number = None
    if is_article:
        article_id = _visited_article(connection, visit)
        require_open(connection, article_id, is_locked=True)
    state = "failed" if failure or is_article else "kept"
    if is_article and failure is None and last.status == 304:
        version = latest_version(connection, article_id) if article_id else None
        if version is not None and _vouches_for(connection, visit[-1].revisits_id, version.id):
            state, version_id, number = "unchanged", version.id, version.number
            _clear_gone(connection, article_id, last.captured_at)
        else:
            failure = "HTTP 304 for a content that is not the latest version"
    elif is_article and failure is None:
        state, failure = "gone", f"HTTP {last.status}"
        _set_gone(connection, article_id, last.captured_at)
    ids = _insert_captures(
        connection,
        crawl_id,
        visit,
        article_id=article_id,
        version_id=version_id,
        failure=failure,
    )
    if is_article:
        settle(connection, addresses(captures), last.status, failure, article_id)
    return Added(
        state=state,  # type: ignore[arg-type]
        article_id=article_id,
        version=number,
        capture_ids=ids,
    )


def record_article(
    connection: Connection,
    crawl_id: int,
    visit: Sequence[Fetched],
    article: Article,
    reread: Reread | None,
) -> Added:
    """A visit from which ``article`` was read."""
    captures = [fetched.capture for fetched in visit]
    urls = addresses(captures)
    article_id = place_identity(connection, article, urls, captures[0].captured_at)
    require_open(connection, article_id)  # it is locked
    ids = _insert_captures(connection, crawl_id, visit, article_id=article_id)
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
    _clear_gone(connection, article_id, pages[-1][1].captured_at)
    settle(connection, urls, captures[-1].status, None, article_id)
    return added


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
) -> Added:
    """Give a stored visit the article now read from it."""
    urls = addresses(captures)
    article_id = place_identity(connection, article, urls, captures[0].captured_at)
    require_open(connection, article_id)  # it is locked
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
    _clear_gone(connection, article_id, pages[-1].captured_at)
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


def _set_gone(connection: Connection, article_id: int | None, at: dt.datetime) -> None:
    """The page is gone since ``at``, unless a later visit has already read it."""
    later = select(CaptureRow.id).where(
        CaptureRow.article_id == article_id,
        CaptureRow.captured_at > at,
        CaptureRow.failure.is_(None),
        CaptureRow.kind == "article",
    )
    connection.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id, ArticleRow.gone_at.is_(None), ~later.exists())
        .values(gone_at=at)
    )


def _clear_gone(connection: Connection, article_id: int | None, at: dt.datetime) -> None:
    """The page was there at ``at``; it may have gone since."""
    connection.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id, ArticleRow.gone_at <= at)
        .values(gone_at=None)
    )


def _insert_captures(
    connection: Connection,
    crawl_id: int,
    visit: Sequence[Fetched],
    *,
    article_id: int | None,
    version_id: int | None = None,
    failure: str | None = None,
) -> tuple[int, ...]:
    shared = {
        "crawl_id": crawl_id,
        "article_id": article_id,
        "version_id": version_id,
        "visit": uuid.uuid4(),
        "recorded_at": now(),
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
