"""Tables made from the readings alone, which can be dropped and made again.

``storage.indexing`` fills them in the transaction of the reading. Beside them stands
``search_index``, of each database's own kind, known to it and ``storage.word_index`` only.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema import Table


class SearchEntryRow(Table):
    """A version's current reading as search filters, counts and orders it.

    ``position`` orders articles by date, then by number: see ``storage.indexing.position``;
    ``month`` is that of the date, counted from the year 0. ``number`` is the version's.
    """

    __tablename__ = "search_entries"
    __table_args__ = (Index(None, "is_latest", "position"),)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("versions.id"), primary_key=True, autoincrement=False
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"))
    number: Mapped[int] = mapped_column(Integer)
    is_latest: Mapped[bool]
    position: Mapped[int]
    month: Mapped[int] = mapped_column(Integer)
    portal: Mapped[str | None]
    source: Mapped[str | None]
    channel: Mapped[str | None]
    layout: Mapped[str]
    type: Mapped[str | None]
    published_date: Mapped[dt.date | None]
    posted_date: Mapped[dt.date | None]
    captured_date: Mapped[dt.date]
