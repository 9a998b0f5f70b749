"""Scrapy settings for a crawl of the sample portals: the product's own, without its patience.

Used with ``SCRAPY_SETTINGS_MODULE=tests.site.settings``; ``python -m tests.site`` prints the lines.
"""

import datetime as dt
import json
import os
import resource

from crawler.settings import *  # noqa: F403  the settings under test, less what follows
from storage import clock

SPIDER_MODULES = ["tests.site.portals"]
DOWNLOAD_HANDLERS = {
    "http": "tests.site.hostmap.HostMapDownloadHandler",
    "https": "tests.site.hostmap.HostMapDownloadHandler",
}
HOST_MAP = json.loads(os.environ.get("JIEDU_HOST_MAP", "{}"))

# Nobody is disturbed on the loopback, so nothing waits. Not 0: without any delay Scrapy 2.19 counts
# a request as being sent only later, and sends all that wait at once.
DOWNLOAD_DELAY = 0.001
DOWNLOAD_DELAY_JITTER = 0
DOWNLOAD_SLOTS: dict[str, dict[str, float]] = {}
AUTOTHROTTLE_ENABLED = False

# A disk on which no file grows beyond a size.
if os.environ.get("JIEDU_FILE_LIMIT"):
    limit = int(os.environ["JIEDU_FILE_LIMIT"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

# A day to come or gone by: the clock stands there when the crawl begins, and goes on.
if os.environ.get("JIEDU_CLOCK"):
    clock.turn(dt.datetime.fromisoformat(os.environ["JIEDU_CLOCK"]))
