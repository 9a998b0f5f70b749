"""Stop a crawl at once and cleanly: what is being fetched is kept, nothing more is sent.

Called by the components that stop a portal (refusals, quiet hours). Scrapy alone would still send
what its downloader holds back for the delay: up to sixteen requests, half an hour at two minutes.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

_stopped: "WeakKeyDictionary[Crawler, str]" = WeakKeyDictionary()
_closing: "set[asyncio.Future[Any]]" = set()  # asyncio keeps only weak references to its tasks


class NotAsked(IgnoreRequest):
    """The request was never sent, for a reason that is not its own; the ledger keeps the URL."""


def stop_crawl(crawler: Crawler, outcome: str, reason: str) -> None:
    """End the crawl as ``outcome`` ("refused", "quiet hours"); ``reason`` says why, once."""
    if crawler in _stopped:
        return
    _stopped[crawler] = reason
    engine = crawler.engine
    if engine is None or engine.spider is None:
        return  # not begun yet: nothing will be asked (the middlewares look at stop_reason)
    drop_waiting(crawler, reason, lambda request: True)
    closing = asyncio.ensure_future(engine.close_spider_async(reason=outcome))
    _closing.add(closing)
    closing.add_done_callback(_closing.discard)


def drop_waiting(crawler: Crawler, reason: str, is_dropped: Callable[[Request], bool]) -> None:
    """Take requests out of the downloader that it has not sent yet; robots.txt always stays."""
    engine = crawler.engine
    assert engine is not None
    for slot in engine.downloader.slots.values():
        waiting = list(slot.queue)
        slot.queue.clear()
        for request, answer in waiting:
            if request.meta.get("kind") and is_dropped(request):
                answer.errback(NotAsked(reason))
            else:
                slot.queue.append((request, answer))


def stop_reason(crawler: Crawler) -> str | None:
    """Why the crawl has been stopped, ``None`` while it goes on."""
    return _stopped.get(crawler)
