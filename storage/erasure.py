"""What an erasure removes: texts from the database, and which captures go with them.

Called by ``storage.withdrawal``. Addresses, numbers, digests and times stay: the tombstone.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, text, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import DBAPIError

from storage.address import hide_password
from storage.errors import ArchiveUnusable
from storage.former import remember
from storage.linked_files import place_files
from storage.reprint_clusters import copies_of
from storage.reprint_links import forget_links
from storage.reprint_schema import BandRow
from storage.schema import (
    ArticleRow,
    CaptureRow,
    ReadingRow,
    Table,
    VersionRow,
)
from storage.transaction import reason

_TEXTS = (
    "title", "title_main", "column_tag", "kicker", "subtitle", "byline", "byline_role", "source",
    "source_url", "origin_medium", "origin_date", "origin_page", "origin_raw", "uploader",
)  # fmt: skip
_BATCH = 500  # a statement of SQLite takes 32,766 values


def forget_texts(connection: Connection, article_id: int) -> None:
    """Delete from the tables all that was read from an article, and give its files to others."""
    place_files(connection, article_id, is_leaving=True)
    _forget_texts(connection, article_id)


def _forget_texts(connection: Connection, article_id: int) -> None:
    """Delete an article's texts from every table that holds a part or a copy of them.

    A table that is made from readings (a search index, names found in the text) is emptied here.
    """
    # Their cluster of copies is another one now: they count as changed.
    copies = copies_of(connection, article_id, at_any_time=True)
    remember(connection, "article", ArticleRow, copies - {article_id})
    forget_links(connection, article_id)
    versions = select(VersionRow.id).where(VersionRow.article_id == article_id)
    here = ReadingRow.version_id.in_(versions)
    for table in _parts():
        read = table.c.reading_id.in_(select(ReadingRow.id).where(here))
        connection.execute(delete(table).where(read))
    connection.execute(update(ReadingRow).where(here).values(dict.fromkeys(_TEXTS)))
    connection.execute(
        update(CaptureRow).where(CaptureRow.article_id == article_id).values(filename=None)
    )


def _parts() -> list[SqlTable]:
    """The tables of what was read from an article; which captures it was read from stays known."""
    return [
        table
        for table in Table.metadata.sorted_tables
        if "reading_id" in table.c and table.name != "reading_captures"
    ]


def purge(engine: Engine) -> None:
    """Leave no copy of deleted rows in the database's files; ``ArchiveUnusable`` when one is left.

    PostgreSQL keeps them in its own log and its backups for as long as it is set up to.
    """
    name = hide_password(engine.url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if engine.dialect.name == "sqlite":
                _rewrite(connection, name)
                return
            names = (*(table.name for table in _parts()), BandRow.__tablename__)
            indexes = ("search_index", "search_index_texts")
            for table in (*names, "readings", "ledger", "captures", *indexes):
                connection.execute(text(f"VACUUM {table}"))
    except (DBAPIError, sqlite3.Error) as error:
        raise ArchiveUnusable(
            f"{name} still holds deleted texts in its files: {reason(error)};"
            " withdraw with --erase again when nothing else uses it"
        ) from error


def _rewrite(connection: Connection, name: str) -> None:
    """Merge the search index, write the SQLite file anew and empty its log.

    ``PRAGMA secure_delete`` would not do: a page that was split before the deletion keeps a copy
    of the rows that moved to the other half. Waits for others as long as a writer does.
    """
    dbapi = connection.connection.dbapi_connection  # SQLAlchemy would begin a transaction
    assert dbapi is not None
    for table in ("search_index", "search_index_characters"):
        dbapi.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    dbapi.execute("VACUUM")
    if dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise ArchiveUnusable(
            f"{name} is being read, and its log still holds deleted texts;"
            " withdraw with --erase again when nothing else uses it"
        )


def captures_to_erase(connection: Connection, article_id: int) -> list[Row[Any]]:
    """Rows of the captures whose records go: not those another article's captures refer to."""
    other = CaptureRow.__table__.alias()
    needed = select(other.c.id).where(
        other.c.revisits_id == CaptureRow.id,
        other.c.record_type == "revisit",
        other.c.status != 304,  # has no body
        other.c.article_id.is_distinct_from(article_id),
    )
    query = (
        select(CaptureRow.__table__)
        .where(CaptureRow.article_id == article_id, CaptureRow.record_type != "erased")
        .where(~needed.exists())
        .order_by(CaptureRow.id)
    )
    return list(connection.execute(query))


def mark_erased(connection: Connection, capture_ids: Sequence[int]) -> None:
    """Say of captures that their bytes are gone."""
    for start in range(0, len(capture_ids), _BATCH):
        connection.execute(
            update(CaptureRow)
            .where(CaptureRow.id.in_(capture_ids[start : start + _BATCH]))
            .values(record_type="erased")
        )
