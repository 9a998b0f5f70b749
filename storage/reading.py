"""Rows back into records: articles, versions and captures as ``storage.record`` defines them.

Called by ``Archive``'s reading methods.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.record import (
    SHANGHAI,
    Article,
    Attachment,
    Block,
    Image,
    Link,
    Origin,
    StoredArticle,
    StoredCapture,
    Version,
)
from storage.schema import (
    AliasRow,
    ArticleRow,
    AttachmentRow,
    AuthorRow,
    BlockRow,
    CaptureRow,
    ImageRow,
    LinkRow,
    ReadingCaptureRow,
    ReadingPart,
    ReadingRow,
    VersionRow,
)

# Fields an article and its reading's row have under the same name; dates are derived.
SAME_NAME = (
    "reader", "url", "portal", "layout", "channel", "title", "title_main", "column_tag", "kicker",
    "subtitle", "byline", "byline_role", "source", "source_url", "uploader", "posted_precision",
    "published_precision", "published_basis", "media_kind", "page_count", "encoding",
    "decode_errors",
)  # fmt: skip


def read_versions(connection: Connection, article_id: int) -> list[Version]:
    """All versions of an article, the first one first."""
    rows = connection.execute(
        select(VersionRow.__table__)
        .where(VersionRow.article_id == article_id)
        .order_by(VersionRow.number)
    ).all()
    return [_version(connection, row) for row in rows]


def read_version(connection: Connection, version_id: int) -> Version:
    """One version by its row id."""
    row = connection.execute(select(VersionRow.__table__).where(VersionRow.id == version_id)).one()
    return _version(connection, row)


def read_identity(connection: Connection, article_id: int) -> StoredArticle:
    """The article's identity with its aliases, oldest first."""
    row = connection.execute(select(ArticleRow.__table__).where(ArticleRow.id == article_id)).one()
    aliases = connection.scalars(
        select(AliasRow.url).where(AliasRow.article_id == article_id).order_by(AliasRow.id)
    )
    return StoredArticle(
        id=row.id,
        portal=row.portal,
        url=row.url,
        aliases=tuple(aliases),
        first_seen_at=row.first_seen_at,
        gone_at=row.gone_at,
    )


def page_captures(connection: Connection, version_id: int) -> list[int]:
    """Ids of the captures the version's newest reading was read from, in page order."""
    newest = select(func.max(ReadingRow.id)).where(ReadingRow.version_id == version_id)
    return list(
        connection.scalars(
            select(ReadingCaptureRow.capture_id)
            .where(ReadingCaptureRow.reading_id == newest.scalar_subquery())
            .order_by(ReadingCaptureRow.ordinal)
        )
    )


def stored_capture(row: Row[Any]) -> StoredCapture:
    """A capture's record from a row of ``select(CaptureRow.__table__)``."""
    values: dict[str, Any] = {name: getattr(row, name) for name in StoredCapture.__slots__}
    return StoredCapture(**(values | {"visit": str(row.visit)}))


def _version(connection: Connection, row: Row[Any]) -> Version:
    readings = connection.execute(
        select(ReadingRow.__table__).where(ReadingRow.version_id == row.id).order_by(ReadingRow.id)
    ).all()
    captures = connection.scalar(
        select(func.count()).select_from(CaptureRow).where(CaptureRow.version_id == row.id)
    )
    return Version(
        id=row.id,
        article_id=row.article_id,
        number=row.number,
        digest=row.digest,
        captured_at=row.captured_at,
        recorded_at=row.recorded_at,
        readers=tuple(reading.reader for reading in readings),
        captures=captures or 0,
        article=_article(connection, readings[-1]),
    )


def _article(connection: Connection, row: Row[Any]) -> Article:
    people = _parts(connection, AuthorRow, row.id)
    origin = None
    if row.origin_medium is not None:
        origin = Origin(
            medium=row.origin_medium,
            date=row.origin_date,
            page=row.origin_page,
            raw=row.origin_raw,
        )
    return Article(
        **{name: getattr(row, name) for name in SAME_NAME},
        posted_at=row.posted_at.astimezone(SHANGHAI) if row.posted_at else None,
        published_at=row.published_at.astimezone(SHANGHAI) if row.published_at else None,
        origin=origin,
        authors=tuple(person.name for person in people if person.role == "author"),
        editors=tuple(person.name for person in people if person.role == "editor"),
        blocks=tuple(
            Block(kind=b.kind, text=b.text, start=b.start, end=b.end, level=b.level)
            for b in _parts(connection, BlockRow, row.id)
        ),
        links=tuple(Link(url=p.url, text=p.text) for p in _parts(connection, LinkRow, row.id)),
        images=tuple(
            Image(url=p.url, alt=p.alt, caption=p.caption)
            for p in _parts(connection, ImageRow, row.id)
        ),
        attachments=tuple(
            Attachment(url=p.url, name=p.name) for p in _parts(connection, AttachmentRow, row.id)
        ),
    )


def _parts(connection: Connection, table: type[Any], reading_id: int) -> Sequence[Row[Any]]:
    assert issubclass(table, ReadingPart)
    return connection.execute(
        select(table.__table__)  # type: ignore[attr-defined]
        .where(table.reading_id == reading_id)
        .order_by(table.ordinal)
    ).all()
