"""The archive and the report that all components of one Scrapy crawl share.

Opened when the first component asks for it, closed when the engine has stopped.
"""

from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.report import CrawlReport
from crawler.rules import Rules
from storage import Archive, ArchiveError, Schedule

_sessions: "WeakKeyDictionary[Crawler, Session]" = WeakKeyDictionary()


class Session:
    """One crawl's archive, rules and report."""

    def __init__(self, archive: Archive, rules: Rules) -> None:
        self.archive = archive
        self.rules = rules
        self.report = CrawlReport()
        self.is_finished = False


def open_archive(settings: BaseSettings, *, create: bool, rules: Rules | None = None) -> Archive:
    """The archive the settings name; raises ``ArchiveError`` saying what to do."""
    return Archive.open(
        settings.get("ARCHIVE_URL"),
        create=create,
        warc=settings.get("ARCHIVE_WARC"),
        warc_bytes=settings.getint("ARCHIVE_WARC_BYTES"),
        reread=(rules or Rules(settings)).read,
        schedule=schedule_of(settings),
        patience_seconds=settings.getfloat("ARCHIVE_PATIENCE_SECONDS"),
    )


def schedule_of(settings: BaseSettings) -> Schedule:
    """When things are due, by the settings; ``ArchiveError`` saying how to write them."""
    try:
        return Schedule.parse(
            settings.get("ARCHIVE_RECHECK_DAYS"), settings.get("ARCHIVE_LISTING_HOURS")
        )
    except ValueError as error:
        raise ArchiveError(str(error)) from None


def session_of(crawler: Crawler) -> Session:
    """The session of a crawl, opened on the first call."""
    if crawler not in _sessions:
        rules = Rules(crawler.settings)
        session = Session(open_archive(crawler.settings, create=True, rules=rules), rules)
        _sessions[crawler] = session
        crawler.signals.connect(session.archive.close, signals.engine_stopped, weak=False)
    return _sessions[crawler]
