"""Rows back into records: articles, versions and captures as ``storage.record`` defines them.

Called by ``Archive``'s reading methods.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, select

from storage.errors import VersionNotFound
from storage.identity import url_key
from storage.policy import read_policy
from storage.record import (
    SHANGHAI,
    Article,
    Attachment,
    Block,
    CurrentReading,
    Image,
    Link,
    Origin,
    StoredArticle,
    StoredCapture,
    Validators,
    Version,
)
from storage.rows import is_row_id
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


_FILE = (CaptureRow.kind.in_(("attachment", "image")),)


def read_versions(
    connection: Connection, article_id: int, number: int | None = None
) -> list[Version]:
    """All versions of an article, the first one first, or the one of a number."""
    query = select(VersionRow.__table__).where(VersionRow.article_id == article_id)
    if number is not None:
        query = query.where(VersionRow.number == number)
    rows = connection.execute(query.order_by(VersionRow.number)).all()
    return [_version(connection, row) for row in rows]


def read_version(connection: Connection, version_id: int) -> Version:
    """One version by its row id, or ``VersionNotFound``."""
    row = None
    if is_row_id(version_id):
        row = connection.execute(
            select(VersionRow.__table__).where(VersionRow.id == version_id)
        ).one_or_none()
    if row is None:
        raise VersionNotFound(f"no version has the row id {version_id}")
    return _version(connection, row)


def read_current(connection: Connection, article_id: int) -> CurrentReading | None:
    """By whom the latest version was read last."""
    row = connection.execute(
        select(
            VersionRow.id,
            VersionRow.number,
            ReadingRow.portal,
            ReadingRow.layout,
            ReadingRow.reader,
        )
        .join(ReadingRow, ReadingRow.version_id == VersionRow.id)
        .where(VersionRow.article_id == article_id)
        .order_by(VersionRow.number.desc(), ReadingRow.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return CurrentReading(
        version_id=row.id,
        number=row.number,
        portal=row.portal,
        layout=row.layout,
        reader=row.reader,
    )


def read_identities(connection: Connection, article_ids: Sequence[int]) -> list[StoredArticle]:
    """The articles' identities by ascending number, each with its aliases, oldest first."""
    aliases: dict[int, list[str]] = {}
    for alias in connection.execute(
        select(AliasRow.article_id, AliasRow.url)
        .where(AliasRow.article_id.in_(article_ids))
        .order_by(AliasRow.id)
    ):
        aliases.setdefault(alias.article_id, []).append(alias.url)
    rows = connection.execute(
        select(ArticleRow.__table__).where(ArticleRow.id.in_(article_ids)).order_by(ArticleRow.id)
    )
    return [
        StoredArticle(
            id=row.id,
            portal=row.portal,
            url=row.url,
            aliases=tuple(aliases.get(row.id, ())),
            first_seen_at=row.first_seen_at,
            gone_at=row.gone_at,
            checked_at=row.checked_at,
            recheck_at=row.recheck_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]


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


def read_validators(connection: Connection, version_id: int, url: str) -> Validators | None:
    """Those of the newest whole capture that showed the version at ``url``, if it had any.

    A version of several pages has none: its first page says nothing of the others.
    """
    if len(page_captures(connection, version_id)) != 1:
        return None
    row = connection.execute(
        select(CaptureRow.id, CaptureRow.etag, CaptureRow.last_modified)
        .where(
            CaptureRow.version_id == version_id,
            CaptureRow.url_key == url_key(url),
            CaptureRow.status == 200,
            CaptureRow.truncated.is_(None),
        )
        .order_by(CaptureRow.captured_at.desc(), CaptureRow.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or not (row.etag or row.last_modified):
        return None
    return Validators(
        capture_id=row.id, version_id=version_id, etag=row.etag, last_modified=row.last_modified
    )


def read_counts(connection: Connection) -> dict[str, int]:
    """How many articles, versions, readings and captures there are, but of withdrawn articles."""
    is_open = ArticleRow.withdrawn_at.is_(None)
    versions = select(func.count()).select_from(VersionRow).join(ArticleRow).where(is_open)
    captures = select(func.count()).select_from(CaptureRow).outerjoin(ArticleRow)
    queries = {
        "articles": select(func.count()).select_from(ArticleRow).where(is_open),
        "versions": versions,
        "readings": versions.join(ReadingRow, ReadingRow.version_id == VersionRow.id),
        "captures": captures.where(is_open),  # listings are of no article
    }
    return {name: connection.scalar(query) or 0 for name, query in queries.items()}


def read_version_ids(
    connection: Connection, portal: str | None, since: dt.datetime | None
) -> list[int]:
    """Row ids of versions, oldest first: of one portal, captured since a time; none withdrawn."""
    query = select(VersionRow.id).join(ArticleRow).order_by(VersionRow.id)
    query = query.where(ArticleRow.withdrawn_at.is_(None))
    if portal is not None:
        query = query.where(ArticleRow.portal == portal)
    if since is not None:
        query = query.where(VersionRow.captured_at >= since)
    return list(connection.scalars(query))


def read_unread_visits(
    connection: Connection, portal: str | None, since: dt.datetime | None
) -> list[tuple[str, str | None, list[int]]]:
    """Visits whose pages all came with status 200 and gave no article: (visit, portal, ids)."""
    unread = [
        CaptureRow.failure.is_not(None),
        CaptureRow.version_id.is_(None),
        CaptureRow.is_suspect.is_(False),
        CaptureRow.kind == "article",
        CaptureRow.page.is_not(None),
        is_open(),
    ]
    if portal is not None:
        unread.append(CaptureRow.portal == portal)
    if since is not None:
        unread.append(CaptureRow.captured_at >= since)
    whole = (
        select(CaptureRow.visit, func.min(CaptureRow.id).label("first"))
        .where(*unread)
        .group_by(CaptureRow.visit)
        .having(func.min(CaptureRow.status) == 200, func.max(CaptureRow.status) == 200)
        .subquery()
    )
    query = (
        select(CaptureRow.visit, CaptureRow.portal, CaptureRow.id)
        .join(whole, CaptureRow.visit == whole.c.visit)
        .where(CaptureRow.page.is_not(None))
        .order_by(whole.c.first, CaptureRow.id)
    )
    visits: dict[UUID, tuple[str, str | None, list[int]]] = {}
    for row in connection.execute(query):
        visits.setdefault(row.visit, (str(row.visit), row.portal, []))[2].append(row.id)
    return list(visits.values())


def read_file(connection: Connection, url: str) -> StoredCapture | None:
    """The newest whole capture of an attachment or image, unless it is withdrawn."""
    query = (
        select(CaptureRow.__table__)
        .where(*_FILE, CaptureRow.url_key == url_key(url), CaptureRow.failure.is_(None))
        .where(CaptureRow.status == 200, CaptureRow.truncated.is_(None), is_open())
        .order_by(CaptureRow.captured_at.desc(), CaptureRow.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return stored_capture(row) if row else None


def read_file_validators(connection: Connection, url: str) -> Validators | None:
    """Those of the newest capture of an attachment or image, if it had any."""
    kept = read_file(connection, url)
    if kept is None or not (kept.etag or kept.last_modified):
        return None
    return Validators(
        capture_id=kept.id, version_id=None, etag=kept.etag, last_modified=kept.last_modified
    )


def count_file_failures(connection: Connection, url: str) -> int:
    """How often asking for an attachment or image brought something else."""
    failed = (*_FILE, CaptureRow.url_key == url_key(url), CaptureRow.failure.is_not(None))
    return connection.scalar(select(func.count(CaptureRow.visit.distinct())).where(*failed)) or 0


def find_capture(connection: Connection, url: str, captured_at: dt.datetime) -> int | None:
    """The id of the capture of ``url`` taken at that very time, if it is here."""
    return connection.scalar(
        select(func.min(CaptureRow.id)).where(
            CaptureRow.url_key == url_key(url), CaptureRow.captured_at == captured_at
        )
    )


def read_visit(connection: Connection, capture_id: int | None) -> list[StoredCapture]:
    """All captures of the visit that one capture belongs to, in the order they were fetched."""
    visit = select(CaptureRow.visit).where(CaptureRow.id == capture_id).scalar_subquery()
    query = select(CaptureRow.__table__).where(CaptureRow.visit == visit).order_by(CaptureRow.id)
    return [stored_capture(row) for row in connection.execute(query)]


def is_open() -> ColumnElement[bool]:
    """That a capture is no withdrawn article's."""
    withdrawn = select(ArticleRow.id).where(ArticleRow.withdrawn_at.is_not(None))
    return CaptureRow.article_id.is_(None) | CaptureRow.article_id.not_in(withdrawn)


def stored_capture(row: Row[Any]) -> StoredCapture:
    """A capture's record from a row of ``select(CaptureRow.__table__)``."""
    values: dict[str, Any] = {name: getattr(row, name) for name in StoredCapture.__slots__}
    return StoredCapture(**(values | {"visit": str(row.visit)}))


def _version(connection: Connection, row: Row[Any]) -> Version:
    readings = connection.execute(
        select(ReadingRow.__table__).where(ReadingRow.version_id == row.id).order_by(ReadingRow.id)
    ).all()
    shown = connection.execute(
        select(
            func.count().label("captures"), func.count(CaptureRow.visit.distinct()).label("visits")
        ).where(CaptureRow.version_id == row.id)
    ).one()
    return Version(
        id=row.id,
        article_id=row.article_id,
        number=row.number,
        digest=row.digest,
        captured_at=row.captured_at,
        recorded_at=row.recorded_at,
        readers=tuple(reading.reader for reading in readings),
        visits=shown.visits,
        captures=shown.captures,
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
        policy=read_policy(connection, row.id),
    )


def _parts(connection: Connection, table: type[Any], reading_id: int) -> Sequence[Row[Any]]:
    assert issubclass(table, ReadingPart)
    return connection.execute(
        select(table.__table__)  # type: ignore[attr-defined]
        .where(table.reading_id == reading_id)
        .order_by(table.ordinal)
    ).all()
