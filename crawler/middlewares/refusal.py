"""A portal that refuses is left alone: 403, 412, 429 or a challenge page ends its crawl.

The refusal is kept as a capture with its reason; what was not yet asked for stays in the ledger.
"""

import asyncio
import re
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.session import session_of

_STATUS = {403: "forbidden", 412: "precondition failed", 429: "too many requests", 521: "refused"}
# Marks of the firewalls of domain.md sections 4 and 7: a small page that is only a script.
_CHALLENGE = re.compile(rb"__jsl_clearance|WZWS-|wzwschallenge|yunsuo_session|cloudwaf|HMWAF")
_CHALLENGE_BYTES = 8192  # challenge pages are small; an article that mentions one is not


class RefusalMiddleware:
    """Recognises refusals and stops asking."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._refusal: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if self._refusal and request.meta.get("kind"):
            raise IgnoreRequest(f"not asked: {self._refusal}")

    def process_response(self, request: Request, response: Response) -> Response:
        reason = refusal_of(response) if request.meta.get("kind") else None
        if reason and not self._refusal:
            spider, engine = self._crawler.spider, self._crawler.engine
            assert spider is not None
            assert engine is not None
            self._refusal = f"{response.url} refused the crawler: {reason}"
            spider.refusal = self._refusal  # type: ignore[attr-defined]
            session_of(self._crawler).report.problem(f"{self._refusal}; the portal is left alone")
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="refused"))
        return response


def refusal_of(response: Response) -> str | None:
    """Why this response is a refusal, ``None`` when it is not."""
    if response.status in _STATUS:
        after = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = f", asks to wait {after}" if after else ""
        return f"HTTP {response.status} {_STATUS[response.status]}{wait}"
    if len(response.body) <= _CHALLENGE_BYTES and _CHALLENGE.search(response.body):
        return "a challenge page instead of the article"
    return None
