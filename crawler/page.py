"""Read one captured page: the same way while crawling and when re-reading the archive.

Called by ``crawler.spider`` and ``crawler.rules``.
"""

from crawler.extract import ExtractionError, extract
from crawler.portal import Portal
from storage import Article, Capture
from storage.content_encoding import decoded_body


def read_capture(capture: Capture, portal: Portal | None) -> Article:
    """What the page says, decoded from its wire bytes; raises ``ExtractionError``."""
    if capture.truncated:
        raise ExtractionError(f"{capture.url}: the body is cut short ({capture.truncated})")
    headers = {name.lower(): value for name, value in reversed(capture.headers)}
    try:
        body = decoded_body(capture.headers, capture.body)
    except ValueError as error:
        raise ExtractionError(f"{capture.url}: {error}; the capture keeps the bytes") from error
    return extract(body, url=capture.url, content_type=headers.get("content-type"), portal=portal)
