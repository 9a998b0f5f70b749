"""Scrapy settings: only departures from its defaults, each with its reason.

The environment is read here and nowhere below; the ``ARCHIVE_*`` settings stand at the end.
"""

import os
from importlib.metadata import version

BOT_NAME = "jiedu"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"

# Politeness: Scrapy's defaults are eight requests at once without delay, and no robots.txt.
USER_AGENT = (
    f"jiedu/{version('jiedu')} (archive of policy interpretations; "
    f"contact: {os.environ.get('ARCHIVE_CONTACT') or 'not set'})"
)
ROBOTSTXT_OBEY = True
# robots.txt names the product token (RFC 9309, 2.2.1), not words of the sentence behind it.
ROBOTSTXT_USER_AGENT = "jiedu"
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 3
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 3
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}
# 429 is a refusal and stops the portal (middlewares/refusal.py); asking again is no answer to it.
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]

# Both open a port into the crawl process.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# The largest article page seen is 1.3 MB; what is larger than this is recorded and not kept.
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
# A truncated body is kept with its reason (middlewares/wire.py) instead of being thrown away.
DOWNLOAD_FAIL_ON_DATALOSS = False
DOWNLOAD_TIMEOUT = 60

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.CrawlDelayMiddleware": 100,  # in its place
    "crawler.middlewares.outage.OutageMiddleware": 530,  # sees what the retries let through
    "crawler.middlewares.conditional.ConditionalGetMiddleware": 540,  # before retries
    "crawler.middlewares.refusal.RefusalMiddleware": 560,  # sees decoded bodies, before retries
    "crawler.middlewares.budget.BudgetMiddleware": 850,  # counts what really goes out
    "crawler.middlewares.wire.WireCaptureMiddleware": 860,  # sees every hop's wire bytes
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 300}
EXTENSIONS = {
    "crawler.extensions.report.CrawlReportExtension": 0,
    "crawler.extensions.progress.ProgressExtension": 0,
    "crawler.extensions.archive_guard.ArchiveGuardExtension": 0,
    "crawler.extensions.quiet_hours.QuietHoursExtension": 0,
    "crawler.extensions.response_times.ResponseTimesExtension": 0,
    # Off (see below), and not imported for nothing: that takes half a second of every command.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
}

# A page that failed is tried again later; the summary counts it, nobody has to look.
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"

# What is most overdue is asked for first; Scrapy's own queue gives the newest request first.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

# The spider knows what it has asked for. Scrapy's filter would drop, without a word, a redirect to
# an address that another request had, and with it the article that asked.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

LOG_LEVEL = "INFO"
LOG_FILE_APPEND = True

# Any SQLAlchemy URL; None means archive/archive.db beside scrapy.cfg.
ARCHIVE_URL = os.environ.get("ARCHIVE_URL") or None
# Folder of the WARC files; None means warc/ beside the SQLite file, PostgreSQL needs it named.
ARCHIVE_WARC = os.environ.get("ARCHIVE_WARC") or None
# Size at which a new WARC file is begun.
ARCHIVE_WARC_BYTES = 1_000_000_000
# Hours in Asia/Shanghai in which no crawl starts and a running one stops: 08:00-18:00.
ARCHIVE_QUIET_HOURS = os.environ.get("ARCHIVE_QUIET_HOURS") or None
# Days after an article was posted, or last changed, on which an update looks at it again.
ARCHIVE_RECHECK_DAYS = os.environ.get("ARCHIVE_RECHECK_DAYS") or "1 3 7 30 90 180"
# Shortest and longest time between two readings of a listing, in hours.
ARCHIVE_LISTING_HOURS = os.environ.get("ARCHIVE_LISTING_HOURS") or "1-24"
# How long a crawl waits for a PostgreSQL server that has gone away before it stops.
ARCHIVE_PATIENCE_SECONDS = 60
# Keep the files that articles link to (pdf, doc, xls, wps, ofd, ...), up to a size.
ARCHIVE_ATTACHMENTS = os.environ.get("ARCHIVE_ATTACHMENTS", "").lower() in (
    "1",
    "yes",
    "true",
    "on",
)
ARCHIVE_ATTACHMENT_BYTES = os.environ.get("ARCHIVE_ATTACHMENT_BYTES") or 50 * 1024 * 1024
# How a webmaster reaches the operator; stands in the user agent above.
ARCHIVE_CONTACT = os.environ.get("ARCHIVE_CONTACT") or None
# A command that gets an update's warnings as JSON on its standard input (crawler/alert.py).
ARCHIVE_ALERT = os.environ.get("ARCHIVE_ALERT") or None
# Lines of log files: "json", one object a line, or "text" as Scrapy writes them.
ARCHIVE_LOG_FORMAT = os.environ.get("ARCHIVE_LOG_FORMAT") or "json"
