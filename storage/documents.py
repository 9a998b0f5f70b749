"""Policy documents as the archive's articles name them: lists, and one document's whole page.

``Archive`` inherits the methods. An article counts by the current reading of its
latest version; a withdrawn one does not count.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, exists, func, or_, select

from storage.characters import storable_text
from storage.document_key import fold_number, letters_of, match_key
from storage.entities import (
    DocumentArticle,
    DocumentStatement,
    DocumentSummary,
    PolicyDocument,
)
from storage.errors import DocumentNotFound
from storage.policy_schema import (
    AgencyRow,
    CitationRow,
    DocumentKeyRow,
    DocumentRow,
    InterpretationRow,
    IssuerRow,
    StatementRow,
    statements_said,
)
from storage.policy_search import document_id
from storage.rows import MOST_ROWS
from storage.schema import ArticleRow, ReadingRow, VersionRow
from storage.transaction import read

_ESCAPED = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class Documents:
    """What an archive knows of the policy documents its articles explain and cite."""

    _engine: Engine

    def documents(
        self, query: str | None = None, *, limit: int | None = None
    ) -> list[DocumentSummary]:
        """Documents whose title or number holds ``query``, most cited first."""
        return read(self._engine, lambda c: _summaries(c, _matching(query), limit))

    def document(self, which: str | int) -> PolicyDocument:
        """A document by number of its row, title in any spelling, or 发文字号.

        Raises ``DocumentNotFound``.
        """
        return read(self._engine, lambda c: _document(c, which))


def _document(connection: Connection, which: str | int) -> PolicyDocument:
    is_it = DocumentRow.id == document_id(which)
    found = _summaries(connection, [is_it], None)
    if not found:
        raise _not_found(which)
    return _whole(connection, found[0])


def _not_found(which: str | int) -> DocumentNotFound:
    return DocumentNotFound(
        f"no article here names the document {which}; `jiedu documents --query` looks for parts"
        " of a title"
    )


def _matching(query: str | None) -> list[Any]:
    if not query:
        return []
    typed = storable_text(query.strip())
    parts = [(DocumentRow.title, typed), (DocumentRow.number, fold_number(typed) or typed)]
    if letters := letters_of(typed):
        parts.append((DocumentRow.key, letters))
    # SQLite's LIKE knows no case of Latin letters, PostgreSQL's does.
    found = [
        func.lower(column).like(f"%{part.lower().translate(_ESCAPED)}%", escape="\\")
        for column, part in parts
    ]
    return [or_(*found, DocumentRow.key == match_key(typed))]


def _current() -> Select[int, int]:
    """Reading id, article id of each article's newest reading of its latest version."""
    latest = (
        select(VersionRow.article_id, func.max(VersionRow.number).label("number"))
        .group_by(VersionRow.article_id)
        .subquery()
    )
    return (
        select(func.max(ReadingRow.id).label("reading_id"), VersionRow.article_id)
        .join(VersionRow, ReadingRow.version_id == VersionRow.id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ArticleRow.withdrawn_at.is_(None))
        .join(
            latest,
            and_(
                latest.c.article_id == VersionRow.article_id, latest.c.number == VersionRow.number
            ),
        )
        .group_by(VersionRow.article_id)
    )


def _summaries(
    connection: Connection, conditions: Sequence[Any], limit: int | None
) -> list[DocumentSummary]:
    current = _current().cte("current")
    named = (
        select(CitationRow.document_id, CitationRow.reading_id)
        .where(CitationRow.document_id.is_not(None))
        .union(select(InterpretationRow.document_id, InterpretationRow.reading_id))
        .subquery()
    )
    cited_by = func.count(current.c.article_id.distinct())
    explained = (
        select(
            InterpretationRow.document_id,
            func.count(InterpretationRow.reading_id.distinct()).label("articles"),
        )
        .join(current, current.c.reading_id == InterpretationRow.reading_id)
        .group_by(InterpretationRow.document_id)
        .subquery()
    )
    query = (
        select(
            DocumentRow.__table__,
            func.coalesce(func.max(explained.c.articles), 0).label("interpreted_by"),
            cited_by.label("cited_by"),
        )
        .join(named, named.c.document_id == DocumentRow.id)
        .join(current, current.c.reading_id == named.c.reading_id)
        .outerjoin(explained, explained.c.document_id == DocumentRow.id)
        .where(*conditions)
        .group_by(*DocumentRow.__table__.c)
        .order_by(cited_by.desc(), DocumentRow.id)
        .limit(None if limit is None else min(limit, MOST_ROWS))
    )
    names = DocumentSummary.__slots__
    return [
        DocumentSummary(**{name: getattr(row, name) for name in names})
        for row in connection.execute(query)
    ]


def _whole(connection: Connection, summary: DocumentSummary) -> PolicyDocument:
    readings = _readings(connection, summary.id)
    citations = connection.execute(
        select(CitationRow.__table__)
        .where(CitationRow.document_id == summary.id, CitationRow.reading_id.in_(readings))
        .order_by(CitationRow.reading_id, CitationRow.ordinal)
    ).all()
    evidence = {
        row.reading_id: tuple(row.evidence)
        for row in connection.execute(
            select(InterpretationRow.reading_id, InterpretationRow.evidence).where(
                InterpretationRow.document_id == summary.id,
                InterpretationRow.reading_id.in_(readings),
            )
        )
    }
    titles = [row.title for row in citations if row.key is not None] or [summary.title]
    articles = [
        _article(row, evidence.get(row.id, ()), sum(c.reading_id == row.id for c in citations))
        for row in readings.values()
    ]
    keys = connection.scalars(
        select(DocumentKeyRow.key).where(DocumentKeyRow.document_id == summary.id)
    )
    numbers = (key.removeprefix("number:") for key in keys if key.startswith("number:"))
    return PolicyDocument(
        summary=summary,
        titles=tuple(sorted(set(titles), key=lambda title: (-titles.count(title), title))),
        short_names=_distinct(row.title for row in citations if row.kind == "alias"),
        numbers=tuple(sorted(numbers)),
        issuers=_issuers(connection, citations),
        articles=tuple(sorted(articles, key=_by_date)),
        statements=tuple(_statements(connection, readings, citations, evidence)),
    )


def _readings(connection: Connection, document_id: int) -> dict[int, Row[Any]]:
    """Current readings that name the document, with their article."""
    current = _current().cte("current")
    cited = exists().where(
        CitationRow.reading_id == ReadingRow.id, CitationRow.document_id == document_id
    )
    explained = exists().where(
        InterpretationRow.reading_id == ReadingRow.id, InterpretationRow.document_id == document_id
    )
    rows = connection.execute(
        select(
            ReadingRow.__table__, ArticleRow.id.label("article_id"), ArticleRow.url.label("address")
        )
        .join(current, current.c.reading_id == ReadingRow.id)
        .join(ArticleRow, ArticleRow.id == current.c.article_id)
        .where(or_(cited, explained))
        .order_by(ReadingRow.id)
    )
    return {row.id: row for row in rows}


def _article(row: Row[Any], evidence: tuple[str, ...], mentions: int) -> DocumentArticle:
    return DocumentArticle(
        article_id=row.article_id,
        url=row.address,
        title=row.title,
        portal=row.portal,
        outlet=row.origin_medium or row.source,
        date=row.published_date or row.posted_date,
        interpretation_type=row.interpretation_type,
        evidence=evidence,
        mentions=mentions,
    )


def _by_date(article: DocumentArticle) -> tuple[bool, str, int]:
    return (not article.evidence, str(article.date or "9999"), article.article_id)


def _issuers(connection: Connection, citations: Sequence[Row[Any]]) -> tuple[str, ...]:
    """Official names of the agencies of the first acts that name the document."""
    names: list[str] = []
    for row in citations:
        if row.act is None:
            continue
        query = (
            select(AgencyRow.name)
            .join(IssuerRow, IssuerRow.agency_id == AgencyRow.id)
            .where(IssuerRow.reading_id == row.reading_id, IssuerRow.act == row.act)
            .order_by(IssuerRow.ordinal)
        )
        names += connection.scalars(query)
    return _distinct(names)


def _statements(
    connection: Connection,
    readings: dict[int, Row[Any]],
    citations: Sequence[Row[Any]],
    evidence: dict[int, tuple[str, ...]],
) -> Iterable[DocumentStatement]:
    """Statements of explaining articles, and of paragraphs that name the document."""
    blocks = {(row.reading_id, row.block) for row in citations}
    query = statements_said().where(StatementRow.reading_id.in_(readings))
    for row in connection.execute(query):
        if row.reading_id not in evidence and (row.reading_id, row.block) not in blocks:
            continue
        article = readings[row.reading_id]
        yield DocumentStatement(
            article_id=article.article_id,
            url=article.address,
            outlet=article.origin_medium or article.source,
            date=article.published_date or article.posted_date,
            kind=row.kind,
            speaker=row.speaker,
            organisation=row.organisation,
            posts=tuple(row.posts or ()),
            text=row.text,
        )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
