"""Which article stands at an address: identity, aliases and moves.

Called by ``Archive`` for its lookups and by ``storage.writing`` for every visit.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, delete, func, select, update

from storage.address import hide_password
from storage.errors import ArticleNotFound
from storage.former import remember_article
from storage.identity import canonical_url, url_key
from storage.record import Article
from storage.rows import insert_new, row_id
from storage.schema import AliasRow, ArticleRow

_ADDRESS_LOCK = 0x6A696564  # "jied": the archive's part of PostgreSQL's advisory locks


class HasAddress(Protocol):
    """A capture, or its row."""

    @property
    def url(self) -> str: ...

    @property
    def page(self) -> int | None: ...


def addresses(captures: Iterable[HasAddress]) -> list[str]:
    """The address asked for and the one that answered as page 1, in this order.

    Hops in between have no part in an article's identity: many articles may pass through one
    (a cookie check, a login).
    """
    urls: list[str] = []
    for capture in captures:
        if capture.page not in (None, 1):
            break
        urls = [*urls[:1], capture.url]
        if capture.page == 1:
            break
    return urls


def find_article(connection: Connection, urls: Iterable[str]) -> int | None:
    """The article that stands, or once stood, at the first of ``urls`` that is known.

    Raises ``ValueError`` for an address that is no http or https URL.
    """
    for key in dict.fromkeys(url_key(url) for url in urls):
        found = connection.scalar(
            select(ArticleRow.id).where(ArticleRow.url_key == key)
        ) or connection.scalar(select(AliasRow.article_id).where(AliasRow.url_key == key))
        if found:
            return found
    return None


def named_article(connection: Connection, which: str | int) -> int:
    """The article of a URL (any of its addresses) or number; ``ArticleNotFound`` otherwise."""
    found: int | None = None
    number = row_id(which)
    if number is not None:
        found = connection.scalar(select(ArticleRow.id).where(ArticleRow.id == number))
    else:
        try:
            found = find_article(connection, [str(which)])
        except ValueError as error:
            raise ArticleNotFound(f"{error}; give an article's address or number") from None
    if found is None:
        raise ArticleNotFound(f"no article {which} in {hide_password(connection.engine.url)}")
    return found


def place_identity(
    connection: Connection, article: Article, urls: Sequence[str], seen_at: dt.datetime
) -> int:
    """The article's id, its row locked until the transaction ends.

    ``urls`` are the addresses of the visit (``addresses``). An unknown article is entered. When
    the address asked for was the article's own and led to another one, the article has moved: it
    keeps its id and the old address becomes an alias, as do all other addresses. An address that
    is another article's own stays that article's.
    """
    key = url_key(article.url)
    _lock_keys(connection, {key, *(url_key(url) for url in urls)})
    article_id = find_article(connection, [article.url, *urls])
    if article_id is None:
        row = {
            "portal": article.portal,
            "url": canonical_url(article.url),
            "url_key": key,
            "first_seen_at": seen_at,
        }
        insert_new(connection, ArticleRow, [row])
        article_id = connection.scalar(select(ArticleRow.id).where(ArticleRow.url_key == key))
        assert article_id is not None
    current = connection.execute(
        select(ArticleRow.url, ArticleRow.url_key)
        .where(ArticleRow.id == article_id)
        .with_for_update()
    ).one()
    others = {url_key(url): canonical_url(url) for url in urls}
    if current.url_key == key:
        others.pop(key, None)
    elif current.url_key in others or not _is_alias(connection, key):
        others[current.url_key] = current.url
        others.pop(key, None)
        connection.execute(
            delete(AliasRow).where(AliasRow.url_key == key, AliasRow.article_id == article_id)
        )
        remember_article(connection, article_id)
        connection.execute(
            update(ArticleRow)
            .where(ArticleRow.id == article_id)
            .values(url=canonical_url(article.url), url_key=key)
        )
    taken = set(
        connection.scalars(select(ArticleRow.url_key).where(ArticleRow.url_key.in_(others)))
    )
    rows = [
        {"article_id": article_id, "url": url, "url_key": other, "first_seen_at": seen_at}
        for other, url in sorted(others.items())  # in one order, so that writers do not deadlock
        if other not in taken
    ]
    insert_new(connection, AliasRow, rows)
    return article_id


def _lock_keys(connection: Connection, keys: Iterable[str]) -> None:
    """Let no other transaction enter these addresses, as an article's own or as an alias.

    Each table's unique key cannot see what is entered in the other one. On SQLite a writer has
    the whole database to itself.
    """
    if connection.dialect.name == "postgresql":
        for key in sorted(keys):  # in one order, so that writers do not deadlock
            connection.execute(
                select(func.pg_advisory_xact_lock(_ADDRESS_LOCK, func.hashtext(key)))
            )


def _is_alias(connection: Connection, key: str) -> bool:
    return connection.scalar(select(AliasRow.id).where(AliasRow.url_key == key)) is not None
