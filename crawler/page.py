"""Read one captured page: the same way while crawling and when re-reading the archive.

Called by ``crawler.spider`` and ``crawler.rules``.
"""

import logging

from crawler.extract import ExtractionError, extract
from crawler.portal import Portal
from storage import Article, Capture
from storage.content_encoding import decoded_body

logger = logging.getLogger(__name__)


def read_capture(capture: Capture, portal: Portal | None) -> Article:
    """What the page says, decoded from its wire bytes; raises ``ExtractionError``."""
    if capture.truncated:
        raise ExtractionError(f"{capture.url}: the body is cut short ({capture.truncated})")
    headers = {name.lower(): value for name, value in reversed(capture.headers)}
    try:
        body = decoded_body(capture.headers, capture.body)
    except ValueError as error:
        raise ExtractionError(f"{capture.url}: {error}; the capture keeps the bytes") from error
    try:
        return extract(
            body, url=capture.url, content_type=headers.get("content-type"), portal=portal
        )
    except ExtractionError:
        raise
    except Exception as error:  # a defect of ours on one page must not lose the page
        logger.exception("%s: the extractor failed", capture.url)
        raise ExtractionError(
            f"{capture.url}: the extractor failed ({error!r}); the capture is kept, and"
            " `scrapy reextract` reads it once the defect is mended"
        ) from error
