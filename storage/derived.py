"""Tables made from the readings alone, which can be dropped and made again: search and reprints.

``storage.indexing`` and ``storage.reprints`` fill them in the transaction of the reading. Beside
them stands ``search_index``, of each database's own kind, known to ``storage.search`` only.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Table


class SearchEntryRow(Table):
    """A version's current reading as search filters, counts and orders it.

    ``position`` orders articles by date, then by number: see ``storage.indexing.position``.
    """

    __tablename__ = "search_entries"
    __table_args__ = (Index(None, "is_latest", "position"),)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id"), primary_key=True, autoincrement=False
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"))
    is_latest: Mapped[bool]
    position: Mapped[int]
    portal: Mapped[str | None]
    source: Mapped[str | None]
    channel: Mapped[str | None]
    layout: Mapped[str]
    published_date: Mapped[dt.date | None]
    posted_date: Mapped[dt.date | None]
    captured_date: Mapped[dt.date]


class SignatureRow(Table):
    """The MinHash signature of an article's latest version: 128 numbers of 32 bits."""

    __tablename__ = "reprint_signatures"
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id"), primary_key=True, autoincrement=False
    )
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class BandRow(Table):
    """One of the 32 bands of a signature, as a number: articles that share one are compared."""

    __tablename__ = "reprint_bands"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own style
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id"), primary_key=True, autoincrement=False, index=True
    )


class ReprintRow(Table):
    """Two articles of the same text, the lower number first; ``alike`` is in 128ths."""

    __tablename__ = "reprint_pairs"
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id"), primary_key=True, autoincrement=False
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id"), primary_key=True, autoincrement=False, index=True
    )
    alike: Mapped[int] = mapped_column(Integer)
