"""What runs leave behind: crawls that never said how they ended, the ledger, unfinished erasures.

Called by ``storage.check.checking``.
"""

from sqlalchemy import Connection, func, select

from storage.check.finding import Report
from storage.check.running import Running
from storage.schema import LedgerRow, WithdrawalRow

_REPAIR = "run `jiedu check --repair`"


def check_upkeep(connection: Connection, running: Running, report: Report) -> None:
    """Crawls, ledger, withdrawals."""
    for crawl in running.unfinished:
        where = f"crawl {crawl.id} ({' '.join(filter(None, (crawl.command, crawl.portal)))})"
        if running.is_leased(crawl):
            report.add("information", "it is running", where, "nothing to do")
        else:
            what = "it ended without a word, or runs without a lease"
            report.add("information", what, where, f"{_REPAIR} when it no longer runs")
    report.checked["listed addresses"] = (
        connection.scalar(select(func.count()).select_from(LedgerRow)) or 0
    )
    unsettled = (
        select(LedgerRow.portal, LedgerRow.url)
        .where(LedgerRow.state == "done", LedgerRow.article_id.is_(None))
        .order_by(LedgerRow.id)
    )
    for portal, url in connection.execute(unsettled):
        what = "the ledger says done, but names no article"
        report.add("error", what, f"{portal}: {url}", _REPAIR)
    erasures = select(WithdrawalRow.id, WithdrawalRow.article_id).where(
        WithdrawalRow.act == "erase", WithdrawalRow.finished_at.is_(None)
    )
    for number, article in connection.execute(erasures):
        report.add(
            "warning",
            "the erasure is not finished",
            f"withdrawal {number} of article {article}",
            f"run `jiedu withdraw {article} --erase` again",
        )
