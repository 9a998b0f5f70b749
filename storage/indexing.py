"""The search index: kept in the transaction of every reading, made for what has none yet.

Called by ``storage.chain`` for each new reading, by ``storage.opening`` after a migration, and by
whoever withdraws an article. One entry a version, of its current reading.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from storage.derived import SearchEntryRow
from storage.record import Article, calendar_date
from storage.schema import ArticleRow, BlockRow, ReadingRow, VersionRow
from storage.tokens import BOUNDARY, fold, lexemes, placed_text

_BATCH = 200  # versions indexed at once while an archive is upgraded
_ARTICLE_BITS = 41  # an article's number in a position; the days of the calendar take 22 more
# A tsvector holds 1 MB of lexemes; a text of more different ones is found by comparing it.
_MAX_LEXEME_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What is searched of a reading: its title and the texts of all its blocks, folded."""

    version_id: int
    title: str
    blocks: list[str]


def position(day: dt.date, article_id: int) -> int:
    """The place of an article in the order of dates, then numbers; no two articles share one."""
    return (day.toordinal() << _ARTICLE_BITS) | article_id


def article_of(place: int) -> int:
    """The article's number in a ``position``."""
    return place & ((1 << _ARTICLE_BITS) - 1)


def day_column() -> Any:
    """The date of an entry as an ordinal, in SQL."""
    return SearchEntryRow.position.op(">>")(literal_column(str(_ARTICLE_BITS), Integer))


def index_reading(
    connection: Connection, version_id: int, reading_id: int, article: Article
) -> None:
    """Make a reading just inserted, the newest of its version, the one that search finds."""
    version = connection.execute(
        select(VersionRow.article_id, VersionRow.number, VersionRow.captured_at).where(
            VersionRow.id == version_id
        )
    ).one()
    # A version and a reading of the one before it may be added at the same time.
    connection.execute(
        select(ArticleRow.id).where(ArticleRow.id == version.article_id).with_for_update()
    )
    _remove(connection, [version_id])
    portal = connection.scalar(select(ArticleRow.portal).where(ArticleRow.id == version.article_id))
    last = select(func.max(VersionRow.number)).where(VersionRow.article_id == version.article_id)
    is_latest = connection.scalar(last) == version.number
    if is_latest:
        connection.execute(
            update(SearchEntryRow)
            .where(
                SearchEntryRow.article_id == version.article_id, SearchEntryRow.is_latest.is_(True)
            )
            .values(is_latest=False)
        )
    entry = _entry(
        version_id,
        reading_id,
        version.article_id,
        is_latest,
        portal,
        version.captured_at,
        article,
    )
    connection.execute(insert(SearchEntryRow).values(entry))
    texts = [block.text for block in article.blocks]
    _insert_texts(connection, [_folded(version_id, article.title, texts)])


def unindex(connection: Connection, article_id: int) -> None:
    """Take an article out of search; its readings must still be there.

    On SQLite the tokens stay in the file, marked as deleted, until it is merged: an erasure does.
    """
    ids = connection.scalars(
        select(SearchEntryRow.version_id).where(SearchEntryRow.article_id == article_id)
    ).all()
    _remove(connection, ids)


def reindex(connection: Connection, article_id: int) -> None:
    """Make the entries of an article anew from its stored readings."""
    unindex(connection, article_id)
    versions = select(VersionRow.id).where(VersionRow.article_id == article_id)
    _index_versions(connection, connection.scalars(versions).all())


def index_missing(connection: Connection) -> int:
    """Index every version that has no entry and is not withdrawn; how many there were."""
    indexed = select(SearchEntryRow.version_id)
    query = (
        select(VersionRow.id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(VersionRow.id.not_in(indexed), ArticleRow.withdrawn_at.is_(None))
        .order_by(VersionRow.id)
    )
    missing = connection.scalars(query).all()
    for start in range(0, len(missing), _BATCH):
        _index_versions(connection, missing[start : start + _BATCH])
    return len(missing)


def _index_versions(connection: Connection, version_ids: Sequence[int]) -> None:
    """Enter versions that have no entry, from their current readings."""
    newest = (
        select(func.max(ReadingRow.id))
        .where(ReadingRow.version_id.in_(version_ids))
        .group_by(ReadingRow.version_id)
    )
    later = aliased(VersionRow)
    is_last = ~exists().where(
        later.article_id == VersionRow.article_id, later.number > VersionRow.number
    )
    rows = connection.execute(
        select(ReadingRow.__table__, VersionRow.article_id, VersionRow.captured_at)
        .add_columns(ArticleRow.portal.label("of_article"))
        .add_columns(is_last.label("is_latest"))
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ReadingRow.id.in_(newest))
        .order_by(ReadingRow.version_id)
    ).all()
    if not rows:
        return
    entries = [
        _entry(
            row.version_id,
            row.id,
            row.article_id,
            bool(row.is_latest),
            row.of_article,
            row.captured_at,
            row,
        )
        for row in rows
    ]
    connection.execute(insert(SearchEntryRow), entries)
    _insert_texts(connection, _stored_texts(connection, [row.version_id for row in rows]))


def _entry(
    version_id: int,
    reading_id: int,
    article_id: int,
    is_latest: bool,
    portal: str | None,
    captured_at: dt.datetime,
    read: Any,
) -> dict[str, Any]:
    """An entry's row; ``read`` is the article or its reading's row."""
    captured_date = calendar_date(captured_at)
    assert captured_date is not None
    day = read.published_date or read.posted_date or captured_date
    return {
        "version_id": version_id,
        "article_id": article_id,
        "reading_id": reading_id,
        "is_latest": is_latest,
        "position": position(day, article_id),
        "portal": portal,
        "source": read.source,
        "channel": read.channel,
        "layout": read.layout,
        "published_date": read.published_date,
        "posted_date": read.posted_date,
        "captured_date": captured_date,
    }


def _remove(connection: Connection, version_ids: Sequence[int]) -> None:
    """Take versions out; FTS5 has to be told the tokens that it holds for them."""
    if not version_ids:
        return
    if connection.dialect.name == "sqlite":
        stored = _stored_texts(connection, version_ids)
        rows = [_fts5_row(known) for known in stored]
        if rows:
            connection.execute(
                text(
                    "INSERT INTO search_index (search_index, rowid, title, body)"
                    " VALUES ('delete', :id, :title, :body)"
                ),
                rows,
            )
    else:
        connection.execute(
            text("DELETE FROM search_index WHERE version_id = ANY(:ids)"),
            {"ids": list(version_ids)},
        )
    connection.execute(delete(SearchEntryRow).where(SearchEntryRow.version_id.in_(version_ids)))


def _stored_texts(connection: Connection, version_ids: Sequence[int]) -> list[_Text]:
    """The texts of the readings that versions are, or are to be, entered with."""
    readings = connection.execute(
        select(ReadingRow.id, ReadingRow.version_id, ReadingRow.title)
        .join(SearchEntryRow, SearchEntryRow.reading_id == ReadingRow.id)
        .where(SearchEntryRow.version_id.in_(version_ids))
        .order_by(ReadingRow.version_id)
    ).all()
    blocks: dict[int, list[str]] = {reading.id: [] for reading in readings}
    for block in connection.execute(
        select(BlockRow.reading_id, BlockRow.text)
        .where(BlockRow.reading_id.in_(blocks))
        .order_by(BlockRow.reading_id, BlockRow.ordinal)
    ):
        blocks[block.reading_id].append(block.text)
    return [_folded(row.version_id, row.title, blocks[row.id]) for row in readings]


def _folded(version_id: int, title: str | None, blocks: Sequence[str]) -> _Text:
    return _Text(version_id=version_id, title=fold(title or ""), blocks=[fold(b) for b in blocks])


def _insert_texts(connection: Connection, texts: Sequence[_Text]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("INSERT INTO search_index (rowid, title, body) VALUES (:id, :title, :body)"),
            [_fts5_row(known) for known in texts],
        )
    else:
        connection.execute(
            text(
                "INSERT INTO search_index (version_id, title, body, tokens)"
                " VALUES (:id, :title, :body, array_to_tsvector(:lexemes))"
            ),
            [_postgresql_row(known) for known in texts],
        )


def _fts5_row(known: _Text) -> dict[str, Any]:
    return {
        "id": known.version_id,
        "title": placed_text([known.title]),
        "body": placed_text(known.blocks),
    }


def _postgresql_row(known: _Text) -> dict[str, Any]:
    found: list[str] | None = lexemes([known.title, *known.blocks])
    if found and sum(len(lexeme.encode()) for lexeme in found) > _MAX_LEXEME_BYTES:
        found = None
    return {
        "id": known.version_id,
        "title": known.title,
        "body": BOUNDARY.join(known.blocks),
        "lexemes": found,
    }
