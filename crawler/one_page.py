"""Fetch one address as politely as a crawl, archiving nothing.

Called by the commands that look at a single page: ``extract`` and ``savepage``.
"""

from collections.abc import AsyncIterator

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcessBase
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.middlewares.refusal import response_refusal


class FetchFailed(Exception):
    """There is no page at the address, or none for us; the message says why."""


def fetch_page(process: CrawlerProcessBase, url: str) -> Response:
    """The decompressed page after redirects.

    Raises ``FetchFailed`` when robots.txt forbids it, nothing answers, or the answer is no page.
    """
    result: list[Response] = []
    reasons: list[str] = []
    process.crawl(_OnePage, url=url, result=result, reasons=reasons)
    process.start()
    if not result:
        raise FetchFailed(f"{url}: {reasons[0] if reasons else 'no response'}")
    refusal = response_refusal(result[0])
    if refusal:
        raise FetchFailed(f"{url} refused the crawler: {refusal.reason}; it is left alone")
    if result[0].status != 200:
        raise FetchFailed(f"{url}: HTTP {result[0].status}; there is no page to read")
    return result[0]


class _OnePage(Spider):
    name = "one_page"
    custom_settings = {  # noqa: RUF012 - Scrapy's own declaration style
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
        "LOG_LEVEL": "ERROR",
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100
        },
    }

    def __init__(self, url: str, result: list[Response], reasons: list[str]) -> None:
        super().__init__()
        self._url, self._result, self._reasons = url, result, reasons

    async def start(self) -> AsyncIterator[Request]:
        yield Request(
            self._url,
            callback=self.keep,
            errback=self.explain,
            meta={"handle_httpstatus_list": [403, 404, 410, 412, 429, 521]},
        )

    def keep(self, response: Response) -> None:
        self._result.append(response)

    def explain(self, failure: Failure) -> None:
        self._reasons.append(str(failure.value) or type(failure.value).__name__)
