"""Reads an article from the bytes of its page: ``extract``, ``explain``, ``join_pages``.

No scrapy here: the same functions serve the crawl, re-reading the archive and the tests.
"""

from crawler.extract.article import RELEASE, explain, extract, reader_name
from crawler.extract.errors import ExtractionError
from crawler.extract.pages import join_pages

__all__ = ["RELEASE", "ExtractionError", "explain", "extract", "join_pages", "reader_name"]
