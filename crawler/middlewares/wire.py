"""Take every response off the wire, before decompression and redirects, as a Capture.

Stands nearest to the downloader. The captures of a request, its redirect hops and its retries
gather in ``request.meta["captures"]``; the spider hands them to the archive.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Headers, Response

from storage import Capture, clock


class WireCaptureMiddleware:
    """Records wire bytes; asks again for a body that was cut short."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        kind = request.meta.get("kind")
        if kind is None:  # robots.txt and whatever else is not kept
            return response
        spider = self._crawler.spider
        assert spider is not None
        truncated = "dataloss" in response.flags or "partial" in response.flags
        capture = Capture(
            url=response.url,
            status=response.status,
            headers=_pairs(response.headers),
            request_headers=_pairs(request.headers),
            method=request.method,
            body=response.body,
            captured_at=clock.now(),
            kind=kind,
            portal=getattr(spider, "portal_name", None),
            truncated="disconnect" if truncated else None,
            ip_address=str(response.ip_address) if response.ip_address else None,
            revisits=request.meta.get("revisits") if response.status == 304 else None,
        )
        captures = [*request.meta.get("captures", []), capture]
        request.meta["captures"] = captures
        if truncated:
            again = get_retry_request(request, spider=spider, reason="body cut short")
            if again is not None:
                return again
        return response


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Header lines in the order Scrapy keeps them, bytes as Latin-1 so that none is lost."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )
