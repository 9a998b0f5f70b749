"""Puts made articles into an archive's tables at once, without captures.

Called by the search and reprint tests and benchmarks: `Archive.add` would take an hour for the
100,000 articles of the benchmarks. The index is then built as it is for an older archive.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

from sqlalchemy import Connection, insert, text

from storage import Archive, content_digest, url_key
from storage.indexing import index_missing
from storage.reading import SAME_NAME
from storage.schema import ArticleRow, BlockRow, ReadingRow, VersionRow
from tests.search_corpus import Made, as_article

_AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


def load(archive: Archive, articles: Iterable[Made], *, is_indexed: bool = True) -> None:
    """Insert the articles with all their versions, the article's number being its row's."""
    with archive._engine.execution_options(writes=True).begin() as connection:
        numbers = count(1)
        rest = iter(articles)
        while some := list(islice(rest, 500)):
            _insert(connection, some, numbers)
        if connection.dialect.name == "postgresql":
            for table in ("articles", "versions", "readings"):
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                connection.execute(text(f"SELECT setval({sequence}, max(id)) FROM {table}"))
        if is_indexed:
            index_missing(connection)


def _insert(connection: Connection, some: Iterable[Made], numbers: Iterator[int]) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {
        ArticleRow: [], VersionRow: [], ReadingRow: [], BlockRow: []
    }  # fmt: skip
    for made in some:
        first = as_article(made)
        rows[ArticleRow].append(
            {"id": made.number, "portal": made.portal, "url": first.url, "first_seen_at": _AT}
            | {"url_key": url_key(first.url)}
        )
        for version in range(len(made.versions)):
            read, number = as_article(made, version), next(numbers)
            times = {"captured_at": _AT, "recorded_at": _AT}
            rows[VersionRow].append(
                {"id": number, "article_id": made.number, "number": version + 1}
                | times
                | {"digest": content_digest(read)}
            )
            rows[ReadingRow].append(
                {name: getattr(read, name) for name in SAME_NAME}
                | {"id": number, "version_id": number, "recorded_at": _AT}
                | {"digest": rows[VersionRow][-1]["digest"], "text_length": len(read.text)}
                | {"published_at": read.published_at, "published_date": read.published_date}
            )
            rows[BlockRow] += [
                {"reading_id": number, "ordinal": n, "kind": b.kind, "text": b.text}
                for n, b in enumerate(read.blocks)
            ]
    for table, values in rows.items():
        connection.execute(insert(table), values)
