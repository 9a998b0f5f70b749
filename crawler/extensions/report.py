"""Begin and finish the archive's row of a crawl; put its counts where commands find them."""

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.portal import Portal
from crawler.report import CrawlReport
from crawler.session import session_of
from storage import ArchiveError

ENDED_BY_US = ("time is up", "terminated")  # outcomes that are no trouble
REPORTED = ("refused", "unavailable", "archive unusable", "lease lost")  # their reason is reported

_GENERIC_SHARE = 0.5  # of the pages of a crawl: fewer may be pages that were always odd


class CrawlReportExtension:
    """One crawl row a spider run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        """Enter the crawl."""
        plan = getattr(spider, "plan", None)
        session_of(self._crawler).archive.begin_crawl(
            getattr(plan, "command", "crawl"),
            getattr(spider, "portal_name", None),
            update_id=getattr(plan, "update_id", None),
        )

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """Close it with its counts, once."""
        session = session_of(self._crawler)
        if session.is_finished:
            return
        session.is_finished = True
        errors = (self._crawler.stats and self._crawler.stats.get_value("log_count/ERROR")) or 0
        if errors:
            session.report.problem(f"{errors} errors in the log")
        if reason == "quiet hours":
            session.report.note("stopped, for quiet hours have begun; the next crawl goes on")
        elif reason in ENDED_BY_US:
            session.report.note(f"stopped: {reason}; the next run goes on")
        elif reason not in ("finished", *REPORTED):
            session.report.problem(f"stopped early: {reason}; the next crawl goes on")
        portal = getattr(spider, "portal", None)
        if isinstance(portal, Portal):
            _report_layouts(session.report, portal)
        _report_selection(session.report)
        try:
            if name := getattr(spider, "portal_name", None):
                backlog = session.archive.backlog(name)
                session.report.backlog_days = round(backlog.days, 2)
                session.report.backlog = backlog.total
            session.archive.finish_crawl(reason, session.report.counts())
        except ArchiveError as error:  # the next run enters it as killed
            session.report.problem_once(f"the end of the crawl could not be recorded: {error}")


def _report_layouts(report: CrawlReport, portal: Portal) -> None:
    """A redesign shows as pages that fit none of the layouts; families of portals have no own."""
    is_family = ":" in portal.name
    if not portal.layouts or is_family or report.generic < 2:
        return
    if report.generic >= report.pages_read * _GENERIC_SHARE:
        names = ", ".join(layout.name for layout in portal.layouts)
        report.problem(
            f"{report.generic} of {report.pages_read} articles fit none of the layouts ({names})"
            f" and were read by general rules: has {portal.title} been redesigned? `scrapy probe"
            f" {portal.name}` shows what fits; add a layout to the portal's file"
        )


def _report_selection(report: CrawlReport) -> None:
    if report.left_out:
        report.note(f"{report.left_out} listed articles are not in the selection; none was fetched")
    if report.left_out and report.left_out == report.listed:
        report.note("nothing listed is in the selection: -a pages=all reads the listings further")
    if report.unsure:
        report.note(
            f"{report.unsure} were fetched because the listing shows no full date or title;"
            f" {report.outside} of them proved outside the selection and are archived all the same"
        )
