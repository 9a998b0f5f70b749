"""The tables of the policy world: documents and agencies, and what each reading says of them.

Part of ``storage.schema`` (same metadata, same conventions); filled by ``storage.policy``. Columns
bear the names of the fields of ``storage.entities``; numbers that refer to another record of the
same reading are its ordinal.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, Select, and_, select
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import ReadingPart, Table


class DocumentRow(Table):
    """A policy document, one row however it is written; it grows as articles cite it."""

    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    doc_type: Mapped[str | None]
    number: Mapped[str | None]
    first_seen_at: Mapped[dt.datetime]


class DocumentKeyRow(Table):
    """What a document is known by: ``title:`` and the folded title, ``number:`` and its number."""

    __tablename__ = "document_keys"
    key: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    recorded_at: Mapped[dt.datetime | None]  # None: before releases kept it


class AgencyRow(Table):
    """A body that issued something, under its official name; ``region`` of a local one."""

    __tablename__ = "agencies"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    region: Mapped[str | None]


class PlacedPart(ReadingPart):
    """A part of a reading with its place in the text: offsets and the block's ordinal."""

    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    block: Mapped[int] = mapped_column(Integer)


class CitationRow(PlacedPart, Table):
    """A title in 《》 or a short name; ``document``: ordinal of the full one it stands for."""

    __tablename__ = "citations"
    kind: Mapped[str]
    title: Mapped[str]
    doc_type: Mapped[str | None]
    key: Mapped[str | None]
    document: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str | None]
    act: Mapped[int | None] = mapped_column(Integer)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)


class InterpretationRow(ReadingPart, Table):
    """A document the article explains, with the evidence."""

    __tablename__ = "interpretations"
    title: Mapped[str]
    key: Mapped[str]
    evidence: Mapped[list[str]] = mapped_column(JSON)
    citation: Mapped[int | None] = mapped_column(Integer)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)


class DocumentNumberRow(PlacedPart, Table):
    """A 发文字号, an order or an announcement in the text."""

    __tablename__ = "document_numbers"
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(index=True)


class ShortNameRow(PlacedPart, Table):
    """A short name the article declares for a document or an agency."""

    __tablename__ = "short_names"
    name: Mapped[str]
    stands_for: Mapped[str]
    citation: Mapped[int | None] = mapped_column(Integer)


class IssuingActRow(PlacedPart, Table):
    """Who issued: the verb; its agencies are in ``issuers``."""

    __tablename__ = "issuing_acts"
    verb: Mapped[str]
    is_incomplete: Mapped[bool]
    stated_count: Mapped[int | None] = mapped_column(Integer)


class IssuerRow(ReadingPart, Table):
    """An agency of an issuing act (``act`` is its ordinal), in the order named."""

    __tablename__ = "issuers"
    act: Mapped[int] = mapped_column(Integer)
    name: Mapped[str]
    canonical: Mapped[str]
    region: Mapped[str | None]
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)


class OfficialRow(PlacedPart, Table):
    """A person with organisation and posts."""

    __tablename__ = "officials"
    name: Mapped[str] = mapped_column(index=True)
    organisation: Mapped[str]
    posts: Mapped[list[str]] = mapped_column(JSON)


class StatementRow(PlacedPart, Table):
    """What somebody said; ``official`` is the ordinal of the speaker."""

    __tablename__ = "statements"
    kind: Mapped[str]
    speaker: Mapped[str] = mapped_column(index=True)
    verb: Mapped[str]
    text: Mapped[str]
    official: Mapped[int | None] = mapped_column(Integer)


class TargetRow(PlacedPart, Table):
    """A goal with its horizon."""

    __tablename__ = "targets"
    horizon: Mapped[str]
    goal: Mapped[str]
    clauses: Mapped[list[str]] = mapped_column(JSON)
    year: Mapped[int | None] = mapped_column(Integer, index=True)


class QuantityRow(ReadingPart, Table):
    """A number with its unit inside a target (``target`` is its ordinal)."""

    __tablename__ = "quantities"
    target: Mapped[int] = mapped_column(Integer)
    value: Mapped[str]
    unit: Mapped[str]
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)


class RegionRow(PlacedPart, Table):
    """A division the article names, by its GB/T 2260 code."""

    __tablename__ = "regions"
    name: Mapped[str]
    level: Mapped[str]
    code: Mapped[str | None] = mapped_column(index=True)
    full_name: Mapped[str | None]


class HopRow(PlacedPart, Table):
    """One outlet the text came through, from the original on."""

    __tablename__ = "hops"
    relation: Mapped[str]
    outlet: Mapped[str]
    place: Mapped[str | None]
    date: Mapped[dt.date | None]
    month_day: Mapped[str | None]
    reporters: Mapped[list[str]] = mapped_column(JSON)


def statements_said() -> Select[Any]:
    """Statements in order, each with ``organisation`` and ``posts`` of its official."""
    return (
        select(StatementRow.__table__, OfficialRow.organisation, OfficialRow.posts)
        .outerjoin(
            OfficialRow,
            and_(
                OfficialRow.reading_id == StatementRow.reading_id,
                OfficialRow.ordinal == StatementRow.official,
            ),
        )
        .order_by(StatementRow.reading_id, StatementRow.ordinal)
    )
