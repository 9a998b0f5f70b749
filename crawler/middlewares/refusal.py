"""A portal that refuses is left alone: a refusal ends its crawl and is kept as a capture.

What was not yet asked for stays in the ledger. A file or image that a host forbids ends the asking
for that host's files only: many portals forbid single files and serve their pages.
"""

from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.refusal import Refusal, refusal_of
from crawler.session import session_of
from crawler.stopping import NotAsked, drop_waiting, stop_crawl, stop_reason
from storage import clock
from storage.content_encoding import decoded_body

_FILES = ("attachment", "image")


class RefusalMiddleware:
    """Recognises refusals, says so in ``request.meta["refusal"]``, and stops asking."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._no_files: dict[str, str] = {}
        # Scrapy sends the next waiting request before any middleware sees a response; this signal
        # comes before that.
        crawler.signals.connect(self.response_downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        kind = request.meta.get("kind")
        request.meta.pop("refusal", None)  # a redirect copies it
        reason = stop_reason(self._crawler)
        if kind in _FILES:
            reason = reason or self._no_files.get(urlparse_cached(request).netloc)
        if kind and reason:
            raise NotAsked(reason)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Look at a response as it came over the wire."""
        kind = request.meta.get("kind")
        refusal = response_refusal(response) if kind else None
        if refusal is None:
            return
        request.meta["refusal"] = refusal.reason
        request.meta["dont_retry"] = True
        reason = f"{response.url} refused the crawler: {refusal.reason}"
        portal = getattr(self._crawler.spider, "portal", None)
        is_portals = bool(portal and portal.has_host(response.url))
        if kind in _FILES and (response.status == 403 or not is_portals):
            host = urlparse_cached(response).netloc
            self._no_files[host] = reason
            drop_waiting(
                self._crawler,
                reason,
                lambda r: r.meta["kind"] in _FILES and urlparse_cached(r).netloc == host,
            )
        elif stop_reason(self._crawler) is None:
            session_of(self._crawler).report.refuse(reason, refusal.retry_at)
            stop_crawl(self._crawler, "refused", reason)


def response_refusal(response: Response) -> Refusal | None:
    """The refusal in a response, compressed or not, if it is one."""
    pairs = [
        (name.decode("latin-1").lower(), b"; ".join(values).decode("latin-1"))
        for name, values in response.headers.items()
    ]
    try:
        body = decoded_body(pairs, response.body)
    except ValueError:
        body = b""  # a damaged body says nothing; the status may
    return refusal_of(response.status, dict(pairs), body, clock.now())
