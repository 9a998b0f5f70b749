"""The search index: kept in the transaction of every reading, made for what has none yet.

Called by ``storage.chain`` for each new reading, by ``storage.opening`` after a migration, and by
whoever withdraws an article or mends the index. One entry a version, of its current reading.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, select, text, update
from sqlalchemy.orm import aliased

from storage.derived import SearchEntryRow
from storage.record import calendar_date
from storage.schema import ArticleRow, BlockRow, ReadingRow, VersionRow
from storage.tokens import BOUNDARY, characters, fold, lexemes, placed_text

_BATCH = 200  # versions indexed at once while an archive is upgraded
_ARTICLE_BITS = 41  # an article's number in a position; the days of the calendar take 22 more
# A tsvector holds 1 MB of lexemes; a text of more different ones is found by comparing it.
_MAX_LEXEME_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryText:
    """What is searched of an entry: its title and the texts of all its blocks, folded."""

    version_id: int
    is_latest: bool
    title: str
    blocks: list[str]


def position(day: dt.date, article_id: int) -> int:
    """The place of an article in the order of dates, then numbers; no two articles share one."""
    return (day.toordinal() << _ARTICLE_BITS) | article_id


def article_of(place: int) -> int:
    """The article's number in a ``position``."""
    return place & ((1 << _ARTICLE_BITS) - 1)


def index_reading(connection: Connection, version_id: int) -> None:
    """Make the newest reading of a version, just inserted, the one that search finds."""
    article_id = connection.scalars(
        select(VersionRow.article_id).where(VersionRow.id == version_id)
    ).one()
    # A version and a reading of the one before it may be added at the same time.
    connection.execute(select(ArticleRow.id).where(ArticleRow.id == article_id).with_for_update())
    _remove(connection, [version_id])
    last = select(VersionRow.id).where(VersionRow.article_id == article_id)
    if connection.scalar(last.order_by(VersionRow.number.desc()).limit(1)) == version_id:
        _set_back(connection, article_id)
    _index_versions(connection, [version_id])


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


def rebuild(connection: Connection) -> int:
    """Make the whole index anew, whatever state it is in; how many versions it has then."""
    if connection.dialect.name == "sqlite":
        for table in ("search_index", "search_index_characters"):
            connection.execute(text(f"INSERT INTO {table} ({table}) VALUES ('delete-all')"))
    else:
        connection.execute(text("DELETE FROM search_index"))
        connection.execute(text("DELETE FROM search_index_texts"))
    connection.execute(delete(SearchEntryRow))
    return index_missing(connection)


def entry_texts(connection: Connection, version_ids: Sequence[int]) -> Iterator[EntryText]:
    """The texts of the readings that versions are entered with."""
    readings = connection.execute(
        select(SearchEntryRow.version_id, SearchEntryRow.is_latest, ReadingRow.id, ReadingRow.title)
        .join(ReadingRow, ReadingRow.id == SearchEntryRow.reading_id)
        .where(SearchEntryRow.version_id.in_(version_ids))
        .order_by(SearchEntryRow.version_id)
    ).all()
    blocks: dict[int, list[str]] = {reading.id: [] for reading in readings}
    for block in connection.execute(
        select(BlockRow.reading_id, BlockRow.text)
        .where(BlockRow.reading_id.in_(blocks))
        .order_by(BlockRow.reading_id, BlockRow.ordinal)
    ):
        blocks[block.reading_id].append(fold(block.text))
    for row in readings:
        yield EntryText(
            version_id=row.version_id,
            is_latest=row.is_latest,
            title=fold(row.title or ""),
            blocks=blocks[row.id],
        )


def _index_versions(connection: Connection, version_ids: Sequence[int]) -> None:
    """Enter versions that have no entry, from their current readings."""
    newest = (
        select(func.max(ReadingRow.id))
        .where(ReadingRow.version_id.in_(version_ids))
        .group_by(ReadingRow.version_id)
    )
    later = aliased(VersionRow)
    is_later = (later.article_id == VersionRow.article_id) & (later.number > VersionRow.number)
    rows = connection.execute(
        select(ReadingRow.__table__, VersionRow.article_id, VersionRow.number)
        .add_columns(VersionRow.captured_at, ArticleRow.portal.label("of_article"))
        .add_columns((~exists().where(is_later)).label("is_latest"))
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ReadingRow.id.in_(newest))
        .order_by(ReadingRow.version_id)
    ).all()
    if rows:
        connection.execute(insert(SearchEntryRow), [_entry(row) for row in rows])
        _insert_texts(connection, [row.version_id for row in rows])


def _entry(row: Any) -> dict[str, Any]:
    """An entry of a reading's row."""
    captured_date = calendar_date(row.captured_at)
    assert captured_date is not None
    day = row.published_date or row.posted_date or captured_date
    return {
        "version_id": row.version_id,
        "article_id": row.article_id,
        "reading_id": row.id,
        "number": row.number,
        "is_latest": bool(row.is_latest),
        "position": position(day, row.article_id),
        "month": day.year * 12 + day.month - 1,
        "portal": row.of_article,
        "source": row.source,
        "channel": row.channel,
        "layout": row.layout,
        "type": row.interpretation_type,
        "published_date": row.published_date,
        "posted_date": row.posted_date,
        "captured_date": captured_date,
    }


def _set_back(connection: Connection, article_id: int) -> None:
    """No entry of an article is that of its latest version any more."""
    of_article = SearchEntryRow.article_id == article_id, SearchEntryRow.is_latest.is_(True)
    ids = connection.scalars(select(SearchEntryRow.version_id).where(*of_article)).all()
    if not ids:
        return
    is_moved = connection.dialect.name == "sqlite"  # its index tells latest versions by the sign
    if is_moved:
        _delete_texts(connection, ids)
    connection.execute(update(SearchEntryRow).where(*of_article).values(is_latest=False))
    if is_moved:
        _insert_texts(connection, ids)


def _remove(connection: Connection, version_ids: Sequence[int]) -> None:
    if version_ids:
        _delete_texts(connection, version_ids)
        connection.execute(delete(SearchEntryRow).where(SearchEntryRow.version_id.in_(version_ids)))


def _delete_texts(connection: Connection, version_ids: Sequence[int]) -> None:
    """Take versions out of the index; FTS5 has to be told the tokens that it holds for them."""
    if connection.dialect.name == "sqlite":
        if rows := [_fts5_row(known) for known in entry_texts(connection, version_ids)]:
            for table, columns in _FTS5.items():
                values = ", ".join(f":{name}" for name in columns)
                statement = (
                    f"INSERT INTO {table} ({table}, rowid, {', '.join(columns)})"
                    f" VALUES ('delete', :id, {values})"
                )
                connection.execute(text(statement), rows)
        return
    for table in ("search_index", "search_index_texts"):
        connection.execute(
            text(f"DELETE FROM {table} WHERE version_id = ANY(:ids)"), {"ids": list(version_ids)}
        )


def _insert_texts(connection: Connection, version_ids: Sequence[int]) -> None:
    """Put versions into the index that are entered already."""
    texts = list(entry_texts(connection, version_ids))
    if connection.dialect.name == "sqlite":
        rows = [_fts5_row(known) for known in texts]
        for table, columns in _FTS5.items():
            values = ", ".join(f":{name}" for name in columns)
            statement = f"INSERT INTO {table} (rowid, {', '.join(columns)}) VALUES (:id, {values})"
            connection.execute(text(statement), rows)
        return
    rows = [_postgresql_row(known) for known in texts]
    for statement in (
        "INSERT INTO search_index (version_id, tokens) VALUES (:id, array_to_tsvector(:lexemes))",
        "INSERT INTO search_index_texts (version_id, title, body) VALUES (:id, :title, :body)",
    ):
        connection.execute(text(statement), rows)


_FTS5 = {"search_index": ("body", "title"), "search_index_characters": ("tokens",)}


def _fts5_row(known: EntryText) -> dict[str, Any]:
    """What FTS5 holds of an entry; see ``storage.word_index.Fts5`` for the number."""
    return {
        "id": known.version_id if known.is_latest else -known.version_id,
        "title": placed_text([known.title]),
        "body": placed_text(known.blocks),
        "tokens": " ".join(characters(known.title, known.blocks)),
    }


def _postgresql_row(known: EntryText) -> dict[str, Any]:
    found: list[str] | None = lexemes(known.title, known.blocks)
    if found and sum(len(lexeme.encode()) for lexeme in found) > _MAX_LEXEME_BYTES:
        found = None
    return {
        "id": known.version_id,
        "title": known.title,
        "body": BOUNDARY.join(known.blocks),
        "lexemes": found,
    }
