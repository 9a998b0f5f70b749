"""robots.txt with its Crawl-delay, which Scrapy reads over.

Replaces Scrapy's middleware; the delay applies to the host's download slot and is never lowered.
"""

from protego import Protego
from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached


class CrawlDelayMiddleware(RobotsTxtMiddleware):
    """Obeys Allow, Disallow and Crawl-delay."""

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        super().process_request_2(rp, request)
        parsed: Protego | None = getattr(rp, "rp", None)
        delay = parsed.crawl_delay(self._default_useragent) if parsed else None
        engine = self.crawler.engine
        if not delay or engine is None:
            return
        # AutoThrottle may slow a slot down, but its least delay is the project's, not the host's.
        request.meta["autothrottle_dont_adjust_delay"] = True
        host = request.meta.get("download_slot") or urlparse_cached(request).hostname or ""
        slot = engine.downloader.slots.get(host)
        if slot and slot.delay < delay:
            slot.delay, slot.jitter = float(delay), 0.0
