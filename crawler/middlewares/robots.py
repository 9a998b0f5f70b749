"""robots.txt with its Crawl-delay, and nothing asked of a host whose robots.txt cannot be had.

Replaces Scrapy's middleware. The delay applies to the host's download slot and is never lowered.
"""

import asyncio

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.refusal import response_refusal
from crawler.session import session_of
from crawler.stopping import NotAsked


class CrawlDelayMiddleware(RobotsTxtMiddleware):
    """Obeys Allow, Disallow and Crawl-delay, and RFC 9309 where robots.txt is unreachable."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._fetches: dict[str, asyncio.Task[RobotParser | None]] = {}
        self._unreachable: dict[str, str] = {}
        self.responses: dict[str, Response] = {}  # robots.txt as answered, by host
        self.delays: dict[str, float] = {}  # seconds that it asks for, by host

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The host's rules, fetched once.

        Scrapy 2.19 hands its one Deferred to every waiting request; the first one to wake takes
        the parser, the others get ``None`` and pass unchecked. A task can be awaited many times.
        """
        host = urlparse_cached(request).netloc
        if host not in self._fetches:
            self._fetches[host] = asyncio.ensure_future(super().robot_parser(request))
        return await asyncio.shield(self._fetches[host])

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        self.responses[netloc] = response
        refusal = response_refusal(response)
        if response.status >= 500:  # RFC 9309 2.3.1.4: assume complete disallow
            self._unreachable[netloc] = f"HTTP {response.status}"
        elif refusal and response.status != 403:  # 2.3.1.3: other 4xx mean that there is none
            self._unreachable[netloc] = refusal.reason
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = str(exc) or type(exc).__name__
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        host = urlparse_cached(request).netloc
        if host in self._unreachable:
            reason = (
                f"robots.txt of {host} cannot be had ({self._unreachable[host]}), so nothing is"
                " asked of it; the next crawl tries again"
            )
            session_of(self.crawler).report.problem_once(reason)
            raise NotAsked(reason)
        super().process_request_2(rp, request)
        self._slow_down(rp, request)

    def _slow_down(self, rp: RobotParser | None, request: Request) -> None:
        delay = self._stated_delay(rp)
        engine, host = self.crawler.engine, urlparse_cached(request).hostname or ""
        if not delay or engine is None:
            return
        self.delays[host] = delay
        # AutoThrottle's least delay is the project's, not the host's: keep its hands off.
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader = engine.downloader
        slot = downloader.slots.get(host)
        if slot and slot.delay * (1 - slot.jitter) < delay:
            slot.delay, slot.jitter = max(delay, slot.delay), 0.0
        if host not in downloader.per_slot_settings:  # slots that idle are made anew
            delay = max(delay, downloader._delay)
            downloader.per_slot_settings[host] = {"delay": delay, "jitter": 0.0}

    def _stated_delay(self, rp: RobotParser | None) -> float:
        """Seconds between requests that robots.txt asks for, 0 when it asks for none."""
        parsed: Protego | None = getattr(rp, "rp", None)
        if parsed is None:
            return 0.0
        agent = self._robotstxt_useragent or self._default_useragent
        rate = parsed.request_rate(agent)  # of the first crawlers' draft, as Crawl-delay
        stated = (parsed.crawl_delay(agent), rate and rate.seconds / rate.requests)
        return max(float(delay) for delay in (*stated, 0) if delay is not None)
