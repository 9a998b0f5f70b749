"""Tables made from the readings alone, which can be dropped and made again.

``storage.indexing`` fills them in the transaction of the reading. Beside them stands
``search_index``, of each database's own kind, known to it and ``storage.search`` only.
"""

import datetime as dt

from sqlalchemy import ForeignKey, Index
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
