"""The archive's tables, one mapped class a table; changed only by a migration.

``storage.writing`` fills them, ``storage.archive`` reads them; the classes never leave storage.
All times are UTC, all dates are calendar dates in Asia/Shanghai.
"""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.characters import storable_text

# SQLite numbers rows by itself only when the key is exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


class StoredText(TypeDecorator[str]):
    """A text of any length: what a damaged page yields is made storable here, for all columns."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable_text(value)


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime, stored in UTC; SQLite has no zone, so it is added on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Table(DeclarativeBase):
    """Parent of all mapped tables: constraint names the migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration style
        int: Key,
        float: Double(),
        str: StoredText(),
        dt.datetime: UTCDateTime(),
        dt.date: Date(),
        dict[str, Any]: JSON(),
    }


class CrawlRow(Table):
    """One run that writes: a crawl, a re-extraction, an import, a Python session."""

    __tablename__ = "crawls"
    id: Mapped[int] = mapped_column(primary_key=True)
    command: Mapped[str]
    portal: Mapped[str | None]
    release: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    counts: Mapped[dict[str, Any] | None]
    update_id: Mapped[int | None] = mapped_column(index=True)  # the crawl row of its `update`


class ArticleRow(Table):
    """Identity by canonical URL; the key ignores the scheme.

    ``checked_at`` is when its page was last seen to be there, ``recheck_at`` when it is to be
    visited again; ``gone_at`` is when a confirmed absence began.
    """

    __tablename__ = "articles"
    __table_args__ = (Index(None, "portal", "recheck_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    portal: Mapped[str | None] = mapped_column(index=True)
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(unique=True)
    first_seen_at: Mapped[dt.datetime]
    gone_at: Mapped[dt.datetime | None]
    checked_at: Mapped[dt.datetime | None]
    recheck_at: Mapped[dt.datetime | None]
    is_doubtful: Mapped[bool] = mapped_column(server_default=false())
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    withdrawn_at: Mapped[dt.datetime | None]


class AbsenceRow(Table):
    """A time in which an article's page was not there: missed, confirmed by a second visit, ended.

    ``kind`` says how it was missing: HTTP 404, HTTP 410, home page, error page, emptied. Each step
    names its capture; ``ended_at`` is when the page was back.
    """

    __tablename__ = "absences"
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    kind: Mapped[str]
    missed_at: Mapped[dt.datetime]
    missed_capture_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_capture_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))
    ended_at: Mapped[dt.datetime | None]
    ended_capture_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))


class WithdrawalRow(Table):
    """An act of withdrawal, for the audit: ``withdraw``, ``erase`` (its bytes too) or ``restore``.

    ``finished_at`` is ``None`` while an erasure has still to be finished.
    """

    __tablename__ = "withdrawals"
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    act: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    acted_by: Mapped[str]
    acted_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class AliasRow(Table):
    """Another address under which an article was reached, or once stood."""

    __tablename__ = "aliases"
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(unique=True)
    first_seen_at: Mapped[dt.datetime]


class VersionRow(Table):
    """A distinct content of an article as its publisher wrote it, numbered in commit order."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(index=True)
    captured_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]


class CaptureRow(Table):
    """One fetched response. Captures of one visit (redirect hops, pages) share ``visit``."""

    __tablename__ = "captures"
    __table_args__ = (Index(None, "url_key", "payload_digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    crawl_id: Mapped[int] = mapped_column(ForeignKey("crawls.id"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"), index=True)
    visit: Mapped[uuid.UUID] = mapped_column(index=True)
    page: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str]
    portal: Mapped[str | None]
    url: Mapped[str]
    url_key: Mapped[str]
    method: Mapped[str]
    status: Mapped[int] = mapped_column(Integer)
    mime: Mapped[str | None]
    captured_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    record_type: Mapped[str]
    revisits_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))
    warc_file: Mapped[str]
    warc_offset: Mapped[int]
    warc_length: Mapped[int]
    warc_record_id: Mapped[str]
    payload_digest: Mapped[str]
    body_digest: Mapped[str | None]
    size_bytes: Mapped[int]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    truncated: Mapped[str | None]
    filename: Mapped[str | None]
    digest: Mapped[str | None]
    reader: Mapped[str | None]
    layout: Mapped[str | None]
    is_suspect: Mapped[bool]
    failure: Mapped[str | None]


class ReadingRow(Table):
    """What one reader read from a version's captures; the newest reading is current."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("version_id", "reader"),
        # A hash index takes what a misread page calls its source, however long; see also authors.
        Index(None, "source", postgresql_using="hash"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    reader: Mapped[str]
    recorded_at: Mapped[dt.datetime]
    digest: Mapped[str]
    text_length: Mapped[int] = mapped_column(Integer)
    interpretation_type: Mapped[str | None]
    url: Mapped[str]
    portal: Mapped[str | None]
    layout: Mapped[str]
    channel: Mapped[str | None]
    title: Mapped[str | None]
    title_main: Mapped[str | None]
    column_tag: Mapped[str | None]
    kicker: Mapped[str | None]
    subtitle: Mapped[str | None]
    byline: Mapped[str | None]
    byline_role: Mapped[str | None]
    source: Mapped[str | None]
    source_url: Mapped[str | None]
    origin_medium: Mapped[str | None]
    origin_date: Mapped[dt.date | None]
    origin_page: Mapped[str | None]
    origin_raw: Mapped[str | None]
    uploader: Mapped[str | None]
    posted_at: Mapped[dt.datetime | None]
    posted_precision: Mapped[str | None]
    posted_date: Mapped[dt.date | None] = mapped_column(index=True)
    published_at: Mapped[dt.datetime | None]
    published_precision: Mapped[str | None]
    published_date: Mapped[dt.date | None] = mapped_column(index=True)
    published_basis: Mapped[str | None]
    media_kind: Mapped[str]
    page_count: Mapped[int] = mapped_column(Integer)
    encoding: Mapped[str | None]
    decode_errors: Mapped[int] = mapped_column(Integer)


class ReadingPart:
    """Key of a child row: its reading and its ordinal in page order, counted from 0."""

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True)


class ReadingCaptureRow(ReadingPart, Table):
    """The captures a reading was read from, in page order."""

    __tablename__ = "reading_captures"
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"), index=True)


class AuthorRow(ReadingPart, Table):
    """A person in the byline (``author``) or the editor's line (``editor``)."""

    __tablename__ = "authors"
    __table_args__ = (Index(None, "name", postgresql_using="hash"),)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))


class BlockRow(ReadingPart, Table):
    """One block of the main content; its id is reading id and ordinal."""

    __tablename__ = "blocks"
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    start: Mapped[int | None] = mapped_column(Integer)
    end: Mapped[int | None] = mapped_column(Integer)
    level: Mapped[int | None] = mapped_column(Integer)


class LinkRow(ReadingPart, Table):
    """A hyperlink inside the main content."""

    __tablename__ = "links"
    url: Mapped[str]
    text: Mapped[str | None]


class ImageRow(ReadingPart, Table):
    """An image inside the main content."""

    __tablename__ = "images"
    url: Mapped[str]
    alt: Mapped[str | None]
    caption: Mapped[str | None]


class AttachmentRow(ReadingPart, Table):
    """A file the article links to."""

    __tablename__ = "attachments"
    url: Mapped[str]
    name: Mapped[str | None]


class LedgerRow(Table):
    """A URL found on a listing, written before its fetch; done when its article is committed."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("portal", "url_key"),
        Index(None, "portal", "state", "next_try_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    portal: Mapped[str]
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(index=True)
    listing_url: Mapped[str]
    channel: Mapped[str | None]
    listed_title: Mapped[str | None]
    listed_date: Mapped[str | None]
    listed_day: Mapped[dt.date | None]
    first_seen_at: Mapped[dt.datetime]
    listed_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(Integer)
    tried_at: Mapped[dt.datetime | None]
    next_try_at: Mapped[dt.datetime | None]
    last_status: Mapped[int | None] = mapped_column(Integer)
    failure: Mapped[str | None]
    done_at: Mapped[dt.datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))


class ListingRow(Table):
    """A listing of a portal and what it last said; ``key`` digests address and channel.

    ``due_at`` and ``interval_hours`` say when it is read again and how often lately;
    ``is_partial`` that its last reading ended before its end: then it is read whole again.
    """

    __tablename__ = "listings"
    __table_args__ = (UniqueConstraint("portal", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    portal: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    channel: Mapped[str | None]
    claimed: Mapped[int | None] = mapped_column(Integer)
    pages_read: Mapped[int] = mapped_column(Integer)
    first_seen_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    interval_hours: Mapped[float | None]
    is_partial: Mapped[bool] = mapped_column(server_default=false())


class LeaseRow(Table):
    """Which process works on a portal; see ``storage.leases``."""

    __tablename__ = "leases"
    portal: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[uuid.UUID]
    node: Mapped[str]
    process: Mapped[int] = mapped_column(Integer)
    process_began: Mapped[float]
    taken_at: Mapped[dt.datetime]
    renewed_at: Mapped[dt.datetime]


class ListingItemRow(Table):
    """A URL that a listing has shown; one URL may stand on several listings."""

    __tablename__ = "listing_items"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), primary_key=True, index=True)


class FormerRow(Table):
    """What a row of articles, captures or documents said until it was changed.

    ``storage.former`` writes and reads it. ``article_id`` is that of the article or capture as it
    was; it is no reference: what was is kept whatever becomes of the article.
    """

    __tablename__ = "former_rows"
    __table_args__ = (Index(None, "kind", "row_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    row_id: Mapped[int]
    article_id: Mapped[int | None] = mapped_column(index=True)
    until: Mapped[dt.datetime]
    said: Mapped[dict[str, Any]]


class ProbeRow(Table):
    """Whether a portal's rules fit its pages: the outcome of one `scrapy probe`.

    ``is_real`` is false when the pages came from this machine (a host map, a mirror).
    """

    __tablename__ = "probes"
    id: Mapped[int] = mapped_column(primary_key=True)
    portal: Mapped[str] = mapped_column(index=True)
    release: Mapped[str]
    probed_at: Mapped[dt.datetime]
    is_passed: Mapped[bool]
    is_real: Mapped[bool]
    checks: Mapped[dict[str, Any]]
    folder: Mapped[str | None]
