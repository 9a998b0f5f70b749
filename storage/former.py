"""What a row said before it was changed, so that the archive can be told as it was known then.

Few rows of the archive ever change: an article's address when it moves, a document's number when
an article names it first, and what a capture shows when a second visit or a better reader tells.
Whoever changes one calls ``remember`` before, in the same transaction; exports ask ``former``.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, insert, or_, select

from storage.clock import recording_time
from storage.schema import ArticleRow, CaptureRow, FormerRow, Table

Kind = Literal["article", "capture", "document"]

_COLUMNS: dict[str, tuple[str, ...]] = {
    "article": ("url",),
    "capture": (
        "article_id", "version_id", "digest", "reader", "layout", "is_suspect", "failure",
    ),
    "document": ("number",),
}  # fmt: skip


def remember(connection: Connection, kind: Kind, table: type[Table], ids: Iterable[int]) -> None:
    """Keep what rows say that are about to change; with the article of a capture or article."""
    columns = table.__table__.c
    query = select(columns.id, *(columns[name] for name in _COLUMNS[kind]))
    at = recording_time(connection)
    rows = [
        {
            "kind": kind,
            "row_id": row.id,
            "article_id": _article_of(kind, row),
            "until": at,
            "said": {name: getattr(row, name) for name in _COLUMNS[kind]},
        }
        for row in connection.execute(query.where(columns.id.in_(list(ids))))
    ]
    if rows:
        connection.execute(insert(FormerRow), rows)


def former(
    connection: Connection,
    kind: Kind,
    as_of: dt.datetime,
    *,
    row_ids: Sequence[int] | Select[int] = (),
    article_ids: Sequence[int] | Select[int] = (),
) -> dict[int, dict[str, Any]]:
    """What rows said at a time and say no more: row id -> values of the columns remembered.

    They are looked for by their own ids, and by those of the articles they were of.
    """
    found: dict[int, dict[str, Any]] = {}
    for row in connection.execute(_later(kind, as_of, row_ids, article_ids)):
        found[row.row_id] = row.said  # the change that came next after the time comes last
    return found


def _later(
    kind: Kind,
    as_of: dt.datetime,
    row_ids: Sequence[int] | Select[int],
    article_ids: Sequence[int] | Select[int],
) -> Select[Any]:
    return (
        select(FormerRow.row_id, FormerRow.said)
        .where(
            FormerRow.kind == kind,
            FormerRow.until > as_of,
            or_(FormerRow.row_id.in_(row_ids), FormerRow.article_id.in_(article_ids)),
        )
        .order_by(FormerRow.until.desc(), FormerRow.id.desc())
    )


def _article_of(kind: Kind, row: Row[Any]) -> int | None:
    if kind == "article":
        return int(row.id)
    return row.article_id if kind == "capture" else None


def remember_article(connection: Connection, article_id: int) -> None:
    """An article is about to move."""
    remember(connection, "article", ArticleRow, [article_id])


def remember_captures(connection: Connection, capture_ids: Iterable[int]) -> None:
    """Captures recorded in an earlier transaction are about to be placed anew."""
    remember(connection, "capture", CaptureRow, capture_ids)
