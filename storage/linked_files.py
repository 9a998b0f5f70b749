"""The withdrawn article that attachments and images go with; none while an open one needs them.

Called by ``storage.withdrawal`` and ``storage.erasure``.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select, update

from storage.identity import url_key
from storage.schema import ArticleRow, AttachmentRow, CaptureRow, ImageRow, ReadingRow, VersionRow
from storage.tombstones import FILE_KINDS

_LINKS = (AttachmentRow, ImageRow)


def place_files(connection: Connection, article_id: int, *, is_leaving: bool = False) -> None:
    """Give the captures of the files an article links to the article they are hidden with.

    It is one of those that link to them if all of these are withdrawn, and none otherwise. When
    the article ``is_leaving``, its links are about to be forgotten: a file goes with another one
    that still links to it, and stays with this one where there is none.
    """
    linked = set(_links(connection, article_id))
    if not linked:
        return
    linkers: dict[str, dict[int, bool]] = {key: {} for key in linked}
    for number, is_withdrawn, key in _linkers(connection, linked):
        linkers[key][number] = is_withdrawn
    for key, by_article in linkers.items():
        if is_leaving and len(by_article) > 1:
            del by_article[article_id]
        is_hidden = all(by_article.values())
        _assign(connection, key, min(by_article) if is_hidden else None)


def _links(connection: Connection, article_id: int) -> Iterator[str]:
    """URL keys of what the readings of an article link to; odd addresses have none."""
    for table in _LINKS:
        urls = connection.scalars(
            select(table.url)
            .join(ReadingRow, ReadingRow.id == table.reading_id)
            .join(VersionRow, VersionRow.id == ReadingRow.version_id)
            .where(VersionRow.article_id == article_id)
        )
        yield from (key for url in urls if (key := _key(url)))


def _linkers(connection: Connection, keys: set[str]) -> Iterator[tuple[int, bool, str]]:
    """Number of each article that links to one of the keys, whether it is withdrawn, and the key.

    No index finds a URL in its other spellings, so all links are looked at; the host says of most
    of them, without making their keys, that they are others.
    """
    hosts = {key.partition("/")[0] for key in keys}
    for table in _LINKS:
        rows = connection.execute(
            select(table.url, ArticleRow.id, ArticleRow.withdrawn_at)
            .join(ReadingRow, ReadingRow.id == table.reading_id)
            .join(VersionRow, VersionRow.id == ReadingRow.version_id)
            .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        )
        for url, number, withdrawn_at in rows:
            if url.isascii() and not any(host in url.lower() for host in hosts):
                continue
            if (key := _key(url)) in keys:
                yield number, withdrawn_at is not None, str(key)


def _assign(connection: Connection, key: str, article_id: int | None) -> None:
    """The captures of the visits that brought a file, redirect hops and all."""
    visits = select(CaptureRow.visit).where(
        CaptureRow.url_key == key, CaptureRow.kind.in_(FILE_KINDS)
    )
    connection.execute(
        update(CaptureRow)
        .where(CaptureRow.visit.in_(connection.scalars(visits).all()))
        .where(CaptureRow.record_type != "erased")
        .values(article_id=article_id)
    )


def _key(url: str) -> str | None:
    try:
        return url_key(url)
    except ValueError:
        return None
