"""What an archive is asked of one article, in a transaction the caller holds.

``Archive`` calls these; an article is named by a URL (any of its addresses) or its number.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, select

from storage.aliases import HasAddress, addresses, find_article, named_article
from storage.chain import latest_version, readings_of
from storage.errors import VersionNotFound
from storage.identity import url_key
from storage.permalink import parse_permalink
from storage.reading import (
    count_file_failures,
    page_captures,
    read_current,
    read_file,
    read_identities,
    read_validators,
    read_version,
    read_versions,
    stored_capture,
)
from storage.record import (
    Article,
    CurrentReading,
    StoredArticle,
    StoredCapture,
    Validators,
    Version,
)
from storage.schedule import MAX_TRIES
from storage.schema import CaptureRow, VersionRow
from storage.tombstones import require_open, withdrawn_file, withdrawn_keys


def identity(connection: Connection, which: str | int) -> StoredArticle:
    """The article; ``ArticleNotFound`` otherwise."""
    (found,) = read_identities(connection, [named_article(connection, which)])
    return found


def identities(connection: Connection, query: Select[int]) -> list[StoredArticle]:
    """The articles whose numbers a query gives, in its order."""
    return read_identities(connection, connection.scalars(query).all())


def versions(connection: Connection, which: str | int) -> list[Version]:
    """All versions, the first one first; ``ArticleWithdrawn`` if the article is."""
    article_id = named_article(connection, which)
    require_open(connection, article_id)
    return read_versions(connection, article_id)


def version(connection: Connection, which: str | int, number: int | None) -> Version:
    """One version; without a number that of a permalink, else the latest.

    Raises ``VersionNotFound`` or ``ArticleWithdrawn``.
    """
    article_id = named_article(connection, which)
    require_open(connection, article_id)
    latest = latest_version(connection, article_id)
    if latest is None:
        raise VersionNotFound(f"{which}: no version; none could be read yet")
    if number is None:
        number = _permanent(connection, article_id, which) or latest.number
    if not 1 <= number <= latest.number:
        raise VersionNotFound(f"{which}: no version {number}; it has 1 to {latest.number}")
    (found,) = read_versions(connection, article_id, number)
    return found


def two_versions(
    connection: Connection, which: str | int, a: int | None, b: int | None
) -> tuple[Version, Version]:
    """Versions ``a`` and ``b``; without ``b`` the latest, without ``a`` the one before."""
    newer = version(connection, which, b)
    if a is None and newer.number == 1:
        raise VersionNotFound(f"{which}: version 1 is the first; there is none to compare it with")
    return version(connection, which, newer.number - 1 if a is None else a), newer


def cited_version(
    connection: Connection, which: str | int, number: int | None
) -> tuple[str, Version]:
    """A version and its article's canonical address."""
    found = version(connection, which, number)
    return identity(connection, found.article_id).url, found


def captures(connection: Connection, which: str | int | None) -> list[StoredCapture]:
    """All captures in the order they were recorded, of one article if named."""
    query = select(CaptureRow.__table__).order_by(CaptureRow.id)
    if which is not None:
        query = query.where(CaptureRow.article_id == named_article(connection, which))
    return [stored_capture(row) for row in connection.execute(query)]


def current_reading(connection: Connection, url: str) -> CurrentReading | None:
    """Who read the latest version last; ``None`` for an unknown article."""
    article_id = find_article(connection, [url])
    return read_current(connection, article_id) if article_id else None


def validators(connection: Connection, url: str) -> Validators | None:
    """See ``Archive.validators``."""
    article_id = find_article(connection, [url])
    if article_id and withdrawn_keys(connection, [url_key(url)]):
        return None
    latest = latest_version(connection, article_id) if article_id else None
    return read_validators(connection, latest.id, url) if latest else None


def wants_file(connection: Connection, url: str, *, is_recheck: bool) -> bool:
    """See ``Archive.wants_file``."""
    if withdrawn_file(connection, url):
        return False
    if read_file(connection, url) is not None:
        return is_recheck
    return is_recheck or count_file_failures(connection, url) < MAX_TRIES


def pages_of_version(connection: Connection, version_id: int) -> tuple[str | None, list[int]]:
    """The portal of a version and the captures of its pages, to read it again."""
    known = read_version(connection, version_id)
    require_open(connection, known.article_id)
    return known.article.portal, page_captures(connection, version_id)


def latest_unread(
    connection: Connection, article: Article, visit: Sequence[HasAddress]
) -> tuple[int, int, list[int]] | None:
    """The latest version if the reader of ``article`` has not read it: id, number, captures."""
    article_id = find_article(connection, [article.url, *addresses(visit)])
    latest = latest_version(connection, article_id) if article_id else None
    if latest is None or article.reader in readings_of(connection, latest.id):
        return None
    return latest.id, latest.number, page_captures(connection, latest.id)


def _permanent(connection: Connection, article_id: int, which: str | int) -> int | None:
    """The number here of the version that a permalink means; ``None`` when it is none.

    Archives that began at different times number alike contents differently: the digest decides,
    and the number where several versions have it (a text that was changed and restored).
    """
    link = parse_permalink(which) if isinstance(which, str) else None
    if link is None or link.digest is None:
        return link.number if link else None
    query = select(VersionRow.number).where(
        VersionRow.article_id == article_id, VersionRow.digest == link.digest
    )
    numbers = connection.scalars(query.order_by(VersionRow.number)).all()
    if not numbers:
        raise VersionNotFound(f"{link.url}: no version here has the digest {link.digest}")
    return link.number if link.number in numbers else numbers[0]
