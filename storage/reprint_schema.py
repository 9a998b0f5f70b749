"""Tables that tell copies of a text: signatures, their bands, and the links found between readings.

Part of ``storage.schema`` (same metadata, same conventions); filled by ``storage.reprint_links``
in the transaction of the reading.
"""

from sqlalchemy import ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Table


class SignatureRow(Table):
    """That a reading was compared, and its signature while it is the article's current one.

    ``hashes`` is ``None`` for a text too short and for a reading that another one superseded:
    ``reprint_links`` keeps what was found. A withdrawn article's stays, hidden, until it is erased.
    """

    __tablename__ = "signatures"
    reading_id: Mapped[int] = mapped_column(
        ForeignKey("readings.id"), primary_key=True, autoincrement=False
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    hashes: Mapped[bytes | None] = mapped_column(LargeBinary)
    shingles: Mapped[int | None] = mapped_column(Integer)


class BandRow(Table):
    """A bucket of readings whose signatures have a band in common.

    Without foreign key, which would be looked up 32 times a reading: rows come and go with the
    hashes of their signature.
    """

    __tablename__ = "signature_bands"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's declaration style
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signature_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ReprintLinkRow(Table):
    """Two readings, current at the same time, that have a text in common; never changed.

    ``reading_id`` is the newer one: the link was known when it was recorded. The figures are the
    estimates of ``storage.signatures.Likeness``.
    """

    __tablename__ = "reprint_links"
    reading_id: Mapped[int] = mapped_column(
        ForeignKey("readings.id"), primary_key=True, autoincrement=False
    )
    other_reading_id: Mapped[int] = mapped_column(
        ForeignKey("readings.id"), primary_key=True, autoincrement=False, index=True
    )
    similarity: Mapped[float]
    containment: Mapped[float]
