"""Withdrawals on legal or personal-data grounds: a tombstone, an audit line, bytes on demand.

``Archive`` inherits ``Withdrawals``; ``jiedu withdraw`` and crawls are its users. An article is
hidden and its audit line written in one transaction. An erasure then empties the database, next
the WARC files, and says last that it is finished: cut short anywhere, the next one goes on with it.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Engine, insert, select, update

from storage.aliases import addresses, named_article
from storage.captures import CaptureFiles
from storage.clock import now
from storage.erasure import captures_to_erase, forget_texts, mark_erased, purge
from storage.errors import ArchiveError, ArchiveUnusable, CaptureUnreadable
from storage.former import remember_captures
from storage.identity import url_key
from storage.indexing import reindex, unindex
from storage.ledger import settle
from storage.linked_files import place_files
from storage.record import Added, Article, Capture, Withdrawal
from storage.schema import AliasRow, ArticleRow, CaptureRow, LedgerRow, WithdrawalRow
from storage.tombstones import (
    read_withdrawals,
    withdrawn_by,
    withdrawn_file,
    withdrawn_keys,
)
from storage.transaction import read, write

NOT_KEPT = Added(state="withdrawn", article_id=None, version=None, capture_ids=())


class Withdrawals:
    """Articles that are hidden, and the audit of it."""

    _engine: Engine
    _files: CaptureFiles

    def withdraw(
        self, which: str | int, reason: str, *, by: str, erase: bool = False
    ) -> Withdrawal:
        """Hide an article from every reader, with its files no other article links to.

        ``erase`` also removes its texts from the database and overwrites its records in the WARC
        files; it finishes every erasure that was cut short before. Pages of listings keep the
        titles they show. The audit line is returned. Raises ``ArticleNotFound``, ``ArchiveError``
        for an article withdrawn before (which may still be erased), and ``ArchiveUnusable`` or
        ``CaptureUnreadable`` when an erasure has to be finished another time.
        """
        reason, by = _one_line(reason, "reason"), _one_line(by, "name")
        if erase:
            self._files.named_folder()
        act_id = write(self._engine, lambda c: _hide(c, which, reason, by, is_erased=erase))
        if erase:
            self._finish_erasures(first=act_id)
        return next(act for act in self.withdrawals() if act.id == act_id)

    def restore(self, which: str | int, reason: str, *, by: str) -> Withdrawal:
        """Undo a withdrawal; ``ArchiveError`` when there is none, or when its bytes are gone."""
        reason, by = _one_line(reason, "reason"), _one_line(by, "name")
        act_id = write(self._engine, lambda c: _show(c, which, reason, by))
        return next(act for act in self.withdrawals() if act.id == act_id)

    def withdrawals(self) -> list[Withdrawal]:
        """The audit list, oldest act first."""
        return read(self._engine, lambda c: read_withdrawals(c))

    def is_withdrawn(self, url: str) -> bool:
        """Whether a URL is an address of a withdrawn article, or of a file that went with it."""
        try:
            key = url_key(url)
        except ValueError:
            return False
        return read(
            self._engine, lambda c: bool(withdrawn_keys(c, [key]) or withdrawn_file(c, url))
        )

    def _leave_withdrawn(self, visit: Sequence[Capture], article: Article | None) -> Added | None:
        """Settle the ledger for a visit to a withdrawn article; ``None`` for any other."""
        article_id = read(self._engine, lambda c: withdrawn_by(c, visit, article))
        if article_id is None:
            return None
        if visit[-1].kind == "article":
            urls, status = addresses(visit), visit[-1].status
            write(self._engine, lambda c: settle(c, urls, status, None, article_id))
        return Added(state="withdrawn", article_id=article_id, version=None, capture_ids=())

    def _finish_erasures(self, *, first: int) -> None:
        """Finish the erasure of an audit line, then those that were cut short before."""
        unfinished = [act for act in self.withdrawals() if act.finished_at is None]
        for act in sorted(unfinished, key=lambda act: (act.id != first, act.id)):
            write(self._engine, partial(forget_texts, article_id=act.article_id))
            purge(self._engine)
            self._erase_captures(act)
            write(self._engine, partial(_finish, act_id=act.id))

    def _erase_captures(self, act: Withdrawal) -> None:
        """Overwrite every capture of the article; one that cannot be is no reason to leave others.

        Captures another process was still adding are found by asking again.
        """
        failed: dict[int, ArchiveError] = {}
        while True:
            rows = read(self._engine, lambda c: captures_to_erase(c, act.article_id))
            rows = [row for row in rows if row.id not in failed]
            if not rows:
                break
            done = []
            for row in rows:
                try:
                    self._files.erase(row)
                    done.append(row.id)
                except (CaptureUnreadable, ArchiveUnusable) as error:
                    failed[row.id] = error
            write(self._engine, partial(mark_erased, capture_ids=done))
        if failed:
            first = next(iter(failed.values()))
            kind = CaptureUnreadable if isinstance(first, CaptureUnreadable) else ArchiveUnusable
            raise kind(
                f"{act.url} is hidden, but {len(failed)} of its captures are not erased yet;"
                f" withdraw it with --erase again when this is mended: {first}"
            )


def _hide(
    connection: Connection, which: str | int, reason: str, by: str, *, is_erased: bool
) -> int:
    """Set the tombstone and write the audit line; its number, or that of an unfinished erasure."""
    article_id, is_withdrawn = _locked(connection, which)
    acts = read_withdrawals(connection, article_id)
    unfinished = [act.id for act in acts if act.finished_at is None]
    if is_withdrawn and (unfinished or not is_erased):
        if is_erased:
            return unfinished[0]
        raise ArchiveError(f"{which} is withdrawn already; --erase would remove its bytes too")
    at = now()
    if not is_withdrawn:
        connection.execute(
            update(ArticleRow).where(ArticleRow.id == article_id).values(withdrawn_at=at)
        )
        unindex(connection, article_id)
    keys = _url_keys(connection, article_id)
    _claim_captures(connection, article_id, keys)
    place_files(connection, article_id)
    connection.execute(
        update(LedgerRow)
        .where(LedgerRow.url_key.in_(keys) | (LedgerRow.article_id == article_id))
        .values(
            listed_title=None, state="done", failure=None, article_id=article_id, next_try_at=None
        )
    )
    return _enter(connection, article_id, "erase" if is_erased else "withdraw", reason, by)


def _show(connection: Connection, which: str | int, reason: str, by: str) -> int:
    article_id, is_withdrawn = _locked(connection, which)
    if not is_withdrawn:
        raise ArchiveError(f"{which} is not withdrawn; there is nothing to restore")
    if any(act.act == "erase" for act in read_withdrawals(connection, article_id)):
        raise ArchiveError(f"{which} was erased; its text cannot be restored")
    connection.execute(
        update(ArticleRow).where(ArticleRow.id == article_id).values(withdrawn_at=None)
    )
    reindex(connection, article_id)
    place_files(connection, article_id)
    return _enter(connection, article_id, "restore", reason, by)


def _locked(connection: Connection, which: str | int) -> tuple[int, bool]:
    """The article's number and whether it is withdrawn; it stays so until the end."""
    article_id = named_article(connection, which)
    query = select(ArticleRow.withdrawn_at).where(ArticleRow.id == article_id)
    return article_id, connection.scalar(query.with_for_update()) is not None


def _url_keys(connection: Connection, article_id: int) -> list[str]:
    own = select(ArticleRow.url_key).where(ArticleRow.id == article_id)
    also = select(AliasRow.url_key).where(AliasRow.article_id == article_id)
    return [*connection.scalars(own), *connection.scalars(also)]


def _claim_captures(connection: Connection, article_id: int, keys: list[str]) -> None:
    """Make visits the article's that were made to its addresses before it could be read."""
    visits = select(CaptureRow.visit).where(
        CaptureRow.url_key.in_(keys),
        CaptureRow.article_id.is_(None),
        CaptureRow.kind == "article",
    )
    found = select(CaptureRow.id).where(
        CaptureRow.visit.in_(connection.scalars(visits).all()), CaptureRow.article_id.is_(None)
    )
    ids = connection.scalars(found).all()
    remember_captures(connection, ids)
    connection.execute(
        update(CaptureRow).where(CaptureRow.id.in_(ids)).values(article_id=article_id)
    )


def _enter(connection: Connection, article_id: int, act: str, reason: str, by: str) -> int:
    at = now()
    values = {
        "article_id": article_id,
        "act": act,
        "reason": reason,
        "acted_by": by,
        "acted_at": at,
        "finished_at": None if act == "erase" else at,
    }
    query = insert(WithdrawalRow).values(values).returning(WithdrawalRow.id)
    return connection.execute(query).scalar_one()


def _finish(connection: Connection, act_id: int) -> None:
    connection.execute(
        update(WithdrawalRow).where(WithdrawalRow.id == act_id).values(finished_at=now())
    )


def _one_line(text: str, what: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ValueError(f"a withdrawal needs a {what}; the audit list keeps it")
    return text
