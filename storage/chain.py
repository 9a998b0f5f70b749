"""The version chain: whether stored captures show the latest version, another one, or a suspect.

Called by ``storage.writing`` with the article's row locked. The rules: equal digest, no version;
another content by the same reader, a version; another content by another reader or layout or of
less than half the text, a suspect until a second visit agrees.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Cast, Connection, Row, case, cast, insert, select, update

from storage.clock import now, recording_time
from storage.digest import content_digest
from storage.errors import ReaderMismatch
from storage.former import remember_captures
from storage.indexing import index_reading
from storage.policy import insert_policy
from storage.reading import SAME_NAME, page_captures
from storage.record import Added, Article
from storage.reprint_links import link_reading
from storage.schema import (
    AttachmentRow,
    AuthorRow,
    BlockRow,
    CaptureRow,
    ImageRow,
    Key,
    LinkRow,
    ReadingCaptureRow,
    ReadingRow,
    Table,
    VersionRow,
)

LatestRow = Row[int, int, dt.datetime, str]  # id, number, captured_at, digest
ReaderRow = Row[str, int, str, str, int]  # reader, id, digest, layout, text_length

SHRUNK = 0.5  # a text below this share of the last version's makes a suspect (HOUSE, section 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """The latest version as today's rules read its stored captures; ``None`` when they cannot."""

    version_id: int
    article: Article | None


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
    """Say what the captures show and write version and readings accordingly."""
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
                known = _with_channel(connection, latest.id, article)
                _insert_reading(connection, latest.id, known, digest, page_ids)
                is_new_reading = True
        elif state == "changed":
            number = latest.number + 1
    if state in ("new", "changed"):
        assert number is not None
        version_id = _insert_version(connection, article_id, number, digest, captured_at)
        _insert_reading(connection, version_id, article, digest, page_ids)
        is_new_reading = True
    if latest is not None and state == "changed":
        _link_suspects(
            connection, article_id, article.reader, digest, latest.captured_at, version_id
        )
    connection.execute(
        update(CaptureRow)
        .where(CaptureRow.id.in_(capture_ids))
        .values(
            article_id=article_id,
            version_id=_pages_only(version_id),
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


def insert_reading(connection: Connection, version_id: int, article: Article) -> None:
    """Another reading of a version from the captures of its newest reading."""
    page_ids = page_captures(connection, version_id)
    known = _with_channel(connection, version_id, article)
    _insert_reading(connection, version_id, known, content_digest(article), page_ids)


def _pages_only(version_id: int | None) -> Cast[int | None]:
    """The version for captures that are pages; a redirect hop shows none."""
    return cast(case((CaptureRow.page.is_not(None), version_id), else_=None), Key)


def _with_channel(connection: Connection, version_id: int, article: Article) -> Article:
    """The article with the channel its version is known to stand in, when it says none itself.

    Only a listing names the channel; a page fetched or read again without one does not lose it.
    """
    if article.channel is not None:
        return article
    known = connection.scalar(
        select(ReadingRow.channel)
        .where(ReadingRow.version_id == version_id, ReadingRow.channel.is_not(None))
        .order_by(ReadingRow.id.desc())
        .limit(1)
    )
    return replace(article, channel=known) if known else article


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
    # A latest version from a time to come was captured by a wrong clock; then the order of commits
    # is the order of contents.
    is_after_all = latest.captured_at > now()
    if captured_at < latest.captured_at and not is_after_all:
        return "older"
    before = same_reader or known[-1]
    is_other_layout = same_reader is None or same_reader.layout != article.layout
    has_shrunk = len(article.text) < SHRUNK * before.text_length
    if (is_other_layout or has_shrunk) and not _is_confirmed(
        connection, article_id, article.reader, digest, latest.captured_at
    ):
        return "suspect"
    return "changed"


def _is_confirmed(
    connection: Connection, article_id: int, reader: str, digest: str, since: dt.datetime
) -> bool:
    """Whether an earlier visit since the latest version already showed this content."""
    suspects = _suspects(article_id, reader, digest, since)
    return connection.scalar(select(CaptureRow.id).where(*suspects).limit(1)) is not None


def _link_suspects(
    connection: Connection,
    article_id: int,
    reader: str,
    digest: str,
    since: dt.datetime,
    version_id: int | None,
) -> None:
    """The captures that were suspected of this version show it."""
    suspects = select(CaptureRow.id).where(*_suspects(article_id, reader, digest, since))
    if ids := connection.scalars(suspects).all():
        remember_captures(connection, ids)
        connection.execute(
            update(CaptureRow)
            .where(CaptureRow.id.in_(ids))
            .values(version_id=_pages_only(version_id), is_suspect=False)
        )


def _suspects(article_id: int, reader: str, digest: str, since: dt.datetime) -> list[Any]:
    if since > now():
        since = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return [
        CaptureRow.article_id == article_id,
        CaptureRow.is_suspect.is_(True),
        CaptureRow.reader == reader,
        CaptureRow.digest == digest,
        CaptureRow.captured_at >= since,
    ]


def _insert_version(
    connection: Connection, article_id: int, number: int, digest: str, captured_at: dt.datetime
) -> int:
    values = {
        "article_id": article_id,
        "number": number,
        "digest": digest,
        "captured_at": captured_at,
        "recorded_at": recording_time(connection),
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
        "recorded_at": recording_time(connection),
        "digest": digest,
        "text_length": len(article.text),
        "interpretation_type": article.interpretation_type,
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
    insert_policy(connection, reading_id, article.policy)
    index_reading(connection, version_id)
    texts = [block.text for block in article.blocks if block.kind != "caption"]
    link_reading(connection, version_id, reading_id, texts)


def _fields(records: Sequence[object], *names: str) -> list[dict[str, Any]]:
    return [{name: getattr(record, name) for name in names} for record in records]
