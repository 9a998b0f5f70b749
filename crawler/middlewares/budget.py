"""Counts the requests of a run as they go out, and sends none beyond its budget."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.stopping import NotAsked


class BudgetMiddleware:
    """Nearest to the downloader: retries, redirects and robots.txt are requests too."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        budget = getattr(self._crawler.spider, "budget", None)
        if budget is None:
            return
        if budget.is_spent:
            raise NotAsked("the requests of this run are spent")
        budget.sent += 1
