"""Counts the requests that are sent and how long the portal takes to answer those for articles."""

from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.session import session_of


class ResponseTimesExtension:
    """Seconds from the request to the end of the headers, as Scrapy measures them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        # Not "reached": a stop drops requests that wait in the downloader and were never sent.
        crawler.signals.connect(self.request_sent, signals.request_left_downloader)
        crawler.signals.connect(self.response_received, signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def request_sent(self) -> None:
        """One more request."""
        session_of(self._crawler).report.requests += 1

    def response_received(self, response: Response, request: Request) -> None:
        """Keep the time of an article's answer."""
        latency = request.meta.get("download_latency")
        if request.meta.get("kind") == "article" and latency is not None:
            session_of(self._crawler).report.measures.response_seconds.append(latency)
