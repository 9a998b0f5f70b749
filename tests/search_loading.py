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
from storage.policy_schema import (
    AgencyRow,
    CitationRow,
    DocumentKeyRow,
    DocumentRow,
    InterpretationRow,
    IssuerRow,
    OfficialRow,
    RegionRow,
)
from storage.reading import SAME_NAME
from storage.schema import ArticleRow, BlockRow, ReadingRow, VersionRow
from tests.search_corpus import (
    AGENCIES,
    DOCUMENTS,
    OFFICIALS,
    REGIONS,
    Made,
    Named,
    as_article,
    pick,
)

_AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


def load(archive: Archive, articles: Iterable[Made], *, is_indexed: bool = True) -> None:
    """Insert the articles with all their versions, the article's number being its row's."""
    with archive._engine.execution_options(writes=True).begin() as connection:
        _insert_known(connection)
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
        table: [] for table in (ArticleRow, VersionRow, ReadingRow, BlockRow, *_POLICY)
    }
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
                | {"interpretation_type": read.interpretation_type}
                | {"published_at": read.published_at, "published_date": read.published_date}
            )
            rows[BlockRow] += [
                {"reading_id": number, "ordinal": n, "kind": b.kind, "text": b.text}
                for n, b in enumerate(read.blocks)
            ]
            for table, values in _policy(made.named[version]).items():
                rows[table] += [
                    {"reading_id": number, "ordinal": ordinal, "start": 0, "end": 1, "block": 0}
                    | value
                    for ordinal, value in enumerate(values)
                ]
    for table, values in rows.items():
        if values:
            names = table.__table__.columns.keys()
            connection.execute(
                insert(table), [{n: row[n] for n in names if n in row} for row in values]
            )


_POLICY = (IssuerRow, OfficialRow, RegionRow, CitationRow, InterpretationRow)
_AGENCIES = {name: n for n, name in enumerate(sorted({b for _, b in AGENCIES}), 1)}


def _insert_known(connection: Connection) -> None:
    """The agencies and documents that readings name, by their place in the corpus."""
    agencies = [{"id": number, "name": name} for name, number in _AGENCIES.items()]
    connection.execute(insert(AgencyRow), agencies)
    for number, (title, key, code, _) in enumerate(DOCUMENTS, 1):
        row = {"id": number, "key": key, "title": title, "number": code, "first_seen_at": _AT}
        connection.execute(insert(DocumentRow), row)
        for name in (f"title:{key}", f"number:{code}")[: 2 if code else 1]:
            connection.execute(insert(DocumentKeyRow), {"key": name, "document_id": number})


def _policy(named: Named) -> dict[Any, list[dict[str, Any]]]:
    """The rows of a version's entities that searches look at."""
    return {
        IssuerRow: [
            {"act": 0, "name": name, "canonical": canonical, "agency_id": _AGENCIES[canonical]}
            for name, canonical in pick(AGENCIES, named.agencies)
        ],
        OfficialRow: [
            {"name": name, "organisation": "某局", "posts": ["局长"]}
            for name in pick(OFFICIALS, named.officials)
        ],
        RegionRow: [
            {"name": name, "level": "county", "code": code, "full_name": path}
            for name, code, path in pick(REGIONS, named.regions)
        ],
        CitationRow: [
            {"kind": "document", "title": "甲", "document_id": n + 1} for n in named.cited
        ],
        InterpretationRow: [
            {"title": "甲", "key": "甲", "evidence": ["title"], "document_id": n + 1}
            for n in named.explained
        ],
    }
