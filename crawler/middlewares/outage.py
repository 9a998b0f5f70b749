"""A portal that does not answer, or answers only with errors, is left alone for a while.

Every further request would fail as well, cost a try, and burden a server that is in trouble.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.session import session_of
from crawler.stopping import NotAsked, stop_crawl

IN_A_ROW = 10  # pages that failed after all their retries, without one that came


class OutageMiddleware:
    """Stands outside the retries; a page that comes, whatever it says, ends the row."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._failures = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get("kind") in ("article", "listing"):
            if response.status >= 500:
                self._count(f"HTTP {response.status}")
            else:
                self._failures = 0
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        is_ours = isinstance(exception, NotAsked)
        if request.meta.get("kind") in ("article", "listing") and not is_ours:
            self._count(str(exception) or type(exception).__name__)

    def _count(self, what: str) -> None:
        self._failures += 1
        if self._failures != IN_A_ROW:
            return
        reason = f"{IN_A_ROW} pages in a row could not be had ({what})"
        session_of(self._crawler).report.problem(
            f"{reason}; the portal is left alone and the next crawl goes on. When it lasts, look"
            " whether the portal has moved or blocks this machine"
        )
        stop_crawl(self._crawler, "unavailable", reason)
