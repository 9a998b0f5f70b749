"""What one visit does to the tables, inside one transaction.

Called by ``Archive.add`` and ``Archive.reread`` only. The rules are those of the version chain:
equal digest, no version; another content by the same reader, a version; another content by another
layout or of less than half the text, a suspect until a second visit agrees.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.digest import content_digest
from storage.errors import ReaderMismatch
from storage.identity import url_key
from storage.reading import SAME_NAME, page_captures
from storage.record import Added, Article, Capture
from storage.schema import (
    AliasRow,
    ArticleRow,
    AttachmentRow,
    AuthorRow,
    BlockRow,
    CaptureRow,
    ImageRow,
    LedgerRow,
    LinkRow,
    ReadingCaptureRow,
    ReadingRow,
    Table,
    VersionRow,
)
from storage.warc import Place

LatestRow = Row[int, int, dt.datetime, str]  # id, number, captured_at, digest
ReaderRow = Row[str, int, str, str, int]  # reader, id, digest, layout, text_length

GONE = (404, 410)
SHRUNK = 0.5  # a text below this share of the last version's makes a suspect (HOUSE, section 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """The latest version as today's rules read its stored captures; ``None`` when they cannot."""

    version_id: int
    article: Article | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A capture whose record has been written."""

    capture: Capture
    place: Place
    payload_digest: str
    body_digest: str | None
    revisits_id: int | None


def now() -> dt.datetime:
    """The time rows are recorded at."""
    return dt.datetime.now(dt.UTC)


def insert_new(connection: Connection, table: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, leaving those alone whose unique key is already there."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def find_article(connection: Connection, urls: Iterable[str]) -> int | None:
    """The article that stands, or once stood, at the first of ``urls`` that is known."""
    for key in dict.fromkeys(url_key(url) for url in urls):
        found = connection.scalar(
            select(ArticleRow.id).where(ArticleRow.url_key == key)
        ) or connection.scalar(select(AliasRow.article_id).where(AliasRow.url_key == key))
        if found:
            return found
    return None


def latest_version(connection: Connection, article_id: int) -> LatestRow | None:
    """Id, number, captured_at and digest of the article's latest version."""
    return connection.execute(
        select(VersionRow.id, VersionRow.number, VersionRow.captured_at, VersionRow.digest)
        .where(VersionRow.article_id == article_id)
        .order_by(VersionRow.number.desc())
        .limit(1)
    ).one_or_none()


def readings_of(connection: Connection, version_id: int) -> dict[str, ReaderRow]:
    """Reader -> (id, digest, layout, text_length), oldest reading first."""
    rows = connection.execute(
        select(
            ReadingRow.reader,
            ReadingRow.id,
            ReadingRow.digest,
            ReadingRow.layout,
            ReadingRow.text_length,
        )
        .where(ReadingRow.version_id == version_id)
        .order_by(ReadingRow.id)
    )
    return {row.reader: row for row in rows}


def record_unread(
    connection: Connection, crawl_id: int, visit: Sequence[Fetched], failure: str | None
) -> Added:
    """A visit from which no article was read: 304, gone, failed, a listing or an attachment."""
    last = visit[-1].capture
    article_id = find_article(connection, _article_urls(visit))
    version = latest_version(connection, article_id) if article_id else None
    state, shown = "failed", None
    if last.kind != "article":
        state = "failed" if failure else "kept"
    elif failure is None and last.status == 304 and version:
        state, shown = "unchanged", version
        _clear_gone(connection, article_id)
    elif failure is None and last.status in GONE:
        state, failure = "gone", f"HTTP {last.status}"
        if article_id:
            connection.execute(
                update(ArticleRow)
                .where(ArticleRow.id == article_id, ArticleRow.gone_at.is_(None))
                .values(gone_at=last.captured_at)
            )
    elif failure is None:
        raise ValueError(f"{last.url}: no article and no failure; say why it was not read")
    ids = _insert_captures(
        connection,
        crawl_id,
        visit,
        article_id=article_id,
        version_id=shown.id if shown else None,
        failure=failure,
    )
    if last.kind == "article":
        _settle(connection, visit, last.status, failure, article_id)
    return Added(
        state=state,  # type: ignore[arg-type]
        article_id=article_id,
        version=shown.number if shown else None,
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
    article_id = _article_row(connection, article, visit)
    ids = _insert_captures(connection, crawl_id, visit, article_id=article_id)
    pages = [(n, f.capture) for n, f in zip(ids, visit, strict=True) if f.capture.page is not None]
    added = place_article(
        connection,
        article_id,
        article,
        page_ids=[number for number, _ in pages],
        capture_ids=ids,
        captured_at=pages[0][1].captured_at,
        reread=reread,
    )
    _clear_gone(connection, article_id)
    _settle(connection, visit, visit[-1].capture.status, None, article_id)
    return added


def place_article(
    connection: Connection,
    article_id: int,
    article: Article,
    *,
    page_ids: Sequence[int],
    capture_ids: Sequence[int],
    captured_at: dt.datetime,
    reread: Reread | None,
) -> Added:
    """Decide whether stored captures show the latest version, another one, or a suspect."""
    digest = content_digest(article)
    latest = latest_version(connection, article_id)
    number = version_id = None
    is_new_reading = False
    if latest is None:
        state, number = "new", 1
    else:
        readings = readings_of(connection, latest.id)
        is_new_reading = _add_reread(connection, latest, readings, article, reread)
        if is_new_reading:
            readings = readings_of(connection, latest.id)
        state = _compare(connection, article_id, latest, readings, article, digest, captured_at)
        if state == "unchanged":
            number, version_id = latest.number, latest.id
            if article.reader not in readings:
                _insert_reading(connection, latest.id, article, digest, page_ids)
                is_new_reading = True
        elif state == "changed":
            number = latest.number + 1
    if state in ("new", "changed"):
        assert number is not None
        version_id = _insert_version(connection, article_id, number, digest, captured_at)
        _insert_reading(connection, version_id, article, digest, page_ids)
        is_new_reading = True
        _link_suspects(connection, article_id, article.reader, digest, version_id)
    connection.execute(
        update(CaptureRow)
        .where(CaptureRow.id.in_(capture_ids))
        .values(
            article_id=article_id,
            version_id=version_id,
            digest=digest,
            reader=article.reader,
            layout=article.layout,
            is_suspect=state == "suspect",
            failure=None,
        )
    )
    return Added(
        state=state,  # type: ignore[arg-type]
        article_id=article_id,
        version=number,
        capture_ids=tuple(capture_ids),
        is_new_reading=is_new_reading,
    )


def _add_reread(
    connection: Connection,
    latest: LatestRow,
    readings: dict[str, ReaderRow],
    article: Article,
    reread: Reread | None,
) -> bool:
    """Make today's reading of the latest version a row, so that digests can be compared."""
    if article.reader in readings:
        return False
    if reread is None or reread.version_id != latest.id:
        raise ReaderMismatch(
            f"{article.url}: version {latest.number} was read by {', '.join(readings)}, this"
            f" article by {article.reader}; open the archive with `reread=` so that the stored"
            " captures can be read by today's rules"
        )
    if reread.article is None or reread.article.reader in readings:
        return False
    insert_reading(connection, latest.id, reread.article)
    return True


def insert_reading(connection: Connection, version_id: int, article: Article) -> None:
    """Another reading of a version from the captures of its newest reading."""
    page_ids = page_captures(connection, version_id)
    _insert_reading(connection, version_id, article, content_digest(article), page_ids)


def _compare(
    connection: Connection,
    article_id: int,
    latest: LatestRow,
    readings: dict[str, ReaderRow],
    article: Article,
    digest: str,
    captured_at: dt.datetime,
) -> str:
    same_reader = readings.get(article.reader)
    known = [same_reader] if same_reader else list(readings.values())
    if digest in {reading.digest for reading in known}:
        return "unchanged"
    if captured_at < latest.captured_at:
        return "older"
    before = same_reader or known[-1]
    shrunk = len(article.text) < SHRUNK * before.text_length
    if (same_reader is None or shrunk) and not _is_confirmed(
        connection, article_id, article.reader, digest, latest.captured_at
    ):
        return "suspect"
    return "changed"


def _is_confirmed(
    connection: Connection, article_id: int, reader: str, digest: str, since: dt.datetime
) -> bool:
    """Whether an earlier visit since the latest version already showed this content."""
    return (
        connection.scalar(
            select(CaptureRow.id)
            .where(
                CaptureRow.article_id == article_id,
                CaptureRow.is_suspect.is_(True),
                CaptureRow.reader == reader,
                CaptureRow.digest == digest,
                CaptureRow.captured_at >= since,
            )
            .limit(1)
        )
        is not None
    )


def _link_suspects(
    connection: Connection, article_id: int, reader: str, digest: str, version_id: int
) -> None:
    connection.execute(
        update(CaptureRow)
        .where(
            CaptureRow.article_id == article_id,
            CaptureRow.is_suspect.is_(True),
            CaptureRow.reader == reader,
            CaptureRow.digest == digest,
            CaptureRow.version_id.is_(None),
        )
        .values(version_id=version_id, is_suspect=False)
    )


def _article_urls(visit: Sequence[Fetched]) -> list[str]:
    """Addresses of page 1 and its redirect hops, the one asked for first."""
    return [f.capture.url for f in visit if f.capture.page in (None, 1)]


def _article_row(connection: Connection, article: Article, visit: Sequence[Fetched]) -> int:
    """The article's id, its row locked; other addresses become aliases, a move keeps the id."""
    urls = _article_urls(visit)
    key = url_key(article.url)
    article_id = find_article(connection, [article.url, *urls])
    if article_id is None:
        row = {
            "portal": article.portal,
            "url": article.url,
            "url_key": key,
            "first_seen_at": visit[0].capture.captured_at,
        }
        insert_new(connection, ArticleRow, [row])
        article_id = connection.scalar(select(ArticleRow.id).where(ArticleRow.url_key == key))
        assert article_id is not None
    current = connection.execute(
        select(ArticleRow.url, ArticleRow.url_key)
        .where(ArticleRow.id == article_id)
        .with_for_update()
    ).one()
    others = {url_key(url): url for url in urls}
    if current.url_key != key and not connection.scalar(
        select(AliasRow.id).where(AliasRow.url_key == key)
    ):
        others[current.url_key] = current.url  # moved: the old address becomes an alias
        connection.execute(
            update(ArticleRow)
            .where(ArticleRow.id == article_id)
            .values(url=article.url, url_key=key)
        )
    keys = connection.scalars(
        select(ArticleRow.url_key).where(ArticleRow.url_key.in_(others))
    ).all()
    aliases = [
        {
            "article_id": article_id,
            "url": url,
            "url_key": other,
            "first_seen_at": visit[0].capture.captured_at,
        }
        for other, url in others.items()
        if other not in keys
    ]
    insert_new(connection, AliasRow, aliases)
    return article_id


def _clear_gone(connection: Connection, article_id: int | None) -> None:
    connection.execute(
        update(ArticleRow)
        .where(ArticleRow.id == article_id, ArticleRow.gone_at.is_not(None))
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
    }


def _insert_version(
    connection: Connection, article_id: int, number: int, digest: str, captured_at: dt.datetime
) -> int:
    values = {
        "article_id": article_id,
        "number": number,
        "digest": digest,
        "captured_at": captured_at,
        "recorded_at": now(),
    }
    return connection.execute(
        insert(VersionRow).values(values).returning(VersionRow.id)
    ).scalar_one()


def _insert_reading(
    connection: Connection, version_id: int, article: Article, digest: str, page_ids: Sequence[int]
) -> None:
    origin = article.origin
    values = {name: getattr(article, name) for name in SAME_NAME} | {
        "version_id": version_id,
        "recorded_at": now(),
        "digest": digest,
        "text_length": len(article.text),
        "posted_at": article.posted_at,
        "posted_date": article.posted_date,
        "published_at": article.published_at,
        "published_date": article.published_date,
        "origin_medium": origin.medium if origin else None,
        "origin_date": origin.date if origin else None,
        "origin_page": origin.page if origin else None,
        "origin_raw": origin.raw if origin else None,
    }
    reading_id = connection.execute(
        insert(ReadingRow).values(values).returning(ReadingRow.id)
    ).scalar_one()
    people = [{"name": name, "role": "author"} for name in article.authors]
    people += [{"name": name, "role": "editor"} for name in article.editors]
    parts: list[tuple[type[Table], list[dict[str, Any]]]] = [
        (ReadingCaptureRow, [{"capture_id": capture_id} for capture_id in page_ids]),
        (AuthorRow, people),
        (BlockRow, _fields(article.blocks, "kind", "text", "start", "end", "level")),
        (LinkRow, _fields(article.links, "url", "text")),
        (ImageRow, _fields(article.images, "url", "alt", "caption")),
        (AttachmentRow, _fields(article.attachments, "url", "name")),
    ]
    for table, rows in parts:
        if rows:
            keyed = [
                {"reading_id": reading_id, "ordinal": ordinal} | row
                for ordinal, row in enumerate(rows)
            ]
            connection.execute(insert(table), keyed)


def _fields(records: Sequence[object], *names: str) -> list[dict[str, Any]]:
    return [{name: getattr(record, name) for name in names} for record in records]


def _settle(
    connection: Connection,
    visit: Sequence[Fetched],
    status: int,
    failure: str | None,
    article_id: int | None,
) -> None:
    """Tell the ledger what became of the URL it listed."""
    at = now()
    values: dict[str, Any] = {
        "tries": LedgerRow.tries + 1,
        "tried_at": at,
        "last_status": status,
        "failure": failure,
        "article_id": article_id,
        "state": "failed" if failure else "done",
    }
    if failure is None:
        values["done_at"] = at
    keys = {url_key(url) for url in _article_urls(visit)}
    connection.execute(update(LedgerRow).where(LedgerRow.url_key.in_(keys)).values(values))
