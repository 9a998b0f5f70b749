"""One update: every portal's listings, new articles, confirmations and rechecks that are due."""

from crawler.update.alarm import alert
from crawler.update.run import Update
from crawler.update.summary import PortalResult, UpdateResult, summary_lines

__all__ = ["PortalResult", "Update", "UpdateResult", "alert", "summary_lines"]
