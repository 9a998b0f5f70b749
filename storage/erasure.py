"""What an erasure removes: texts from the database, and which captures go with them.

Called by ``storage.withdrawal``. Addresses, numbers, digests and times stay: they are the tombstone.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from storage.address import hide_password
from storage.errors import ArchiveUnusable
from storage.linked_files import place_files
from storage.schema import (
    AttachmentRow,
    AuthorRow,
    BlockRow,
    CaptureRow,
    ImageRow,
    LedgerRow,
    LinkRow,
    ReadingRow,
    Table,
    VersionRow,
)
from storage.transaction import reason

_PARTS: tuple[type[Table], ...] = (AuthorRow, BlockRow, LinkRow, ImageRow, AttachmentRow)
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
    versions = select(VersionRow.id).where(VersionRow.article_id == article_id)
    here = ReadingRow.version_id.in_(versions)
    for table in _PARTS:
        column = table.__table__.c.reading_id
        connection.execute(delete(table).where(column.in_(select(ReadingRow.id).where(here))))
    connection.execute(update(ReadingRow).where(here).values(dict.fromkeys(_TEXTS)))


def purge(engine: Engine) -> None:
    """Leave no copy of deleted rows in the database's files; ``ArchiveUnusable`` when one is left.

    SQLite overwrites what it deletes (``secure_delete``), so that only its log has to be emptied.
    PostgreSQL keeps them in its own log and its backups for as long as it is set up to.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if is_sqlite:
                _empty_log(connection, hide_password(engine.url))
                return
            touched: tuple[type[Table], ...] = (*_PARTS, ReadingRow, LedgerRow, CaptureRow)
            for table in touched:
                connection.execute(text(f"VACUUM {table.__tablename__}"))
    except DBAPIError as error:
        raise ArchiveUnusable(
            f"{hide_password(engine.url)} still holds deleted texts: {reason(error)};"
            " withdraw with --erase again"
        ) from error


def _empty_log(connection: Connection, name: str) -> None:
    """Merge the write-ahead log and cut it to nothing (sqlite.org/pragma.html, wal_checkpoint).

    Waits for readers as long as a writer waits for a lock.
    """
    dbapi = connection.connection.dbapi_connection
    assert dbapi is not None
    is_busy = dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        raise ArchiveUnusable(
            f"{name} is being read, and its log still holds deleted texts;"
            " withdraw with --erase again when nobody reads"
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
            .values(record_type="erased", filename=None)
        )
