"""What is withdrawn: asked before anything is written to an article, or read from one.

Called by ``Archive`` and its writing modules; ``storage.withdrawal`` sets the tombstones.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.aliases import addresses
from storage.errors import ArticleWithdrawn
from storage.identity import url_key
from storage.record import SHANGHAI, Article, Capture, StoredCapture, Withdrawal
from storage.rows import is_row_id
from storage.schema import AliasRow, ArticleRow, CaptureRow, WithdrawalRow

FILE_KINDS = ("attachment", "image")
_WITHDRAWN = ArticleRow.withdrawn_at.is_not(None)


def read_withdrawals(connection: Connection, article_id: int | None = None) -> list[Withdrawal]:
    """The audit list, oldest act first, of one article if named."""
    query = (
        select(WithdrawalRow.__table__, ArticleRow.url)
        .join(ArticleRow, ArticleRow.id == WithdrawalRow.article_id)
        .order_by(WithdrawalRow.id)
    )
    if article_id is not None:
        query = query.where(WithdrawalRow.article_id == article_id)
    return [_withdrawal(row) for row in connection.execute(query)]


def require_open(
    connection: Connection, article_id: int | None, *, is_locked: bool = False
) -> None:
    """Raise ``ArticleWithdrawn`` for a withdrawn article; no article is an open one.

    ``is_locked`` keeps it as it is until the transaction ends.
    """
    query = select(ArticleRow.withdrawn_at).where(ArticleRow.id == article_id)
    if is_locked:
        query = query.with_for_update()
    if article_id is not None and connection.scalar(query) is not None:
        raise ArticleWithdrawn(_tombstone(read_withdrawals(connection, article_id)))


def withdrawn_keys(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Those of the URL keys at which a withdrawn article stands, or once stood, and its number."""
    wanted = list(set(keys))
    alias = (
        select(AliasRow.url_key, AliasRow.article_id)
        .join(ArticleRow, ArticleRow.id == AliasRow.article_id)
        .where(AliasRow.url_key.in_(wanted), _WITHDRAWN)
    )
    own = select(ArticleRow.url_key, ArticleRow.id).where(
        ArticleRow.url_key.in_(wanted), _WITHDRAWN
    )
    return {key: number for query in (alias, own) for key, number in connection.execute(query)}


def withdrawn_file(connection: Connection, url: str) -> int | None:
    """The withdrawn article with which the attachment or image of a URL went."""
    return connection.scalar(
        select(CaptureRow.article_id)
        .join(ArticleRow, ArticleRow.id == CaptureRow.article_id)
        .where(CaptureRow.url_key == url_key(url), CaptureRow.kind.in_(FILE_KINDS), _WITHDRAWN)
        .limit(1)
    )


def withdrawn_by(
    connection: Connection, visit: Sequence[Capture | StoredCapture], article: Article | None
) -> int | None:
    """The withdrawn article that a visit shows; a listing page shows none.

    The page of another article counts when it was asked for at a withdrawn one's address: what
    was withdrawn may have been posted again under a new one.
    """
    last = visit[-1]
    if last.kind in FILE_KINDS:
        files = (withdrawn_file(connection, capture.url) for capture in visit)
        return next((number for number in files if number), None)
    if last.kind != "article":
        return None
    revisits = last.revisits if isinstance(last, Capture) and last.status == 304 else None
    if revisits is not None and is_row_id(revisits):
        vouched = (
            select(CaptureRow.article_id)
            .join(ArticleRow, ArticleRow.id == CaptureRow.article_id)
            .where(CaptureRow.id == revisits, _WITHDRAWN)
        )
        if number := connection.scalar(vouched):
            return number
    urls = [*addresses(visit), *([article.url] if article else [])]
    found = withdrawn_keys(connection, (url_key(url) for url in urls))
    return next(iter(found.values()), None)


def _withdrawal(row: Row[Any]) -> Withdrawal:
    return Withdrawal(**{name: getattr(row, name) for name in Withdrawal.__slots__})


def _tombstone(acts: Sequence[Withdrawal]) -> str:
    """One line: address, since when, by whom, why, and where the audit stands."""
    begin = max(n for n, act in enumerate(acts) if n == 0 or acts[n - 1].act == "restore")
    first, last = acts[begin], acts[-1]
    said = f"{first.url} was withdrawn on {_day(first)} by {first.acted_by}: {first.reason}"
    if last.act == "erase":
        said += f"; erased on {_day(last)}" if last.finished_at else "; its erasure is unfinished"
    return f"{said} (audit {', '.join(str(act.id) for act in acts)} of `jiedu withdrawals`)"


def _day(act: Withdrawal) -> str:
    return act.acted_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
