"""The rows of a dataset, a portion of articles at a time, as the archive was known at its moment.

Called by ``storage.export.making``. Rows are tuples in the order of ``storage.export.columns``.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from storage.export.columns import EXCERPT, STATEMENT_EXCERPT
from storage.export.plan import Portion
from storage.export.state import (
    READ,
    addresses_then,
    captures_then,
    gone_then,
    versions_then,
)
from storage.former import former
from storage.id_list import id_list
from storage.permalink import permalink
from storage.policy_schema import (
    CitationRow,
    DocumentRow,
    InterpretationRow,
    IssuerRow,
    IssuingActRow,
    RegionRow,
    StatementRow,
    statements_said,
)
from storage.record import calendar_date
from storage.reprint_clusters import clusters
from storage.schema import AbsenceRow, AuthorRow, BlockRow, CaptureRow, ReadingPart

Rows = dict[str, Sequence[Sequence[Any]]]

_DOCUMENTS = 2000  # read at once
_CAPTURE = tuple(
    getattr(CaptureRow, name)
    for name in (
        "article_id", "version_id", "kind", "portal", "url", "method", "status", "mime", "page",
        "captured_at", "recorded_at", "is_suspect", "failure", "etag", "last_modified",
        "size_bytes", "payload_digest", "body_digest", "record_type", "revisits_id", "warc_file",
        "warc_offset", "warc_length", "warc_record_id",
    )
)  # fmt: skip


_HEAD = slice(READ.index("title"), READ.index("byline_role") + 1)  # in the order of `articles`
_ORIGIN = slice(READ.index("origin_medium"), READ.index("origin_page") + 1)
_KIND, _TEXT = 2, 3  # of a block, behind reading and ordinal
_CAPTURED_AT = 6  # among what follows the first three of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a dataset holds of its articles beside the facts."""

    with_text: bool = False
    every_version: bool = False


class DatasetTables:
    """Makes the rows; the documents come last, when it is known which are named."""

    def __init__(self, connection: Connection, as_of: dt.datetime, choice: Choice) -> None:
        self._connection, self._as_of, self._choice = connection, as_of, choice
        self._clusters = clusters(connection, as_of)
        self._has_absences = connection.scalar(select(AbsenceRow.id).limit(1)) is not None
        self._cited: Counter[int] = Counter()
        self._interpreted: Counter[int] = Counter()

    def rows(self, portion: Portion) -> Rows:
        """The rows of all tables but ``documents`` for some articles."""
        portal = portion.portal
        versions = versions_then(self._connection, portion.article_ids, self._as_of)
        parts = self._parts(portion, versions)
        blocks = self._by_reading(parts, BlockRow, "kind", "text", "start", "end", "level")
        captures, checked = self._captures(portion, versions)
        return {
            "articles": list(self._articles(portion, versions, blocks, checked)),
            "versions": [
                _version_row(row, portal, is_latest=row is rows[-1])
                for number in portion.article_ids
                for rows in (versions[number],)
                for row in rows
            ],
            "blocks": list(self._blocks(parts, blocks)),
            "citations": list(self._citations(parts)),
            "statements": list(self._statements(parts)),
            "agencies": list(self._agencies(parts)),
            "regions": list(
                self._plain(
                    parts, RegionRow,
                    "ordinal", "name", "code", "full_name", "level", "start", "end", "block",
                )
            ),
            "captures": captures,
        }  # fmt: skip

    def count_documents(self, portion: Portion) -> None:
        """Count the documents that some articles name, for ``documents``."""
        versions = versions_then(self._connection, portion.article_ids, self._as_of)
        for _ in self._citations(self._parts(portion, versions)):
            pass

    def captures_only(self, portion: Portion) -> Rows:
        """The rows of ``captures`` alone."""
        versions = versions_then(self._connection, portion.article_ids, self._as_of)
        return {"captures": self._captures(portion, versions)[0]}

    def documents(self) -> Iterator[tuple[Any, ...]]:
        """The documents named by the rows given so far, by number."""
        ids = sorted(self._cited)
        for start in range(0, len(ids), _DOCUMENTS):
            some = id_list(self._connection, ids[start : start + _DOCUMENTS])
            changed = former(self._connection, "document", self._as_of, row_ids=some)
            query = (
                select(DocumentRow.__table__)
                .where(DocumentRow.id.in_(some))
                .order_by(DocumentRow.id)
            )
            for row in self._connection.execute(query):
                said = changed.get(row.id, {"number": row.number})
                yield (
                    row.id, row.title, row.doc_type, said["number"], row.first_seen_at,
                    self._cited[row.id], self._interpreted[row.id],
                )  # fmt: skip

    def _parts(self, portion: Portion, versions: Mapping[int, Sequence[Row[Any]]]) -> list["_Part"]:
        """The readings whose blocks and entities are given."""
        return [
            _Part(row.id, (number, row.number, portion.portal), row is rows[-1])
            for number in portion.article_ids
            for rows in (versions[number],)
            for row in (rows if self._choice.every_version else rows[-1:])
        ]

    def _articles(
        self,
        portion: Portion,
        versions: Mapping[int, Sequence[Row[Any]]],
        blocks: Mapping[int, Sequence[Any]],
        checked: Mapping[int, dt.datetime],
    ) -> Iterator[tuple[Any, ...]]:
        ids = portion.article_ids
        addresses = addresses_then(self._connection, ids, self._as_of)
        gone = gone_then(self._connection, ids, self._as_of) if self._has_absences else {}
        people = self._people([versions[number][-1].id for number in ids])
        for number in ids:
            row = versions[number][-1]
            url, first_seen_at = addresses[number]
            own = blocks.get(row.id, ())
            first = next((block[_TEXT] for block in own if block[_KIND] == "paragraph"), None)
            values = (
                number,
                url,
                portion.portal,
                row.published_date or row.posted_date or calendar_date(row.captured_at),
                row.number,
                len(versions[number]),
                row.version_digest,
                permalink(url, row.number, row.version_digest),
                *row[_HEAD],
                people.get((row.id, "author"), []),
                people.get((row.id, "editor"), []),
                *row[_ORIGIN],
                row.published_date,
                _known_time(row.published_at, row.published_precision),
                row.published_precision,
                row.published_basis,
                row.posted_date,
                _known_time(row.posted_at, row.posted_precision),
                row.posted_precision,
                first_seen_at,
                row.captured_at,
                checked.get(number),
                gone.get(number),
                self._clusters.get(number),
                row.reader,
                row.layout,
                row.text_length,
                first[:EXCERPT] if first else None,
            )
            if not self._choice.with_text:
                yield values
                continue
            yield (*values, "\n".join(block[_TEXT] for block in own if block[_KIND] != "caption"))

    def _people(self, readings: Sequence[int]) -> dict[tuple[int, str], list[str]]:
        found: dict[tuple[int, str], list[str]] = {}
        query = select(AuthorRow.reading_id, AuthorRow.role, AuthorRow.name).order_by(
            AuthorRow.reading_id, AuthorRow.ordinal
        )
        listed = id_list(self._connection, readings)
        people = self._connection.execute(query.where(AuthorRow.reading_id.in_(listed)))
        for reading_id, role, name in people.all():
            found.setdefault((reading_id, role), []).append(name)
        return found

    def _blocks(
        self, parts: Iterable["_Part"], blocks: Mapping[int, Sequence[Any]]
    ) -> Iterator[tuple[Any, ...]]:
        with_text = self._choice.with_text
        for part in parts:
            reading, head = part.reading, part.head
            for _, ordinal, kind, text, start, end, level in blocks.get(reading, ()):
                digest = sha256(text.encode()).hexdigest()
                values = (
                    f"r{reading}b{ordinal}", *head, reading, ordinal, kind, level, start, end,
                    len(text), digest,
                )  # fmt: skip
                yield (*values, text) if with_text else values

    def _citations(self, parts: Sequence["_Part"]) -> Iterator[tuple[Any, ...]]:
        cited = self._by_reading(
            parts, CitationRow, "document_id", "title", "kind", "number", "start", "end", "block"
        )
        explained = self._by_reading(parts, InterpretationRow, "document_id", "title", "evidence")
        for part in parts:
            named, interpreted = set(), set()
            for _, ordinal, document, title, kind, number, *place in cited.get(part.reading, ()):
                named.add(document)
                yield (
                    *part.head, part.reading, "cites", ordinal, document, title, kind, number, None,
                    *place,
                )  # fmt: skip
            for _, ordinal, document, title, evidence in explained.get(part.reading, ()):
                interpreted.add(document)
                yield (
                    *part.head, part.reading, "interprets", ordinal, document, title, None, None,
                    evidence, None, None, None,
                )  # fmt: skip
            documents = (named | interpreted) - {None}
            self._cited.update(dict.fromkeys(documents, int(part.is_latest)))
            if part.is_latest:
                self._interpreted.update(interpreted)

    def _statements(self, parts: Sequence["_Part"]) -> Iterator[tuple[Any, ...]]:
        found: dict[int, list[Row[Any]]] = {}
        query = statements_said().where(StatementRow.reading_id.in_(self._readings(parts)))
        for row in self._connection.execute(query):
            found.setdefault(row.reading_id, []).append(row)
        for part in parts:
            for row in found.get(part.reading, ()):
                values = (
                    *part.head, part.reading, row.ordinal, row.kind, row.speaker, row.organisation,
                    row.posts or [], row.verb, row.start, row.end, row.block, len(row.text),
                    row.text[:STATEMENT_EXCERPT],
                )  # fmt: skip
                yield (*values, row.text) if self._choice.with_text else values

    def _agencies(self, parts: Sequence["_Part"]) -> Iterator[tuple[Any, ...]]:
        acts = self._by_reading(parts, IssuingActRow, "verb")
        issuers = self._by_reading(
            parts, IssuerRow, "agency_id", "name", "canonical", "region", "act", "start", "end"
        )
        for part in parts:
            verbs = {ordinal: verb for _, ordinal, verb in acts.get(part.reading, ())}
            for _, ordinal, agency, name, canonical, region, act, *place in issuers.get(
                part.reading, ()
            ):
                yield (
                    *part.head, part.reading, ordinal, agency, name, canonical, region, act,
                    verbs.get(act), *place,
                )  # fmt: skip

    def _captures(
        self, portion: Portion, versions: Mapping[int, Sequence[Row[Any]]]
    ) -> tuple[list[tuple[Any, ...]], dict[int, dt.datetime]]:
        """The rows of ``captures``, and when each article's page was last seen to be there."""
        numbers = {row.version_id: row.number for rows in versions.values() for row in rows}
        of_article: dict[int, list[tuple[Any, ...]]] = {n: [] for n in portion.article_ids}
        checked: dict[int, dt.datetime] = {}
        for number, article_id, version_id, kind, *shown in captures_then(
            self._connection, portion.article_ids, self._as_of, _CAPTURE
        ):
            if article_id not in of_article:
                continue
            version = numbers.get(version_id)
            of_article[article_id].append((number, article_id, version, *shown))
            if version is not None and kind == "article":
                at = shown[_CAPTURED_AT]
                checked[article_id] = max(at, checked.get(article_id, at))
        return [row for number in portion.article_ids for row in of_article[number]], checked

    def _plain(
        self, parts: Sequence["_Part"], table: type[ReadingPart], *names: str
    ) -> Iterator[tuple[Any, ...]]:
        """Rows that are the columns of a table as they stand."""
        found = self._by_reading(parts, table, *names[1:])
        for part in parts:
            for row in found.get(part.reading, ()):
                yield (*part.head, *row)

    def _by_reading(
        self, parts: Sequence["_Part"], table: type[ReadingPart], *names: str
    ) -> dict[int, list[Any]]:
        """Reading, ordinal and these columns of a table's rows, by reading and in order."""
        columns = [getattr(table, name) for name in ("reading_id", "ordinal", *names)]
        found: dict[int, list[Any]] = {}
        query = select(*columns).where(table.reading_id.in_(self._readings(parts)))
        query = query.order_by(table.reading_id, table.ordinal)
        for row in self._connection.execute(query).all():
            found.setdefault(row[0], []).append(row)
        return found

    def _readings(self, parts: Sequence["_Part"]) -> Select[int]:
        return id_list(self._connection, [part.reading for part in parts])


@dataclass(frozen=True, slots=True)
class _Part:
    """A reading whose parts are exported: article, version and portal, and whether it is latest."""

    reading: int
    head: tuple[int, int, str | None]
    is_latest: bool


def _version_row(row: Row[Any], portal: str | None, *, is_latest: bool) -> tuple[Any, ...]:
    return (
        row.article_id, row.number, portal, is_latest, row.version_digest, row.captured_at,
        row.version_recorded_at, row.id, row.recorded_at, row.reader, row.layout, row.url,
        row.title, row.text_length,
    )  # fmt: skip


def _known_time(moment: dt.datetime | None, precision: str | None) -> dt.datetime | None:
    """A time of a page; where only its date is known the time means nothing."""
    return None if precision == "day" else moment
