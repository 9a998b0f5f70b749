"""The search index: every version of an open article is entered as it is read now, and no other.

Called by ``storage.check.checking``; a repair makes the whole index anew.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, text

from storage.check.finding import Progress, Report
from storage.derived import SearchEntryRow
from storage.indexing import EntryText, entry_texts
from storage.schema import ArticleRow, ReadingRow, VersionRow
from storage.tokens import asked_tokens, characters

_BATCH = 500  # versions whose texts are in memory at once
_END = 20  # characters of a text that are looked for
_REPAIR = "run `jiedu check --repair`"


def check_index(connection: Connection, report: Report, progress: Progress) -> None:
    """Entries against versions and readings, then the words of each entry."""
    total = connection.scalar(select(func.count()).select_from(SearchEntryRow)) or 0
    _check_entries(connection, report)
    last = 0
    query = select(SearchEntryRow.version_id).order_by(SearchEntryRow.version_id).limit(_BATCH)
    while ids := connection.scalars(query.where(SearchEntryRow.version_id > last)).all():
        last = ids[-1]
        for number in _wordless(connection, ids):
            _add(report, "its words cannot be found", f"version {number}")
        report.checked["search entries"] += len(ids)
        progress("search entries", report.checked["search entries"], total)
    if connection.dialect.name == "postgresql":
        _check_strays(connection, report)


def _add(report: Report, what: str, where: str) -> None:
    report.is_index_damaged = True
    report.add("error", what, f"search index, {where}", _REPAIR)


def _check_entries(connection: Connection, report: Report) -> None:
    for row in connection.execute(_compared()):
        what = _what_is_wrong(row)
        _add(report, what, f"version {row.id} (article {row.article_id} version {row.number})")
    strays = select(SearchEntryRow.version_id).where(
        SearchEntryRow.version_id.not_in(select(VersionRow.id))
    )
    for number in connection.scalars(strays):
        _add(report, "there is no such version", f"version {number}")


def _compared() -> Select[Any]:
    """Versions whose entry is missing or not as it should be."""
    newest = select(func.max(ReadingRow.id)).where(ReadingRow.version_id == VersionRow.id)
    other = VersionRow.__table__.alias("other")
    last = select(func.max(other.c.number)).where(other.c.article_id == VersionRow.article_id)
    reading_id, is_latest = newest.scalar_subquery(), VersionRow.number == last.scalar_subquery()
    entry = SearchEntryRow
    is_open, is_entered = ArticleRow.withdrawn_at.is_(None), entry.version_id.is_not(None)
    return (
        select(VersionRow.id, VersionRow.article_id, VersionRow.number, reading_id.label("newest"))
        .add_columns(ArticleRow.withdrawn_at, entry.version_id, entry.reading_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .outerjoin(entry, entry.version_id == VersionRow.id)
        .where(
            or_(
                is_open & ~is_entered & reading_id.is_not(None),
                is_entered & ~is_open,
                is_entered & entry.reading_id.is_distinct_from(reading_id),
                is_entered & entry.is_latest.is_distinct_from(is_latest),
                is_entered & entry.article_id.is_distinct_from(VersionRow.article_id),
            )
        )
        .order_by(VersionRow.id)
    )


def _what_is_wrong(row: Row[Any]) -> str:
    if row.version_id is None:
        return "it has no entry"
    if row.withdrawn_at is not None:
        return "it can be found though the article is withdrawn"
    if row.reading_id != row.newest:
        return "it is entered with another reading than its newest"
    return "its entry does not say rightly whether it is the article's latest version"


def _wordless(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Versions whose row in the index of words is missing."""
    if connection.dialect.name == "sqlite":
        texts = entry_texts(connection, ids)
        return [known.version_id for known in texts if not _is_placed(connection, known)]
    query = text(
        "SELECT i.version_id FROM search_index i JOIN search_index_texts t"
        " ON t.version_id = i.version_id WHERE i.version_id = ANY(:ids)"
    )
    there = set(connection.scalars(query, {"ids": list(ids)}))
    return [number for number in ids if number not in there]


def _is_placed(connection: Connection, known: EntryText) -> bool:
    """Whether FTS5 finds an entry by the end of its last text, and by one of its characters.

    A contentless table does not tell which rows it has.
    """
    ends = [part for part in (known.title, *known.blocks) if part][-1:]
    for end in ends:
        tokens = asked_tokens(end[-_END:])
        asked = {"search_index_characters": characters("", ends)[0]}
        if len(end) > 1:
            asked["search_index"] = " ".join(tokens)
        for table, words in asked.items():
            query = text(f"SELECT 1 FROM {table} WHERE {table} MATCH :words AND rowid = :id")
            number = known.version_id if known.is_latest else -known.version_id
            if connection.scalar(query, {"words": f'"{words}"', "id": number}) is None:
                return False
    return True


def _check_strays(connection: Connection, report: Report) -> None:
    """Nothing is left in the index of what has no entry, such as a withdrawn article."""
    for table in ("search_index", "search_index_texts"):
        query = (
            f"SELECT version_id FROM {table} WHERE version_id NOT IN"
            " (SELECT version_id FROM search_entries)"
        )
        for number in connection.scalars(text(query)):
            _add(report, f"{table} holds it, but it has no entry", f"version {number}")
