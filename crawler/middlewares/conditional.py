"""Ask for a known article conditionally, so that an unchanged page costs a 304.

Only first pages of articles whose latest version has a single page carry validators.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.session import session_of

_HEADERS = ("If-None-Match", "If-Modified-Since")


class ConditionalGetMiddleware:
    """Sends the ETag and Last-Modified of the capture that showed the latest version."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        for name in _HEADERS:  # a redirect copies the headers of the address it came from
            request.headers.pop(name, None)
        request.meta.pop("revisits", None)
        if not request.meta.get("is_conditional"):
            return
        archive = session_of(self._crawler).archive
        is_file = request.meta.get("kind") in ("attachment", "image")
        find = archive.file_validators if is_file else archive.validators
        validators = find(request.url)
        if validators is None:
            return
        if validators.etag:
            request.headers["If-None-Match"] = validators.etag.encode("latin-1")
        if validators.last_modified:
            request.headers["If-Modified-Since"] = validators.last_modified.encode("latin-1")
        request.meta["revisits"] = validators.capture_id
