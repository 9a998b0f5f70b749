"""Pages of our own whose article is known: what the quality floor is measured on.

A third are the sample portals' own templates, the others articles in frames drawn here: order of
the parts, markup of the text, what stands around it. Nothing is third-party text, and page ``n`` is
always the same page. Called by ``test_extract_quality``.
"""

from tests.quality_pages.frame import FRAMED, framed_pages
from tests.quality_pages.options import ORDERS
from tests.quality_pages.page import QualityPage, squash
from tests.quality_pages.templates import template_pages
from tests.site.generator import generate_articles
from tests.site.record import written_articles

__all__ = ["FRAMED", "ORDERS", "QualityPage", "quality_pages", "squash"]

COMPOSED = 240  # articles


def quality_pages() -> list[QualityPage]:
    """All pages, in the same order every time."""
    written = [a for a in written_articles() if a.page_count == 1 and a.media_kind == "text"]
    articles = [*written, *generate_articles(COMPOSED)]
    return [*template_pages(articles), *framed_pages(articles)]
